using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Orchestration.Json;

namespace Sluice.Runtime;

/// <summary>Reads results of other runs, as far as a flow program reaches: it has no cloud's SDK.</summary>
internal static class RunResults
{
    /// <summary>A larger result is none to hold in a program that only started the run.</summary>
    public const int LongestResult = 64 * 1024 * 1024;

    // A server that says nothing for so long is not asked further.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>What the state of a completed run says of its result; null where it says nothing that is read here.</summary>
    public static ResultData? Of(State? state)
    {
        if (state is not { Type: StateType.Completed, Data: { ValueKind: JsonValueKind.Object } data })
        {
            return null;
        }

        try
        {
            return data.Deserialize(OrchestrationJson.Default.ResultData);
        }
        catch (JsonException)
        {
            // Of a flow in Python: what it carries is Prefect's own.
            return null;
        }
    }

    /// <summary>
    /// The result: from the state, the server, which may read a store for it, or a file of this machine; null where it is elsewhere, gone, too large or cannot be read now. The run has completed, and
    /// what its caller waited for must not be lost by that: its id, its state, and where the result is.
    /// </summary>
    public static async Task<JsonElement?> ReadAsync(ResultData kept, Guid flowRunId, HttpOrchestrationApi api, CancellationToken cancellationToken)
    {
        if (kept.Value is { } value)
        {
            return value;
        }

        // A null that travelled in the state is no value to System.Text.Json.
        if (kept.Type == "inline")
        {
            using JsonDocument nothing = JsonDocument.Parse("null");
            return nothing.RootElement.Clone();
        }

        try
        {
            if (await OpenAsync(kept, flowRunId, api, cancellationToken).ConfigureAwait(false) is not { } stream)
            {
                return null;
            }

            await using (stream.ConfigureAwait(false))
            {
                return await ReadAsync(stream, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (
            exception is OrchestrationException or HttpRequestException or IOException or UnauthorizedAccessException or JsonException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private static async Task<JsonElement?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using MemoryStream held = new();
        byte[] buffer = new byte[64 * 1024];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (true)
        {
            patience.CancelAfter(s_patience);
            int read = await stream.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            if (held.Length + read > LongestResult)
            {
                return null;
            }

            held.Write(buffer, 0, read);
        }

        using JsonDocument json = JsonDocument.Parse(held.GetBuffer().AsMemory(0, (int)held.Length));
        return json.RootElement.Clone();
    }

    private static async Task<Stream?> OpenAsync(ResultData kept, Guid flowRunId, HttpOrchestrationApi api, CancellationToken cancellationToken)
    {
        if (kept.StorageKey?.StartsWith(ResultData.ServerFolder, StringComparison.Ordinal) == true)
        {
            return await api.OpenResultAsync(flowRunId, cancellationToken).ConfigureAwait(false);
        }

        if (!Uri.TryCreate(kept.StorageKey, UriKind.Absolute, out Uri? place))
        {
            return null;
        }

        if (place.IsFile)
        {
            return File.Exists(place.LocalPath) ? File.OpenRead(place.LocalPath) : null;
        }

        // Sluice's server may read it with credentials of its own.
        return (await api.GetInfoAsync(cancellationToken).ConfigureAwait(false)).IsSluice ? await api.OpenResultAsync(flowRunId, cancellationToken).ConfigureAwait(false) : null;
    }
}
