using System.Text.Json;
using Sluice.Deploy.Planning.Merge;
using Sluice.Orchestration;
using Sluice.Schemas;
using Sluice.Schemas.Comparison;

namespace Sluice.Deploy.Planning;

/// <summary>
/// Finds where a deployment's new parameter schema refuses what the live one accepts, and what is saved on the server that the new one refuses. Costs
/// nothing where a deployment is new or its schema is the same; the server is asked for waiting runs only where something breaks.
/// </summary>
internal static class BreakingChanges
{
    private const int ShownChanges = 10;
    private const int WaitingRuns = 200;

    /// <summary>Codes and messages; empty where nothing breaks. The words are those of what is run.</summary>
    public static async Task<IReadOnlyList<(string Code, string Message)>> FindAsync(IEnumerable<PlannedDeployment> planned, IOrchestrationApi api, ConflictWords words, CancellationToken cancellationToken)
    {
        var breaking = new List<(string Text, string FullName)>();
        var saved = new List<(string Code, string Message)>();
        foreach (PlannedDeployment deployment in planned)
        {
            if (deployment.Live is not { } live || Compare(deployment) is not { Count: > 0 } changes)
                continue;
            string shown = string.Join("; ", changes.Take(ShownChanges).Select(change => $"{change.Path} {change.Message}"));
            breaking.Add((changes.Count > ShownChanges ? FormattableString.Invariant($"{shown}; and {changes.Count - ShownChanges} more") : shown, deployment.FullName));
            ParameterSchema schema = ParameterSchema.Parse(deployment.Flow.ParameterOpenapiSchema);
            IReadOnlyList<FlowRun> waiting = await WaitingAsync(live, api, cancellationToken).ConfigureAwait(false);
            if (Saved(deployment, live, waiting, schema).ToArray() is { Length: > 0 } misfits)
            {
                saved.Add((DeployCodes.SavedParametersDoNotFit,
                    $"{deployment.FullName}: parameters that are saved on the server do not fit the new schema: {string.Join("; ", misfits)}."));
            }
        }
        // Deployments of one flow mostly break in the same way: that is one message.
        return
        [
            .. breaking.GroupBy(one => one.Text, one => one.FullName).Select(group => (DeployCodes.BreakingChange,
                $"{string.Join(", ", group)}: the new parameters refuse what the deployed ones accept, so that whoever starts runs may fail: {group.Key}. "
                + $"Keep accepting the old ones, or where that is meant, {words.AllowBreaking}.")),
            .. saved,
        ];
    }

    private static List<SchemaChange> Compare(PlannedDeployment planned)
    {
        if (planned.Live!.ParameterOpenapiSchema is not { } before || JsonEquality.Same(before, planned.Flow.ParameterOpenapiSchema))
            return [];
        try
        {
            return [.. SchemaComparison.Compare(before, planned.Flow.ParameterOpenapiSchema, planned.Declared.Parameters?.Keys).Where(change => change.IsBreaking)];
        }
        catch (ArgumentException e)
        {
            // Ours was read before; what another tool left on the server promises nothing that could be told.
            return [new("$", true, $"cannot be compared, since the deployed schema is invalid ({e.Message.TrimEnd('.')})")];
        }
    }

    private static IEnumerable<string> Saved(PlannedDeployment planned, Deployment live, IReadOnlyList<FlowRun> waiting, ParameterSchema schema)
    {
        foreach (string misfit in Misfits(schema, live.Parameters))
            yield return $"{misfit} (the deployment's own; the code's replace them)";
        foreach (DeploymentSchedule schedule in live.Schedules)
        {
            bool isReplaced = planned.Declared.Schedules?.Any(declared => declared.Slug == schedule.Slug) == true;
            foreach (string misfit in Misfits(schema, schedule.Parameters))
                yield return $"{misfit} (schedule '{schedule.Slug ?? schedule.Id.ToString()}'{(isReplaced ? "; the code's replace them" : ", which would start no run any more")})";
        }
        foreach (FlowRun run in waiting)
            foreach (string misfit in Misfits(schema, run.Parameters))
                yield return $"{misfit} (run {run.Name}, which waits and would fail)";
    }

    /// <summary>Runs that people or programs made and that have not begun; those of schedules are made anew when the deployment changes.</summary>
    private static async Task<IReadOnlyList<FlowRun>> WaitingAsync(Deployment live, IOrchestrationApi api, CancellationToken cancellationToken)
    {
        IReadOnlyList<FlowRun> runs = await api.ListFlowRunsAsync(
            new() { FlowRuns = new() { DeploymentId = new() { Any = [live.Id] }, State = new() { Type = new() { Any = [StateType.Scheduled] } } }, Limit = WaitingRuns }, cancellationToken).ConfigureAwait(false);
        return [.. runs.Where(run => !run.AutoScheduled)];
    }

    private static IEnumerable<string> Misfits(ParameterSchema schema, IReadOnlyDictionary<string, JsonElement>? saved) =>
        saved is { Count: > 0 } ? schema.Validate(saved, ignoreRequired: true).Select(violation => $"{violation.Path} {violation.Message}") : [];
}
