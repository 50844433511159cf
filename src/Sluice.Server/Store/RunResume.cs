using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Schemas;

namespace Sluice.Server.Store;

/// <summary>The body of <c>/flow_runs/{id}/resume</c>.</summary>
internal sealed record ResumeBody
{
    public IReadOnlyDictionary<string, JsonElement>? RunInput { get; init; }
}

/// <summary>Lets a paused run go on, with what it waits for.</summary>
internal static class RunResume
{
    public static OrchestrationResult Resume(Scope scope, Guid id, ResumeBody body)
    {
        FlowRun run = FlowRuns.Get(scope, id);
        if (run.State is not { Type: StateType.Paused } paused)
        {
            scope.Quietly();
            return new() { State = null, Status = SetStateStatus.Abort, Details = new() { Type = "abort_details", Reason = "Cannot resume a flow run that is not paused." } };
        }
        IReadOnlyDictionary<string, JsonElement> input = body.RunInput ?? new Dictionary<string, JsonElement>();
        JsonElement? keys = paused.StateDetails.RunInputKeyset is { ValueKind: JsonValueKind.Object } keyset ? keyset : null;
        if (keys is { } known && Misfit(scope, id, known, ref input) is { } reason)
        {
            scope.Quietly();
            return new() { State = paused, Status = SetStateStatus.Reject, Details = new() { Type = "reject_details", Reason = reason } };
        }
        StateCreate next = paused.StateDetails.PauseReschedule == true
            ? new() { Type = StateType.Scheduled, Name = "Resuming", StateDetails = new() { ScheduledTime = scope.Now } }
            : new() { Type = StateType.Running };
        OrchestrationResult result = FlowRunStates.Set(scope, id, next, default);
        if (result.Status == SetStateStatus.Accept && input.Count > 0 && Key(keys, "response") is { } response)
            FlowRunInputs.Create(scope, id, new() { Key = response, Value = Columns.Map(input) });
        return result;
    }

    /// <summary>Judges what was put in by the schema that the run asked it with. Answers why it does not fit, or null.</summary>
    private static string? Misfit(Scope scope, Guid id, JsonElement keys, ref IReadOnlyDictionary<string, JsonElement> input)
    {
        HydratedParameters hydrated = Hydration.Of(scope, input);
        if (hydrated.Invalid.Concat(hydrated.Unknown).FirstOrDefault() is { } unknown)
            return $"Error hydrating run input: {unknown.Message}";
        input = hydrated.Parameters;
        if (Key(keys, "schema") is not { } key || FlowRunInputs.Find(scope, id, key) is not { } stored)
            return "Run input schema not found.";
        try
        {
            using JsonDocument schema = JsonDocument.Parse(stored.Value);
            return SchemaChecks.FirstViolation(schema.RootElement, input, ignoreRequired: false) is { } violation ? "Reason: " + violation : null;
        }
        catch (JsonException)
        {
            return "Run input schema is not valid JSON.";
        }
        catch (OrchestrationException error)
        {
            return "Invalid schema: " + error.Message;
        }
    }

    private static string? Key(JsonElement? keys, string name) =>
        keys is { } known && known.TryGetProperty(name, out JsonElement key) && key.ValueKind == JsonValueKind.String ? key.GetString() : null;
}
