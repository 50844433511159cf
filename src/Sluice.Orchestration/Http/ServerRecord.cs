using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Orchestration.Http;

/// <summary>What a running server writes to <c>$SLUICE_HOME/server.json</c>, so that other programs of this user find it.</summary>
public sealed record ServerRecord
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(2);

    /// <summary>The API's URL.</summary>
    public required string Url { get; init; }

    /// <summary>The server's process.</summary>
    public required int Pid { get; init; }

    /// <summary>When it began to listen, to the second.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>The version of Sluice that it runs.</summary>
    public string? Version { get; init; }

    /// <summary>The bearer token that it asks for, or null. The file is readable by its owner only.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The <c>user:password</c> that it asks for, or null.</summary>
    public string? AuthString { get; init; }

    /// <summary>The server as a client names it.</summary>
    /// <exception cref="OrchestrationException">Of kind Invalid: <see cref="Url"/> is not one.</exception>
    [JsonIgnore]
    public ApiEndpoint Endpoint => new(Url, ApiKey, AuthString);

    /// <summary>Writes the record at once, in place of an older one.</summary>
    /// <exception cref="IOException">The home cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The home cannot be written.</exception>
    public void Write(SluiceHome home)
    {
        Directory.CreateDirectory(home.Root);
        string temporary = home.ServerRecord + "." + Environment.ProcessId + ".tmp";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (FileStream file = new(temporary, options))
        {
            JsonSerializer.Serialize(file, this, WireJson.Default.ServerRecord);
        }

        File.Move(temporary, home.ServerRecord, overwrite: true);
    }

    /// <summary>Deletes the record if it is still this process's.</summary>
    public void Delete(SluiceHome home)
    {
        if (Read(home) == this)
        {
            File.Delete(home.ServerRecord);
        }
    }

    /// <summary>Reads the record; null where there is none that can be read.</summary>
    public static ServerRecord? Read(SluiceHome home)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(home.ServerRecord), WireJson.Default.ServerRecord);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null; // A record is a hint: without a good one there is no server to be found.
        }
    }

    /// <summary>The recorded server, if it answers within two seconds; null otherwise (a killed server leaves its record behind).</summary>
    public static async Task<ApiEndpoint?> FindLivingAsync(SluiceHome home, CancellationToken cancellationToken)
    {
        if (Read(home) is not { } record)
        {
            return null;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerTime);
        try
        {
            ApiEndpoint endpoint = record.Endpoint;
            using HttpTransport transport = new(endpoint, TimeProvider.System);
            ApiAnswer answer = await transport.ExchangeAsync(new ApiCall(HttpMethod.Get, "/health") { Attempts = 1 }, limit.Token).ConfigureAwait(false);
            return answer.IsSuccess ? endpoint : null;
        }
        catch (OrchestrationException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Where and which process; never the secrets.</summary>
    public override string ToString() => $"{Url} (process {Pid})";
}
