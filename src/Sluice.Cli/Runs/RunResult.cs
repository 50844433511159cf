using System.Text.Json;
using Sluice.Cli.Output;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;

namespace Sluice.Cli.Runs;

/// <summary>The result that a Completed state carries.</summary>
internal static class RunResult
{
    /// <summary>The result for people: JSON, or where it is; null where there is none to show.</summary>
    public static string? Text(State? state)
    {
        if (state is not { Type: StateType.Completed, Data: { ValueKind: JsonValueKind.Object } data } || !data.TryGetProperty("type", out JsonElement type))
            return null;
        if (type.ValueKind != JsonValueKind.String || type.GetString() is not ("inline" or "reference"))
            return null;
        ResultData result = data.Deserialize(OrchestrationJson.Default.ResultData)!;
        if (result.Value is { } value)
            return Json.Pretty(value);
        return result.StorageKey is { } key ? $"kept at {key} ({result.Size} bytes)" : null;
    }
}
