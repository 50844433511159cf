using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;

namespace Sluice.Cli.Tests.Migration;

/// <summary>All that a server holds line by line, without what servers make up themselves: ids, times, states. Written apart from what migrate compares by.</summary>
internal static class Snapshot
{
    private static readonly string[] _own =
        ["id", "created", "updated", "flow_id", "work_queue_id", "last_polled", "status", "created_by", "updated_by", "deployment_id", "work_pool_id", "work_pool", "default_queue_id", "global_concurrency_limit", "concurrency_limit_id"];

    public static async Task<List<string>> OfAsync(IOrchestrationApi api, bool slugs = true)
    {
        var flows = (await api.ListFlowsAsync(new(), CancellationToken.None)).ToDictionary(flow => flow.Id);
        var pools = await api.ListWorkPoolsAsync(new(), CancellationToken.None);
        var lines = new List<string>();
        lines.AddRange(flows.Values.Select(flow => Line("flow", flow)));
        lines.AddRange((await api.ListVariablesAsync(new(), CancellationToken.None)).Select(variable => Line("variable", variable)));
        bool isPrefect2 = (await api.GetInfoAsync(CancellationToken.None)).Version.StartsWith("2.", StringComparison.Ordinal);
        lines.AddRange((isPrefect2 ? [] : await api.ListConcurrencyLimitsAsync(new(), CancellationToken.None)).Where(limit => !limit.Name!.StartsWith("deployment:", StringComparison.Ordinal)).Select(limit => Line("limit", limit)));
        foreach (WorkPool pool in pools)
        {
            lines.Add(Line("pool", pool));
            lines.AddRange((await api.ListWorkQueuesAsync(pool.Name, CancellationToken.None)).Select(queue => Line("queue", queue)));
        }
        foreach (Deployment deployment in await api.ListDeploymentsAsync(new(), CancellationToken.None))
        {
            JsonObject json = Node(deployment with { Schedules = slugs ? deployment.Schedules : [.. deployment.Schedules.Select(schedule => schedule with { Slug = null })] });
            json["flow"] = flows[deployment.FlowId].Name;
            lines.Add($"deployment {json.ToJsonString()}");
        }
        return [.. lines.Order(StringComparer.Ordinal)];
    }

    private static string Line<T>(string kind, T value) => $"{kind} {Node(value).ToJsonString()}";

    private static JsonObject Node<T>(T value) =>
        (JsonObject)Sorted(JsonSerializer.SerializeToNode(value, OrchestrationJson.Default.GetTypeInfo(typeof(T))!)!.AsObject())!;

    private static JsonNode? Sorted(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                var sorted = new JsonObject();
                foreach ((string name, JsonNode? value) in map.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    if (_own.Contains(name) || value is null || (name == "prefect.flow.id") || value is JsonObject { Count: 0 } or JsonArray { Count: 0 })
                        continue;
                    // A server tells of these only where they say something.
                    if ((name, value.ToString()) is ("misfire", "skip") or ("dst", "prefect_compatible"))
                        continue;
                    // What has no slug gets one where it is copied to.
                    if (name is "slug" && value.GetValue<string>().StartsWith("schedule-", StringComparison.Ordinal))
                        continue;
                    // Where Prefect lets a rule begin that does not say when.
                    if (name == "rrule")
                    {
                        sorted[name] = value.GetValue<string>().Replace("DTSTART:20200101T000000\n", "", StringComparison.Ordinal);
                        continue;
                    }
                    JsonNode? inner = Sorted(value.DeepClone());
                    if (inner is JsonArray array && name is "schedules" or "tags")
                        inner = new JsonArray([.. ((JsonArray)inner).Select(item => item!.ToJsonString()).Order(StringComparer.Ordinal).Select(text => JsonNode.Parse(text))]);
                    if (inner is not JsonValue text || !text.TryGetValue(out string? empty) || empty.Length > 0 || name == "value")
                        sorted[name] = inner;
                }
                return sorted;
            case JsonArray array:
                return new JsonArray([.. array.Select(item => Sorted(item?.DeepClone()))]);
            default:
                return node?.DeepClone();
        }
    }
}
