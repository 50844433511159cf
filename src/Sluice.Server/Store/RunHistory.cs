using Sluice.Orchestration;
using Sluice.Server.Tasks;

namespace Sluice.Server.Store;

/// <summary>The body of <c>/flow_runs/history</c> and <c>/task_runs/history</c>.</summary>
internal sealed record HistoryQuery
{
    public required DateTimeOffset HistoryStart { get; init; }

    public required DateTimeOffset HistoryEnd { get; init; }

    public required double HistoryIntervalSeconds { get; init; }

    public FlowFilter? Flows { get; init; }

    public FlowRunFilter? FlowRuns { get; init; }

    public TaskRunFilter? TaskRuns { get; init; }

    public DeploymentFilter? Deployments { get; init; }

    public WorkPoolFilter? WorkPools { get; init; }

    public WorkQueueFilter? WorkQueues { get; init; }
}

/// <summary>What the runs that were expected in an interval are now.</summary>
internal sealed record HistoryInterval
{
    public required DateTimeOffset IntervalStart { get; init; }

    public required DateTimeOffset IntervalEnd { get; init; }

    public required IReadOnlyList<HistoryState> States { get; init; }
}

/// <summary>The runs of an interval that are in one state.</summary>
internal sealed record HistoryState
{
    public required StateType StateType { get; init; }

    public required string StateName { get; init; }

    public required int CountRuns { get; init; }

    public required double SumEstimatedRunTime { get; init; }

    public required double SumEstimatedLateness { get; init; }
}

/// <summary>Counts runs by when they were expected, for charts: one grouping query, whatever the number of runs.</summary>
internal static class RunHistory
{
    /// <summary>Prefect's.</summary>
    private const int MostIntervals = 500;

    public static List<HistoryInterval> OfFlowRuns(Scope scope, HistoryQuery query)
    {
        Sql where = Filters.OfFlowRuns(new()
        {
            Flows = query.Flows, FlowRuns = query.FlowRuns, Deployments = query.Deployments, WorkPools = query.WorkPools, WorkPoolQueues = query.WorkQueues,
        });
        Sql from = query.TaskRuns is null
            ? (Sql)$"flow_run r LEFT JOIN work_queue q ON q.id = r.work_queue_id LEFT JOIN work_pool p ON p.id = q.work_pool_id WHERE {where}"
            : (Sql)$"""
                flow_run r LEFT JOIN work_queue q ON q.id = r.work_queue_id LEFT JOIN work_pool p ON p.id = q.work_pool_id
                WHERE {where} AND EXISTS (SELECT 1 FROM task_run t WHERE t.flow_run_id = r.id AND {Filters.OfTaskRuns(new() { TaskRuns = query.TaskRuns })})
                """;
        return Of(scope, query, from, "r");
    }

    public static List<HistoryInterval> OfTaskRuns(Scope scope, HistoryQuery query)
    {
        Sql where = Filters.OfTaskRuns(new() { Flows = query.Flows, FlowRuns = query.FlowRuns, Deployments = query.Deployments, TaskRuns = query.TaskRuns });
        return Of(scope, query, (Sql)$"task_run t WHERE {where}", "t");
    }

    /// <summary>Average seconds between the expected and the real start, or now; null where no run matches.</summary>
    public static double? AverageLateness(Scope scope, FlowRunsQuery query) => scope.Db.Query($"""
        SELECT AVG(CASE
            WHEN r.start_time > r.expected_start_time THEN r.start_time - r.expected_start_time
            WHEN r.start_time IS NULL AND r.state_type NOT IN ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') AND r.expected_start_time < {scope.Now} THEN {scope.Now} - r.expected_start_time
            ELSE 0 END)
        FROM flow_run r LEFT JOIN work_queue q ON q.id = r.work_queue_id LEFT JOIN work_pool p ON p.id = q.work_pool_id WHERE {Filters.OfFlowRuns(query)}
        """, row => row.RealOrNull())[0] / TimeSpan.TicksPerSecond;

    private static List<HistoryInterval> Of(Scope scope, HistoryQuery query, Sql from, string alias)
    {
        if (!(query.HistoryIntervalSeconds >= 1))
            throw new OrchestrationException(OrchestrationErrorKind.Invalid, "History interval must not be less than 1 second.");
        TimeSpan interval = TimeSpan.FromSeconds(Math.Min(query.HistoryIntervalSeconds, TimeSpan.FromDays(36_500).TotalSeconds));
        DateTimeOffset start = query.HistoryStart.ToUniversalTime(), end = query.HistoryEnd.ToUniversalTime();
        int count = (int)Math.Clamp(Math.Ceiling((end - start) / interval), 0, MostIntervals);
        if (count == 0)
            return [];
        // The last interval may reach beyond the end, and is counted whole, as Prefect does.
        long past = start.UtcTicks + (interval.Ticks > (DateTimeOffset.MaxValue.UtcTicks - start.UtcTicks) / count ? DateTimeOffset.MaxValue.UtcTicks - start.UtcTicks : interval.Ticks * count);
        Sql Column(string name) => Sql.Raw($"{alias}.{name}");
        var groups = scope.Db.Query($"""
            SELECT ({Column("expected_start_time")} - {start}) / {interval} AS at, {Column("state_type")}, {Column("state_name")}, COUNT(*),
                SUM({Column("total_run_time")} + CASE WHEN {Column("state_type")} = 'RUNNING' THEN MAX(0, {scope.Now} - {Column("state_time")}) ELSE 0 END),
                SUM(MAX(0, CASE WHEN {Column("start_time")} IS NOT NULL THEN {Column("start_time")} - {Column("expected_start_time")}
                    WHEN {Column("state_type")} IN ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED') THEN 0 ELSE {scope.Now} - {Column("expected_start_time")} END))
            FROM {from} AND {Column("state_type")} IS NOT NULL AND {Column("expected_start_time")} >= {start} AND {Column("expected_start_time")} < {past}
            GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """, row => (At: row.Int(), State: new HistoryState
        {
            StateType = Columns.State(row.Text()),
            StateName = row.Text(),
            CountRuns = row.Int(),
            SumEstimatedRunTime = TimeSpan.FromTicks(row.Number()).TotalSeconds,
            SumEstimatedLateness = TimeSpan.FromTicks(row.Number()).TotalSeconds,
        })).ToLookup(group => group.At, group => group.State);
        return [.. Enumerable.Range(0, count).Select(at => new HistoryInterval
        {
            IntervalStart = Later(start, interval, at),
            IntervalEnd = Later(start, interval, at + 1),
            States = [.. groups[at]],
        })];
    }

    private static DateTimeOffset Later(DateTimeOffset start, TimeSpan interval, int times) =>
        interval.Ticks > 0 && times > (DateTimeOffset.MaxValue.UtcTicks - start.UtcTicks) / interval.Ticks ? DateTimeOffset.MaxValue : start + interval * times;
}
