using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration.Http;
using Sluice.Testing.Prefect;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>
/// One publish on a server that is shared by many: deployments that people have touched, and changes of every kind: a new pool with a queue and a
/// deployment in it, one changed, one moved, one paused, one deleted. All names carry the scene's number, which its pictures leave out.
/// </summary>
internal sealed class ApplyScene
{
    private static int s_last;
    private readonly PrefectServer _server;
    private readonly string _mark;

    private ApplyScene(PrefectServer server)
    {
        _server = server;
        _mark = string.Create(CultureInfo.InvariantCulture, $"x{Interlocked.Increment(ref s_last)}x");
    }

    public string Flow => "flow-" + _mark;

    public DeploymentChanges Changes { get; private set; } = null!;

    /// <summary>The deployment that is changed.</summary>
    public Guid Changed { get; private set; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private bool IsPrefect2 => _server is Prefect2Server;

    public static async Task<ApplyScene> CreateAsync(PrefectServer server)
    {
        ApplyScene scene = new(server);
        await scene.BuildAsync();
        return scene;
    }

    /// <summary>Everything of this scene as the server answers it, but for ids and times that it makes itself.</summary>
    public async Task<string> PictureAsync()
    {
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        JsonArray flows = await AllAsync(http, "flows");
        JsonArray pools = await AllAsync(http, "work_pools");
        JsonArray deployments = await AllAsync(http, "deployments");
        JsonArray blocks = await AllAsync(http, "block_documents", """{"block_documents":{"is_anonymous":{"eq_":true}}}""");
        Dictionary<string, string> names = flows.ToDictionary(flow => flow!["id"]!.GetValue<string>(), flow => flow!["name"]!.GetValue<string>());
        List<string> lines = [.. names.Values.Where(name => name.Contains(_mark, StringComparison.Ordinal)).Select(name => $"flow {name}")];
        foreach (string pool in pools.Select(pool => pool!["name"]!.GetValue<string>()).Where(name => name.Contains(_mark, StringComparison.Ordinal) || name == "default-agent-pool"))
        {
            foreach (JsonNode? queue in await AllAsync(http, $"work_pools/{pool}/queues"))
            {
                string name = queue!["name"]!.GetValue<string>();
                if (pool.Contains(_mark, StringComparison.Ordinal) || name.Contains(_mark, StringComparison.Ordinal))
                    lines.Add($"queue {pool}/{name}");
            }
        }

        foreach (JsonObject deployment in deployments.Select(one => one!.AsObject()).Where(one => names[one["flow_id"]!.GetValue<string>()].Contains(_mark, StringComparison.Ordinal)))
        {
            string name = names[deployment["flow_id"]!.GetValue<string>()];
            if (deployment["infrastructure_document_id"] is { } block)
            {
                deployment["infrastructure_document_id"] = blocks.FirstOrDefault(one => one!["id"]!.GetValue<string>() == block.GetValue<string>())?["data"]?.DeepClone() ?? "gone";
            }

            if (deployment["labels"] is JsonObject labels)
                labels.Remove("prefect.flow.id");
            if (deployment["global_concurrency_limit"] is JsonObject limit)
                deployment["global_concurrency_limit"] = limit["limit"]!.DeepClone();
            if (deployment["schedules"] is JsonArray schedules)
            {
                foreach (JsonNode? schedule in schedules)
                    Strip(schedule!.AsObject());
                deployment["schedules"] = new JsonArray([.. schedules.Select(one => one!.DeepClone()).OrderBy(one => one.ToJsonString(), StringComparer.Ordinal)]);
            }

            Strip(deployment);
            lines.Add($"deployment {name}: {Sorted(deployment).ToJsonString()}");
        }

        return string.Join('\n', lines.Order(StringComparer.Ordinal)).Replace(_mark, "#", StringComparison.Ordinal);
    }

    /// <summary>The anonymous blocks that no deployment of the server names.</summary>
    public async Task<int> LostBlocksAsync()
    {
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        HashSet<string> used = [.. (await AllAsync(http, "deployments")).Select(one => one!["infrastructure_document_id"]?.GetValue<string>()).OfType<string>()];
        return (await AllAsync(http, "block_documents", """{"block_documents":{"is_anonymous":{"eq_":true}}}""")).Count(one => !used.Contains(one!["id"]!.GetValue<string>()));
    }

    private static void Strip(JsonObject answer)
    {
        foreach (string name in (ReadOnlySpan<string>)["id", "created", "updated", "flow_id", "deployment_id", "work_queue_id", "last_polled", "status", "created_by", "updated_by"])
            answer.Remove(name);
    }

    private static JsonNode Sorted(JsonNode node) => node is JsonObject members
        ? new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : Sorted(member.Value))))
        : node.DeepClone();

    private static Dictionary<string, JsonElement> Object(string json) => JsonElement.Parse(json).EnumerateObject().ToDictionary(member => member.Name, member => member.Value);

    private async Task<JsonArray> AllAsync(HttpClient http, string what, string body = "{}")
    {
        JsonArray all = [];
        while (true)
        {
            JsonObject query = JsonNode.Parse(body)!.AsObject();
            query["offset"] = all.Count;
            using HttpResponseMessage answer = await http.PostAsJsonAsync($"{_server.Url}/{what}/filter", query, Cancel);
            JsonArray page = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonArray>(Cancel))!;
            foreach (JsonNode? one in page)
                all.Add(one!.DeepClone());
            if (page.Count < 200)
                return all;
        }
    }

    private async Task BuildAsync()
    {
        _server.Fault = null;
        await using HttpOrchestrationApi people = new(_server.Endpoint);
        Flow flow = await people.EnsureFlowAsync(new() { Name = Flow, Tags = ["f"] }, Cancel);
        static string Job(string digest) => """{"command":"run","env":{"SLUICE_PACKAGE":"?","SLUICE_SCHEDULES":"a,b"}}""".Replace("?", digest, StringComparison.Ordinal);
        DeploymentCreate Live(string name) => new()
        {
            Name = name,
            FlowId = flow.Id,
            Version = "1",
            Tags = ["t"],
            Parameters = Object("""{"n":1}"""),
            ParameterOpenapiSchema = JsonElement.Parse("""{"type":"object","properties":{"n":{"type":"integer"}}}"""),
            JobVariables = Object(Job("one")),
            Path = "file:///one",
            Entrypoint = "App.dll!F",
            ConcurrencyLimit = null,
            Schedules = IsPrefect2 ? [new() { Schedule = new() { Cron = "0 6 * * *", Timezone = "Europe/Paris" } }]
                : [new() { Slug = "a", Schedule = new() { Cron = "0 6 * * *", Timezone = "Europe/Paris" } }, new() { Slug = "b", Schedule = new() { Interval = 900, AnchorDate = new(2026, 1, 1, 0, 5, 0, TimeSpan.Zero), Timezone = "UTC" }, Active = false, Parameters = Object("""{"n":2}""") }],
        };
        // The one that is changed has no job variables, no description and nothing but a queue: what an apply brings must go again.
        Changed = (await people.UpsertDeploymentAsync(Live("changed") with { WorkQueueName = "default" }, Cancel)).Id;
        if (!IsPrefect2)
            await people.CreateSchedulesAsync(Changed, [new() { Slug = "person", Schedule = new() { Rrule = "FREQ=DAILY;BYHOUR=9" }, Active = false }], Cancel);
        Guid old = (await people.UpsertDeploymentAsync(Live("old") with { Description = "hers", WorkPoolName = "default-agent-pool", WorkQueueName = "mine-" + _mark }, Cancel)).Id;
        await people.SetDeploymentPausedAsync(old, true, Cancel);
        Guid gone = (await people.UpsertDeploymentAsync(Live("gone") with { Labels = IsPrefect2 ? null : Object("""{"sluice.app":"App","team":"a"}"""), ConcurrencyLimit = IsPrefect2 ? null : 3 }, Cancel)).Id;
        await people.SetDeploymentPausedAsync(gone, true, Cancel);
        Guid paused = (await people.UpsertDeploymentAsync(Live("paused"), Cancel)).Id;

        IReadOnlyList<DeploymentScheduleCreate> next = IsPrefect2 ? [new() { Slug = "a", Schedule = new() { Cron = "30 7 * * *" } }]
            : [new() { Slug = "a", Schedule = new() { Cron = "30 7 * * *" } }, new() { Slug = "c", Schedule = new() { Rrule = "FREQ=DAILY;BYHOUR=5" } }, new() { Slug = "person", Schedule = new() { Rrule = "DTSTART:20200101T000000\nFREQ=DAILY;BYHOUR=9", Timezone = "UTC" } }];
        DeploymentCreate New(string name) => Live(name) with { FlowId = default, Version = "2", Tags = ["t", "u"], Parameters = Object("""{"n":5}"""), JobVariables = Object(Job("two")), Path = "file:///two", Schedules = next };
        Changes = new()
        {
            WorkPools = [new() { Name = "pool-" + _mark, Type = "process" }],
            Deployments =
            [
                new()
                {
                    FlowName = Flow,
                    Deployment = New("changed") with
                    {
                        Entrypoint = null,
                        Description = "new", Paused = true, ConcurrencyLimit = IsPrefect2 ? null : 2, WorkPoolName = "pool-" + _mark, WorkQueueName = "etl",
                        ParameterOpenapiSchema = JsonElement.Parse("""{"type":"object","properties":{"n":{"type":"integer"},"m":{"type":"string"}}}"""),
                    },
                    Cleared = ["entrypoint"],
                    StorageBlock = IsPrefect2 ? "s3/prod" : null,
                },
                new() { FlowName = "other-" + _mark, FlowTags = ["g"], InfrastructureData = IsPrefect2 ? Object("""{"command":["mine"]}""") : null, Deployment = New("new") with { WorkPoolName = "pool-" + _mark, WorkQueueName = "etl" } },
                new() { FlowName = Flow, Id = old, Deployment = New("moved") with { Description = null } },
            ],
            Paused = [paused],
            Deleted = [gone],
        };
    }
}
