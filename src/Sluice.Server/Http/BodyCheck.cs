using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Orchestration.Json;
using Sluice.Server.Store;
using Sluice.Server.Tasks;

namespace Sluice.Server.Http;

/// <summary>
/// Compares a body with the type it is to become and finds every misfit with its place, as Pydantic does for Prefect: unknown and missing keys,
/// values of the wrong kind.
/// </summary>
internal sealed class BodyCheck(JsonSerializerOptions options)
{
    /// <summary>
    /// Keys that Prefect's clients send and Sluice has no use for. They may be there as long as they ask for nothing; a filter that would be
    /// ignored must not look as if it had been applied.
    /// </summary>
    private static readonly HashSet<string> PrefectKeys =
    [
        "operator", "task_runs", 
        "global_concurrency_limit_id", "storage_document_id", "infrastructure_document_id", "storage_configuration", "filter", "last_polled",
        "work_queues", "block_schemas",
    ];

    /// <summary>Keys that a self-hosted Prefect takes and forgets: they are for its cloud.</summary>
    private static readonly HashSet<string> Forgotten = ["version_info"];

    /// <summary>Types whose unknown keys Prefect passes over.</summary>
    private static readonly HashSet<Type> Open =
    [
        typeof(StateDetails), typeof(FlowRunPolicy), typeof(ConcurrencyOptions), typeof(FlowsQuery), typeof(DeploymentsQuery), typeof(FlowRunsQuery),
        typeof(WorkPoolsQuery), typeof(LogsQuery), typeof(ScheduledFlowRunsQuery), typeof(WorkerHeartbeat), typeof(EventCreate), typeof(DeploymentRunsQuery), typeof(Backfill),
        typeof(SetStateBody), typeof(BulkDelete), typeof(BulkSetState), typeof(WorkQueuesQuery), typeof(WorkersQuery), typeof(QueueRunsQuery), typeof(QueueSlotsQuery), typeof(PoolSlotsQuery), typeof(BlockTypesQuery), typeof(BlockSchemasQuery), typeof(BlockDocumentsQuery), typeof(VariablesQuery),
        typeof(ArtifactsQuery), typeof(ConcurrencyLimitsQuery), typeof(SlotsAcquire), typeof(SlotsRelease), typeof(SlotsLeaseBody), typeof(SlotsRenewal),
        typeof(ArtifactsBody), typeof(TaskRunsQuery), typeof(TaskRunPolicy), typeof(HistoryQuery), typeof(ResumeBody), typeof(FlowRunInputCreate), typeof(FlowRunInputsQuery), typeof(TagLimitReset), typeof(TagSlots),
        typeof(Everything), typeof(AutomationsQuery), typeof(RunIds), typeof(SavedSearchFilter),
    ];

    /// <summary>A body of misfits is not worth more words than this: each of millions would be answered with its place and input.</summary>
    private const int MaxProblems = 100;

    /// <summary>What was sent is told back beside a problem up to this size; the whole of it follows anyway.</summary>
    private const int MaxInputBytes = 4 << 10;

    private readonly List<BodyProblem> _problems = [];

    public IReadOnlyList<BodyProblem> Problems => _problems;

    private bool IsFull => _problems.Count >= MaxProblems;

    public void Check(JsonElement value, Type type, string place)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(JsonElement))
        {
            return;
        }

        JsonTypeInfo info = options.GetTypeInfo(type);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                CheckObject(value, info, place);
                break;
            case JsonTypeInfoKind.Enumerable when value.ValueKind == JsonValueKind.Array:
                int index = 0;
                foreach (JsonElement item in value.EnumerateArray())
                {
                    if (IsFull)
                    {
                        break;
                    }

                    Check(item, info.ElementType!, $"{place}.{index++}");
                }

                break;
            case JsonTypeInfoKind.Enumerable when type == typeof(IReadOnlyList<LogCreate>):
                Add("is_instance_of", place, "Input should be an instance of Sequence", value, """{"class":"Sequence"}""");
                break;
            case JsonTypeInfoKind.Enumerable:
                Add("list_type", place, "Input should be a valid list", value);
                break;
            case JsonTypeInfoKind.Dictionary:
                if (value.ValueKind != JsonValueKind.Object)
                {
                    Add("dict_type", place, "Input should be a valid dictionary", value);
                }

                break;
            default:
                CheckValue(value, type, place);
                break;
        }
    }

    private void CheckObject(JsonElement value, JsonTypeInfo info, string place)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            Add("model_attributes_type", place, "Input should be a valid dictionary or object to extract fields from", value);
            return;
        }

        foreach (JsonPropertyInfo property in info.Properties)
        {
            string at = $"{place}.{property.Name}";
            if (!value.TryGetProperty(property.Name, out JsonElement member))
            {
                if (property.IsRequired)
                {
                    // Parts of a body that stand for themselves are parameters to Prefect, which had no input at all.
                    Add("missing", at, "Field required", Open.Contains(info.Type) ? null : value);
                }
            }
            else if (member.ValueKind != JsonValueKind.Null || property.IsRequired || property.PropertyType is { IsValueType: true } type && Nullable.GetUnderlyingType(type) is null && type != typeof(JsonElement))
            {
                int before = _problems.Count;
                Check(member, property.PropertyType, at);
                if (_problems.Count == before && BodyRules.Find(info.Type, property.Name) is { } rule && rule.Broken(member) is { } broken)
                {
                    _problems.Add(broken with { Place = at, Input = Told(member) });
                }
            }
        }

        foreach (JsonProperty member in value.EnumerateObject().Where(member => info.Properties.All(property => property.Name != member.Name)))
        {
            if (IsFull)
            {
                return;
            }

            CheckUnknown(member, info.Type, $"{place}.{member.Name}");
        }
    }

    private void CheckUnknown(JsonProperty member, Type type, string place)
    {
        if (Forgotten.Contains(member.Name))
        {
            return;
        }

        if (PrefectKeys.Contains(member.Name))
        {
            if (!AsksForNothing(member.Value))
            {
                Add("value_error", place, "Value error, Sluice does not support this field", member.Value);
            }
        }
        else if (!Open.Contains(type))
        {
            Add("extra_forbidden", place, "Extra inputs are not permitted", member.Value);
        }
    }

    private static bool AsksForNothing(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.String => value.ValueEquals("and_") || value.ValueEquals(""),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.EnumerateObject().All(member => AsksForNothing(member.Value)),
        _ => false,
    };

    private void CheckValue(JsonElement value, Type type, string place)
    {
        if (type.IsEnum)
        {
            string[] names = [.. type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? field.Name)];
            if (value.ValueKind != JsonValueKind.String || !names.Contains(value.GetString()))
            {
                _problems.Add(BodyRules.NotOneOf(names) with { Place = place, Input = Told(value) });
            }

            return;
        }

        bool isNumber = value.ValueKind == JsonValueKind.Number;
        bool isString = value.ValueKind == JsonValueKind.String;
        (bool fits, string kind, string message) = type switch
        {
            _ when type == typeof(string) => (isString, "string_type", "Input should be a valid string"),
            _ when type == typeof(bool) => (value.ValueKind is JsonValueKind.True or JsonValueKind.False, "bool_parsing", "Input should be a valid boolean"),
            _ when type == typeof(int) && isString => (false, "int_parsing", "Input should be a valid integer, unable to parse string as an integer"),
            _ when type == typeof(int) => (isNumber && value.TryGetInt32(out _), "int_type", "Input should be a valid integer"),
            _ when type == typeof(long) => (isNumber && value.TryGetInt64(out _), "int_type", "Input should be a valid integer"),
            _ when type == typeof(double) => (isNumber, "float_parsing", "Input should be a valid number"),
            _ when type == typeof(Guid) => (isString && value.TryGetGuid(out _), "uuid_parsing", "Input should be a valid UUID"),
            _ when type == typeof(DateTimeOffset) => (isString && UtcTimeConverter.TryParse(value.GetString()!, out _), "datetime_from_date_parsing", "Input should be a valid datetime"),
            _ => throw new NotSupportedException($"A body of type {type} cannot be checked."),
        };
        if (!fits)
        {
            Add(kind, place, message, value);
        }
    }

    private void Add(string type, string place, string message, JsonElement? input, string? context = null) =>
        _problems.Add(new(type, place, message, input is { } sent ? Told(sent) : "null", context));

    private static string? Told(JsonElement input) => JsonMarshal.GetRawUtf8Value(input).Length <= MaxInputBytes ? input.GetRawText() : null;
}
