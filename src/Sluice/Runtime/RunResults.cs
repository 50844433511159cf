using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Orchestration.Json;

namespace Sluice.Runtime;

/// <summary>Reads results of other runs, as far as a flow program reaches: it has no cloud's SDK.</summary>
internal static class RunResults
{
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

    /// <summary>The result: from the state, the server, or a file of this machine; null where it is elsewhere or gone.</summary>
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

        if (await OpenAsync(kept, flowRunId, api, cancellationToken).ConfigureAwait(false) is not { } stream)
        {
            return null;
        }

        await using (stream.ConfigureAwait(false))
        {
            using JsonDocument json = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken).ConfigureAwait(false);
            return json.RootElement.Clone();
        }
    }

    private static async Task<Stream?> OpenAsync(ResultData kept, Guid flowRunId, HttpOrchestrationApi api, CancellationToken cancellationToken)
    {
        if (kept.StorageKey?.StartsWith(ResultData.ServerFolder, StringComparison.Ordinal) == true)
        {
            return await api.OpenResultAsync(flowRunId, cancellationToken).ConfigureAwait(false);
        }

        return Uri.TryCreate(kept.StorageKey, UriKind.Absolute, out Uri? place) && place.IsFile && File.Exists(place.LocalPath) ? File.OpenRead(place.LocalPath) : null;
    }
}
