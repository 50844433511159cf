using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server.Store;
using Sluice.Server.Tasks;

namespace Sluice.Server.Http;

/// <summary>What Prefect's models say of single members beyond their types, from its OpenAPI document.</summary>
internal static class BodyRules
{
    private static readonly BodyRule _name = new(NoneOf: "/%&><");
    private static readonly BodyRule _notNegative = new(AtLeast: 0);
    private static readonly BodyRule _positive = new(Above: 0);
    private static readonly BodyRule _page = new(AtLeast: 1, Absent: "1");
    private static readonly BodyRule _no = new(Absent: "false");
    private static readonly BodyRule _yes = new(Absent: "true");
    private static readonly BodyRule _byName = new(OneOf: ["CREATED_DESC", "UPDATED_DESC", "NAME_ASC", "NAME_DESC"], Absent: "\"NAME_ASC\"");
    private static readonly BodyRule _newestFirst = new(Absent: "\"ID_DESC\"");

    private static readonly FrozenDictionary<(Type, string), BodyRule> _rules = new Dictionary<(Type, string), BodyRule>
    {
        [(typeof(FlowCreate), "name")] = _name,
        [(typeof(WorkPoolCreate), "name")] = _name,
        [(typeof(WorkPoolCreate), "concurrency_limit")] = _notNegative,
        [(typeof(WorkPoolUpdate), "concurrency_limit")] = _notNegative,
        [(typeof(WorkQueueCreate), "name")] = _name,
        [(typeof(WorkQueueCreate), "concurrency_limit")] = _notNegative,
        [(typeof(WorkQueueCreate), "priority")] = _positive,
        [(typeof(WorkQueueUpdate), "concurrency_limit")] = _notNegative,
        [(typeof(WorkQueueUpdate), "priority")] = _positive,
        [(typeof(DeploymentCreate), "concurrency_limit")] = _positive,
        [(typeof(DeploymentUpdate), "concurrency_limit")] = _positive,
        [(typeof(DeploymentScheduleCreate), "max_scheduled_runs")] = _positive,
        [(typeof(DeploymentScheduleUpdate), "max_scheduled_runs")] = _positive,
        [(typeof(ConcurrencyOptions), "collision_strategy")] = new(OneOf: ["ENQUEUE", "CANCEL_NEW"]),
        [(typeof(ConcurrencyOptions), "grace_period_seconds")] = new(AtLeast: 60, AtMost: 86_400),
        [(typeof(FlowsQuery), "sort")] = _byName,
        [(typeof(DeploymentsQuery), "sort")] = _byName,
        [(typeof(VariablesQuery), "sort")] = _byName,
        [(typeof(FlowRunsQuery), "sort")] = new(OneOf:
        [
            "ID_DESC", "START_TIME_ASC", "START_TIME_DESC", "EXPECTED_START_TIME_ASC", "EXPECTED_START_TIME_DESC", "NAME_ASC", "NAME_DESC",
            "NEXT_SCHEDULED_START_TIME_ASC", "END_TIME_DESC",
        ], Absent: "\"ID_DESC\""),
        [(typeof(QueueSlotsQuery), "page")] = _page,
        [(typeof(PoolSlotsQuery), "page")] = _page,
        [(typeof(PoolSlotsQuery), "flow_run_limit")] = new(AtLeast: 0, AtMost: Paging.MaxLimit, Absent: "10"),
        [(typeof(TaskRunsQuery), "sort")] = _newestFirst,
        [(typeof(ArtifactsQuery), "sort")] = _newestFirst,
        [(typeof(ArtifactsBody), "sort")] = _newestFirst,
        [(typeof(WorkPoolCreate), "type")] = new(Absent: "\"dotnet\""),
        [(typeof(LogsQuery), "sort")] = new(OneOf: ["TIMESTAMP_ASC", "TIMESTAMP_DESC"], Absent: "\"TIMESTAMP_ASC\""),
        [(typeof(BulkDelete), "limit")] = new(Absent: "50"),
        [(typeof(BulkSetState), "limit")] = new(Absent: "50"),
        [(typeof(BulkSetState), "force")] = _no,
        [(typeof(FlowRunInputsQuery), "limit")] = new(Absent: "1"),
        [(typeof(EventsQuery), "limit")] = new(Absent: "50"),
        [(typeof(EventCountQuery), "time_unit")] = new(Absent: "\"day\""),
        [(typeof(EventCountQuery), "time_interval")] = new(Absent: "1"),
        [(typeof(DeploymentCreate), "paused")] = _no,
        [(typeof(DeploymentCreate), "enforce_parameter_schema")] = _yes,
        [(typeof(DeploymentScheduleCreate), "active")] = _yes,
        [(typeof(Schedule), "day_or")] = _yes,
        [(typeof(ConcurrencyLimitCreate), "active")] = _yes,
        [(typeof(ConcurrencyLimitCreate), "active_slots")] = new(Absent: "0"),
        [(typeof(ConcurrencyLimitCreate), "denied_slots")] = new(Absent: "0"),
        [(typeof(ConcurrencyLimitCreate), "slot_decay_per_second")] = new(Absent: "0"),
        [(typeof(SlotsAcquire), "mode")] = new(Absent: "\"concurrency\""),
        [(typeof(SlotsAcquire), "lease_duration")] = new(Absent: "300"),
        [(typeof(SlotsRenewal), "lease_duration")] = new(Absent: "300"),
        [(typeof(BlockDocumentCreate), "is_anonymous")] = _no,
        [(typeof(BlockDocumentUpdate), "merge_existing_data")] = _yes,
        [(typeof(BlockDocumentsQuery), "include_secrets")] = _no,
        [(typeof(BlockSchemaCreate), "version")] = new(Absent: "\"non-versioned\""),
        [(typeof(WorkPoolCreate), "is_paused")] = _no,
        [(typeof(WorkQueueCreate), "is_paused")] = _no,
        [(typeof(WorkQueueCreate), "description")] = new(Absent: "\"\""),
    }.ToFrozenDictionary();

    /// <summary>What holds of these members wherever they are.</summary>
    private static readonly FrozenDictionary<string, BodyRule> _everywhere = new Dictionary<string, BodyRule>
    {
        ["offset"] = _notNegative with { Absent = "0" },
        ["operator"] = new(Absent: "\"and_\""),
    }.ToFrozenDictionary();

    /// <summary>The rule of a member, by its name on the wire.</summary>
    public static BodyRule? Find(Type type, string member) => _rules.GetValueOrDefault((type, member)) ?? _everywhere.GetValueOrDefault(member);

    public static BodyProblem NotOneOf(IReadOnlyList<string> names)
    {
        string expected = $"{string.Join(", ", names.SkipLast(1).Select(name => $"'{name}'"))} or '{names[^1]}'";
        return new("enum", "", $"Input should be {expected}", Context: $$"""{"expected":"{{expected}}"}""");
    }
}

/// <summary>A bound or a choice.</summary>
/// <param name="NoneOf">Characters that a text, which must not be empty, must not hold.</param>
/// <param name="OneOf">The texts allowed.</param>
/// <param name="AtLeast">The smallest number.</param>
/// <param name="Above">What a number must be above.</param>
/// <param name="AtMost">The largest number.</param>
/// <param name="Absent">What a route takes, as JSON, where the member is absent and the type itself says nothing.</param>
internal sealed record BodyRule(string? NoneOf = null, IReadOnlyList<string>? OneOf = null, int? AtLeast = null, int? Above = null, int? AtMost = null, string? Absent = null)
{
    /// <summary>What is wrong, without its place; null where the value fits.</summary>
    public BodyProblem? Broken(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            string text = value.GetString()!;
            if (NoneOf is { } banned && (text.Length == 0 || text.AsSpan().ContainsAny(banned)))
            {
                string pattern = $"^[^{banned}]+$";
                return new("string_pattern_mismatch", "", $"String should match pattern '{pattern}'", Context: $$"""{"pattern":"{{pattern}}"}""");
            }

            return OneOf is { } names && !names.Contains(text, StringComparer.Ordinal) ? BodyRules.NotOneOf(names) : null;
        }

        if (value.ValueKind != JsonValueKind.Number)
        {
            return null;
        }

        double number = value.GetDouble();
        return number < AtLeast ? Bound("greater_than_equal", "greater than or equal to", "ge", AtLeast.Value)
            : number <= Above ? Bound("greater_than", "greater than", "gt", Above.Value)
            : number > AtMost ? Bound("less_than_equal", "less than or equal to", "le", AtMost.Value)
            : null;
    }

    private static BodyProblem Bound(string type, string words, string key, int bound) => new(
        type, "", string.Create(CultureInfo.InvariantCulture, $"Input should be {words} {bound}"), Context: string.Create(CultureInfo.InvariantCulture, $$"""{"{{key}}":{{bound}}}"""));
}
