using Sluice.Orchestration;
using Sluice.Server.Tasks;

namespace Sluice.Server.Store;

/// <summary>
/// Turns filters into conditions. Several filters of one query are ANDed: a flow matches a filter on runs when one of its runs does.
/// Aliases: f flow, d deployment, r flow run, p work pool, q work queue.
/// </summary>
internal static class Filters
{
    private static readonly Sql _all = Sql.Raw("1");

    public static Sql OfFlows(FlowsQuery query) => And(
        Flow(query.Flows),
        Deployment(query.Deployments) is { } deployment ? (Sql)$"EXISTS (SELECT 1 FROM deployment d WHERE d.flow_id = f.id AND {deployment})" : null,
        FlowRun(query.FlowRuns) is { } run ? (Sql)$"EXISTS (SELECT 1 FROM flow_run r WHERE r.flow_id = f.id AND {run})" : null,
        query.WorkPools is not null ? (Sql)$"""
            EXISTS (SELECT 1 FROM deployment d JOIN work_queue q ON q.id = d.work_queue_id JOIN work_pool p ON p.id = q.work_pool_id
                WHERE d.flow_id = f.id AND {WorkPool(query.WorkPools)})
            """ : null);

    /// <summary>Expects the aliases f, d, q and p.</summary>
    public static Sql OfDeployments(DeploymentsQuery query) => And(
        Deployment(query.Deployments),
        Flow(query.Flows),
        FlowRun(query.FlowRuns) is { } run ? (Sql)$"EXISTS (SELECT 1 FROM flow_run r WHERE r.deployment_id = d.id AND {run})" : null,
        query.WorkPools is null ? null : WorkPool(query.WorkPools),
        WorkQueue(query.WorkPoolQueues));

    /// <summary>Expects the aliases r, q and p.</summary>
    public static Sql OfFlowRuns(FlowRunsQuery query) => And(
        FlowRun(query.FlowRuns),
        Flow(query.Flows) is { } flow ? (Sql)$"r.flow_id IN (SELECT f.id FROM flow f WHERE {flow})" : null,
        Deployment(query.Deployments) is { } deployment
            ? (Sql)$"r.deployment_id IN (SELECT d.id FROM deployment d WHERE {deployment})"
            : null,
        query.WorkPools is null ? null : WorkPool(query.WorkPools),
        WorkQueue(query.WorkPoolQueues));

    public static Sql OfLogs(LogFilter? filter) => filter is null ? _all : Joined(filter.Operator,
        filter.Level?.Ge is { } least ? (Sql)$"l.level >= {least}" : null,
        filter.Level?.Le is { } most ? (Sql)$"l.level <= {most}" : null,
        Time("l.timestamp", filter.Timestamp),
        Id("l.flow_run_id", filter.FlowRunId),
        Id("l.task_run_id", filter.TaskRunId),
        filter.Text is { } text ? LogText.Matches(text.Query) : null);

    /// <summary>Expects the alias a.</summary>
    public static Sql OfArtifacts(ArtifactsQuery query) => And(
        Id("a.id", query.Artifacts?.Id),
        Name("a.key", query.Artifacts?.Key is { } key ? new() { Any = key.Any, Like = key.Like, IsNull = !key.Exists } : null),
        Id("a.flow_run_id", query.Artifacts?.FlowRunId),
        Id("a.task_run_id", query.Artifacts?.TaskRunId),
        Name("a.type", query.Artifacts?.Type),
        query.FlowRuns is null && query.Flows is null && query.Deployments is null ? null
            : (Sql)$"a.flow_run_id IN ({RunIds(new() { FlowRuns = query.FlowRuns, Flows = query.Flows, Deployments = query.Deployments })})");

    /// <summary>Expects the alias t.</summary>
    public static Sql OfTaskRuns(TaskRunsQuery query) => And(
        Id("t.id", query.TaskRuns?.Id),
        Name("t.name", query.TaskRuns?.Name),
        Tags("t.tags", query.TaskRuns?.Tags),
        query.TaskRuns?.State?.Type?.Any is { } any ? (Sql)$"t.state_type IN ({Sql.List(any.Select(type => type.Text()))})" : null,
        Name("t.state_name", query.TaskRuns?.State?.Name),
        Time("t.start_time", query.TaskRuns?.StartTime),
        Time("t.end_time", query.TaskRuns?.EndTime),
        Time("t.expected_start_time", query.TaskRuns?.ExpectedStartTime),
        query.TaskRuns?.SubflowRuns?.Exists is { } exists
            ? (Sql)$"{Sql.Raw(exists ? "" : "NOT ")}EXISTS (SELECT 1 FROM flow_run s WHERE s.parent_task_run_id = t.id)" : null,
        Id("t.flow_run_id", query.TaskRuns?.FlowRunId),
        query.FlowRuns is null && query.Flows is null && query.Deployments is null ? null
            : (Sql)$"t.flow_run_id IN ({RunIds(new() { FlowRuns = query.FlowRuns, Flows = query.Flows, Deployments = query.Deployments })})");

    /// <summary>The ids of the flow runs that match.</summary>
    public static Sql RunIds(FlowRunsQuery query) =>
        (Sql)$"SELECT r.id FROM flow_run r LEFT JOIN work_queue q ON q.id = r.work_queue_id LEFT JOIN work_pool p ON p.id = q.work_pool_id WHERE {OfFlowRuns(query)}";

    public static Sql WorkPool(WorkPoolFilter? filter) => filter is null ? _all : Joined(filter.Operator,
        Id("p.id", filter.Id), Name("p.name", filter.Name), Name("p.type", filter.Type));

    public static Sql? WorkQueue(WorkQueueFilter? filter) => filter is null ? null : Joined(filter.Operator,
        Id("q.id", filter.Id), Name("q.name", new() { Any = filter.Name?.Any }), StartsWith("q.name", filter.Name?.StartsWith));

    private static Sql? Flow(FlowFilter? filter) => filter is null ? null : Joined(filter.Operator,
        filter.Deployment?.IsNull is { } none ? Sql.Raw($"{(none ? "NOT " : "")}EXISTS (SELECT 1 FROM deployment fd WHERE fd.flow_id = f.id)") : null,
        Id("f.id", filter.Id), Name("f.name", filter.Name), Tags("f.tags", filter.Tags));

    private static Sql? Deployment(DeploymentFilter? filter) => filter is null ? null : Joined(filter.Operator,
        filter.ConcurrencyLimit is null ? null : And(
            filter.ConcurrencyLimit.Ge is { } least ? (Sql)$"d.concurrency_limit >= {least}" : null,
            filter.ConcurrencyLimit.Le is { } most ? (Sql)$"d.concurrency_limit <= {most}" : null,
            IsNull("d.concurrency_limit", filter.ConcurrencyLimit.IsNull)),
        Id("d.id", filter.Id),
        Name("d.name", filter.Name),
        filter.FlowOrDeploymentName?.Like is { } like
            ? (Sql)$"(d.name LIKE {Contains(like)} ESCAPE '\\' OR (SELECT n.name FROM flow n WHERE n.id = d.flow_id) LIKE {Contains(like)} ESCAPE '\\')"
            : null,
        filter.Paused?.Eq is { } paused ? (Sql)$"d.paused = {paused}" : null,
        Tags("d.tags", filter.Tags),
        filter.Labels?.All is not { } labels ? null
            : And([.. labels.Select(label => (Sql?)$"EXISTS (SELECT 1 FROM json_each(d.labels) WHERE key = {label.Key} AND value = {label.Value})")]),
        filter.WorkQueueName is null ? null
            : (Sql)$"EXISTS (SELECT 1 FROM work_queue dq WHERE dq.id = d.work_queue_id AND {Name("dq.name", filter.WorkQueueName) ?? _all})");

    private static Sql? FlowRun(FlowRunFilter? filter) => filter is null ? null : Joined(filter.Operator,
        Id("r.id", filter.Id),
        Name("r.name", filter.Name),
        Tags("r.tags", filter.Tags),
        Id("r.deployment_id", filter.DeploymentId),
        filter.WorkQueueName is null ? null
            : (Sql)$"EXISTS (SELECT 1 FROM work_queue rq WHERE rq.id = r.work_queue_id AND {Name("rq.name", filter.WorkQueueName) ?? _all})",
        filter.State is not { } state ? null : Joined(state.Operator,
            state.Type is null ? null : And(
                state.Type.Any is { } any ? (Sql)$"r.state_type IN ({Sql.List(any.Select(type => type.Text()))})" : null,
                state.Type.NotAny is { } notAny ? (Sql)$"(r.state_type IS NULL OR r.state_type NOT IN ({Sql.List(notAny.Select(type => type.Text()))}))" : null),
            Name("r.state_name", state.Name)),
        Name("r.flow_version", filter.FlowVersion),
        Time("r.start_time", filter.StartTime),
        Time("r.end_time", filter.EndTime),
        Time("r.expected_start_time", filter.ExpectedStartTime),
        Time("r.next_scheduled_start_time", filter.NextScheduledStartTime),
        filter.ParentFlowRunId?.Any is { } parents ? (Sql)$"r.parent_task_run_id IN (SELECT t.id FROM task_run t WHERE t.flow_run_id IN ({Sql.List(parents)}))" : null,
        Id("r.parent_task_run_id", filter.ParentTaskRunId),
        filter.CreatedBy is not { } creator ? null : And(
            creator.Id is { } ids ? (Sql)$"r.created_by ->> 'id' IN ({Sql.List(ids.Select(id => id.ToString()))})" : null,
            creator.Type is { } types ? (Sql)$"r.created_by ->> 'type' IN ({Sql.List(types)})" : null,
            IsNull("r.created_by", creator.IsNull)),
        Name("r.idempotency_key", filter.IdempotencyKey));

    /// <summary>Expects the alias t.</summary>
    public static Sql BlockType(BlockTypeFilter? filter) => filter is null ? _all : And(Name("t.slug", filter.Slug));

    /// <summary>Expects the alias s.</summary>
    public static Sql BlockSchema(BlockSchemaFilter? filter) => filter is null ? _all : And(Id("s.id", filter.Id), Id("s.block_type_id", filter.BlockTypeId));

    /// <summary>Expects the aliases b and t. As Prefect, it leaves anonymous blocks out unless the filter speaks of them.</summary>
    public static Sql OfBlockDocuments(BlockDocumentsQuery query) => And(
        Id("b.id", query.BlockDocuments?.Id),
        Id("b.block_type_id", query.BlockDocuments?.BlockTypeId),
        Name("b.name", query.BlockDocuments?.Name),
        query.BlockDocuments?.IsAnonymous is { Eq: null } ? null : (Sql)$"b.is_anonymous = {query.BlockDocuments?.IsAnonymous?.Eq ?? false}",
        BlockType(query.BlockTypes));

    /// <summary>Expects the alias v.</summary>
    public static Sql Variable(VariableFilter? filter) => filter is null ? _all : Joined(filter.Operator,
        Id("v.id", filter.Id),
        Name("v.name", filter.Name),
        Tags("v.tags", filter.Tags));

    private static Sql? Id(string column, IdFilter? filter) => filter is null ? null : And(
        filter.Any is { } any ? (Sql)$"{Sql.Raw(column)} IN ({Sql.List(any)})" : null,
        filter.NotAny is { Count: > 0 } notAny ? (Sql)$"({Sql.Raw(column)} IS NULL OR {Sql.Raw(column)} NOT IN ({Sql.List(notAny)}))" : null,
        IsNull(column, filter.IsNull));

    private static Sql? Name(string column, NameFilter? filter) => filter is null ? null : And(
        filter.Any is { } any ? (Sql)$"{Sql.Raw(column)} IN ({Sql.List(any)})" : null,
        filter.NotAny is { Count: > 0 } notAny ? (Sql)$"({Sql.Raw(column)} IS NULL OR {Sql.Raw(column)} NOT IN ({Sql.List(notAny)}))" : null,
        filter.Like is { } like ? (Sql)$"{Sql.Raw(column)} LIKE {Contains(like)} ESCAPE '\\'" : null,
        IsNull(column, filter.IsNull));

    private static Sql? Time(string column, TimeFilter? filter) => filter is null ? null : And(
        filter.Before is { } before ? (Sql)$"{Sql.Raw(column)} <= {before}" : null,
        filter.After is { } after ? (Sql)$"{Sql.Raw(column)} >= {after}" : null,
        IsNull(column, filter.IsNull));

    private static Sql? Tags(string column, TagsFilter? filter) => filter is null ? null : Joined(filter.Operator, (Sql?[])
        [filter.All is { Count: > 0 } all ? And([.. all.Select(tag => (Sql?)$"EXISTS (SELECT 1 FROM json_each({Sql.Raw(column)}) WHERE value = {tag})")]) : null,
        filter.Any is { } any ? (Sql)$"EXISTS (SELECT 1 FROM json_each({Sql.Raw(column)}) WHERE value IN ({Sql.List(any)}))" : null,
        filter.IsNull is { } none ? Sql.Raw(none ? $"{column} = '[]'" : $"{column} <> '[]'") : null]);

    private static Sql? IsNull(string column, bool? isNull) =>
        isNull is { } none ? Sql.Raw(none ? $"{column} IS NULL" : $"{column} IS NOT NULL") : null;

    /// <summary>As the filter's operator says. In an alternative, a part that asks for nothing is no part.</summary>
    private static Sql Joined(FilterOperator? by, params Sql?[] conditions) => by == FilterOperator.Or
        ? (Sql)$"({Sql.Join(" OR ", [.. conditions.OfType<Sql>().Select(condition => (Sql)$"({condition})")], "1")})"
        : And(conditions);

    private static Sql And(params Sql?[] conditions) => Sql.Join(" AND ", [.. conditions.OfType<Sql>()], "1");

    /// <summary>Begins with one of these; ASCII letters are the same in either case.</summary>
    private static Sql? StartsWith(string column, IReadOnlyList<string>? starts) => starts switch
    {
        null => null,
        [] => Sql.Raw("0"),
        _ => Joined(FilterOperator.Or, [.. starts.Select(start => (Sql?)$"{Sql.Raw(column)} LIKE {Contains(start)[1..]} ESCAPE '\\'")]),
    };

    private static string Contains(string text) =>
        $"%{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
}
