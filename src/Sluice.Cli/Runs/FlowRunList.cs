using Sluice.Orchestration;

namespace Sluice.Cli.Runs;

/// <summary>Chooses the runs that <c>flow-run ls</c> shows.</summary>
internal static class FlowRunList
{
    /// <summary>
    /// The runs nearest to now, newest first. A schedule makes up to a hundred runs ahead: without care they alone would fill the list. So of runs
    /// to come the soonest are taken, at least half the list is kept for those that have begun, and either side takes what the other leaves.
    /// </summary>
    public static async Task<IReadOnlyList<FlowRun>> ReadAsync(
        IOrchestrationApi api, FlowRunsQuery query, IReadOnlyList<string> states, int limit, CancellationToken cancellationToken)
    {
        if (states.Count > 0)
        {
            FlowRunsQuery wanted = query with { Sort = "EXPECTED_START_TIME_DESC", FlowRuns = new() { State = StateFilterOf(states) } };
            return await FirstAsync(api, wanted, limit, cancellationToken);
        }
        FlowRunsQuery begun = query with
        {
            Sort = "EXPECTED_START_TIME_DESC",
            FlowRuns = new() { State = new() { Type = new() { NotAny = [StateType.Scheduled] } } },
        };
        FlowRunsQuery toCome = query with
        {
            Sort = "NEXT_SCHEDULED_START_TIME_ASC",
            FlowRuns = new() { State = new() { Type = new() { Any = [StateType.Scheduled] } } },
        };
        List<FlowRun> past = await FirstAsync(api, begun, limit, cancellationToken);
        List<FlowRun> future = await FirstAsync(api, toCome, limit, cancellationToken);
        int taken = Math.Min(future.Count, Math.Max(limit / 2, limit - past.Count));
        return [.. future.Take(taken).Concat(past.Take(limit - taken))
            .OrderByDescending(run => run.NextScheduledStartTime ?? run.StartTime ?? run.ExpectedStartTime ?? run.Created)];
    }

    /// <summary>A state is named by its type (in any case) or by its name, as <c>Late</c>.</summary>
    private static StateFilter StateFilterOf(IReadOnlyList<string> states)
    {
        StateType?[] types = [.. states.Select(state => Enum.TryParse(state, ignoreCase: true, out StateType type) && Enum.IsDefined(type) && !char.IsDigit(state[0]) ? type : (StateType?)null)];
        return types.All(type => type is not null)
            ? new() { Type = new() { Any = [.. types.Select(type => type!.Value)] } }
            : new() { Name = new() { Any = [.. states.Select((state, i) => types[i]?.ToString() ?? Titled(state))] } };
    }

    private static string Titled(string state) => string.Equals(state, "late", StringComparison.OrdinalIgnoreCase) ? "Late" : state;

    private static async Task<List<FlowRun>> FirstAsync(IOrchestrationApi api, FlowRunsQuery query, int limit, CancellationToken cancellationToken)
    {
        var runs = new List<FlowRun>();
        while (runs.Count < limit)
        {
            int wanted = Math.Min(Pages.Size, limit - runs.Count);
            IReadOnlyList<FlowRun> page = await api.ListFlowRunsAsync(query with { Limit = wanted, Offset = runs.Count }, cancellationToken);
            runs.AddRange(page);
            if (page.Count < wanted)
                break;
        }
        return runs;
    }
}
