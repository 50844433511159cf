using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;

namespace Sluice.Cli.Services;

/// <summary>The server of this process: endpoints that listen, and the record that tells others where.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly ApiHost _host;
    private readonly ServerRecord _record;
    private readonly SluiceHome _home;

    private RunningServer(ApiHost host, ServerRecord record, SluiceHome home, ApiEndpoint endpoint)
    {
        _host = host;
        _record = record;
        _home = home;
        Endpoint = endpoint;
    }

    /// <summary>Where programs of this machine reach it, and with what.</summary>
    public ApiEndpoint Endpoint { get; }

    public static async Task<RunningServer> StartAsync(Invocation call, IOrchestrationApi api, ServerAddress address, CancellationToken cancellationToken)
    {
        string? authString = call.Settings[CliSettings.ServerAuthString];
        if (authString is not null && !authString.Contains(':'))
            throw CliException.BadUsage($"{CliSettings.ServerAuthString} is not of the form user:password");
        string? apiKey = call.Settings[CliSettings.ServerApiKey];
        if (authString is not null && authString.EndsWith(':'))
            throw CliException.BadUsage($"{CliSettings.ServerAuthString} has no password behind its colon");
        var results = StoredResults.Of(api);
        ApiHost host;
        try
        {
            host = await ApiHost.StartAsync(
                api,
                new()
                {
                    Host = address.Host,
                    Port = address.Port,
                    Token = apiKey,
                    AuthString = authString,
                    CsrfProtection = call.Settings[CliSettings.ServerCsrf] is { } csrf && IsTrue(csrf),
                    AllowUnauthenticated = address.AllowUnauthenticated,
                    ResultsFolder = ChildApi.ResultsFolder(call.Home),
                    CopyResult = results,
                    Report = call.Screen.Note,
                },
                cancellationToken);
        }
        catch (OrchestrationException e) when (e.Kind == OrchestrationErrorKind.Forbidden)
        {
            throw new CliException(
                $"--host {address.Host} would let anybody on the network run programs here: set {CliSettings.ServerAuthString}=user:password (clients then need {CliSettings.ApiAuthString})"
                    + $" or {CliSettings.ServerApiKey} (clients need {CliSettings.ApiKey}), or write --allow-unauthenticated",
                ExitCodes.BadUsage,
                e);
        }
        catch (OrchestrationException e) when (e.Kind == OrchestrationErrorKind.Invalid)
        {
            throw new CliException($"--host: {e.Message}", ExitCodes.BadUsage, e);
        }
        var endpoint = new ApiEndpoint(host.Url.AbsoluteUri, apiKey, authString);
        var record = new ServerRecord
        {
            Url = endpoint.Url,
            Pid = Environment.ProcessId,
            Started = DateTimeOffset.FromUnixTimeSeconds(call.Now.ToUnixTimeSeconds()),
            Version = ProductVersion.Text,
            ApiKey = apiKey,
            AuthString = authString,
        };
        record.Write(call.Home);
        return new(host, record, call.Home, endpoint);
    }

    /// <summary>As Prefect reads settings.</summary>
    private static bool IsTrue(string setting) => setting.Trim().ToLowerInvariant() switch
    {
        "true" or "1" or "yes" or "on" or "t" or "y" => true,
        "false" or "0" or "no" or "off" or "f" or "n" => false,
        _ => throw CliException.BadUsage($"{CliSettings.ServerCsrf} is '{setting}'; it takes true or false"),
    };

    public async ValueTask DisposeAsync()
    {
        _record.Delete(_home);
        await _host.DisposeAsync();
    }
}

/// <summary>Where a server is to listen.</summary>
internal sealed record ServerAddress(string Host, int Port, bool AllowUnauthenticated);
