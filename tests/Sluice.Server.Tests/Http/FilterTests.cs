using System.Net;
using System.Text;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;

namespace Sluice.Server.Tests.Http;

/// <summary>Filters as Prefect's clients send them, each against all objects judged one by one.</summary>
public sealed class FilterTests : IAsyncLifetime
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly List<Flow> _flows = [];
    private readonly List<Deployment> _deployments = [];
    private Home _home = null!;
    private ApiHost _host = null!;
    private List<FlowRun> _runs = [];
    private Guid _parent;

    public async ValueTask InitializeAsync()
    {
        _home = await Home.OpenAsync();
        _host = await ApiHost.StartAsync(_home.Api, new() { Time = _home.Clock }, default);
        await _home.Api.CreateWorkPoolAsync(new() { Name = "p", Type = "process" }, default);
        foreach (string name in (string[])["Alpha", "beta", "gamma_x", "none"])
            _flows.Add(await _home.Api.EnsureFlowAsync(new() { Name = name, Tags = name == "beta" ? [] : ["t", name] }, default));
        for (int i = 0; i < 6; i++)
        {
            _deployments.Add(await _home.Api.UpsertDeploymentAsync(new()
            {
                Name = $"d{i}",
                FlowId = _flows[i % 3].Id,
                Paused = i == 4,
                Tags = i % 2 == 0 ? ["even", $"n{i}"] : [],
                WorkPoolName = i < 4 ? "p" : null,
                WorkQueueName = i == 1 ? "fast" : null,
                ConcurrencyLimit = i < 3 ? i + 1 : null,
                Schedules = i == 5 ? [new() { Slug = "s", Schedule = new() { Cron = "0 6 * * *" } }] : null,
            }, default));
        }
        StateType[] types = [StateType.Scheduled, StateType.Pending, StateType.Running, StateType.Completed, StateType.Failed];
        for (int i = 0; i < 30; i++)
        {
            _home.Clock.Advance(TimeSpan.FromMinutes(1));
            FlowRun run = i % 7 == 6
                ? await _home.Api.CreateFlowRunAsync(new() { FlowId = _flows[1].Id, Name = $"adhoc {i}", FlowVersion = "v2" }, default)
                : await _home.Api.CreateDeploymentRunAsync(_deployments[i % 5].Id, new() { Name = $"run {i}", Tags = i % 3 == 0 ? ["third"] : [], IdempotencyKey = i % 4 == 0 ? $"k{i}" : null }, default);
            if (types[i % types.Length] is var type and not StateType.Scheduled)
                await _home.SetAsync(run.Id, type, options: new() { Force = true });
        }
        await _home.CatchUpAsync();
        _runs = await _home.RunsAsync();
        _parent = _runs[3].Id;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        await _home.DisposeAsync();
    }

    private (string Filter, Func<FlowRun, bool> Matches)[] OfRuns =>
    [
        ("{}", _ => true),
        ("""{"flow_runs":{"state":{"type":{"any_":["RUNNING","FAILED"]}}}}""", run => run.StateType is StateType.Running or StateType.Failed),
        ("""{"flow_runs":{"state":{"type":{"not_any_":["SCHEDULED"]}}}}""", run => run.StateType != StateType.Scheduled),
        ("""{"flow_runs":{"state":{"operator":"or_","type":{"any_":["FAILED"]},"name":{"any_":["Completed"]}}}}""", run => run.StateName is "Completed" or "Failed"),
        ("""{"flow_runs":{"operator":"or_","name":{"like_":"adhoc"},"tags":{"all_":["third"]}}}""", run => run.Name.Contains("adhoc", StringComparison.Ordinal) || run.Tags.Contains("third")),
        ("""{"flow_runs":{"operator":"and_","name":{"like_":"RUN 1"},"tags":{"is_null_":false}}}""", run => run.Name.StartsWith("run 1", StringComparison.Ordinal) && run.Tags.Count > 0),
        ("""{"flow_runs":{"tags":{"operator":"or_","all_":["third","even"],"is_null_":true}}}""", run => run.Tags.Count == 0 || run.Tags.Contains("third") && run.Tags.Contains("even")),
        ("""{"flow_runs":{"tags":{"any_":["third","auto-scheduled"]}}}""", run => run.Tags.Contains("third") || run.Tags.Contains("auto-scheduled")),
        ("""{"flow_runs":{"deployment_id":{"is_null_":true}}}""", run => run.DeploymentId is null),
        ("""{"flow_runs":{"deployment_id":{"any_":["{d0}","{d1}"]}}}""", run => run.DeploymentId == _deployments[0].Id || run.DeploymentId == _deployments[1].Id),
        ("""{"flow_runs":{"id":{"any_":["{run}"]}}}""", run => run.Id == _parent),
        ("""{"flow_runs":{"id":{"not_any_":["{run}"]}}}""", run => run.Id != _parent),
        ("""{"flow_runs":{"work_queue_name":{"any_":["fast"]}}}""", run => run.WorkQueueName == "fast"),
        ("""{"flow_runs":{"flow_version":{"any_":["v2"]}}}""", run => run.FlowVersion == "v2"),
        ("""{"flow_runs":{"start_time":{"is_null_":true}}}""", run => run.StartTime is null),
        ("""{"flow_runs":{"start_time":{"after_":"2026-06-01T10:10:00Z","before_":"2026-06-01T10:20:00Z"}}}""", run => run.StartTime >= Home.Start.AddMinutes(10) && run.StartTime <= Home.Start.AddMinutes(20)),
        ("""{"flow_runs":{"end_time":{"is_null_":false}}}""", run => run.EndTime is not null),
        ("""{"flow_runs":{"next_scheduled_start_time":{"before_":"2026-06-01T10:15:00Z"}}}""", run => run.NextScheduledStartTime <= Home.Start.AddMinutes(15)),
        ("""{"flow_runs":{"expected_start_time":{"after_":"2026-06-01T10:15:00Z"}}}""", run => run.ExpectedStartTime >= Home.Start.AddMinutes(15)),
        ("""{"flow_runs":{"idempotency_key":{"any_":["k4","k8"]}}}""", run => run.IdempotencyKey is "k4" or "k8"),
        ("""{"flow_runs":{"created_by":{"type_":["SCHEDULE"]}}}""", run => run.CreatedBy?.Type == "SCHEDULE"),
        ("""{"flow_runs":{"created_by":{"is_null_":true}}}""", run => run.CreatedBy is null),
        ("""{"flow_runs":{"parent_task_run_id":{"is_null_":true}}}""", run => run.ParentTaskRunId is null),
        ("""{"flow_runs":{"parent_flow_run_id":{"any_":["{run}"]}}}""", _ => false),
        ("""{"flows":{"name":{"any_":["beta"]}},"deployments":{"tags":{"is_null_":true}}}""", run => run.FlowId == _flows[1].Id && DeploymentOf(run) is { Tags.Count: 0 }),
        ("""{"work_pools":{"name":{"any_":["p"]}},"work_pool_queues":{"name":{"any_":["default"]}}}""", run => run is { WorkPoolName: "p", WorkQueueName: "default" }),
        ("""{"flow_runs":null,"flows":null,"task_runs":null,"deployments":null,"work_pools":null,"work_pool_queues":null,"sort":"NAME_ASC","limit":null,"offset":0}""", _ => true),
    ];

    private (string Filter, Func<Deployment, bool> Matches)[] OfDeployments =>
    [
        ("{}", _ => true),
        ("""{"deployments":{"paused":{"eq_":true}}}""", deployment => deployment.Paused),
        ("""{"deployments":{"flow_or_deployment_name":{"like_":"alp"}}}""", deployment => deployment.FlowId == _flows[0].Id),
        ("""{"deployments":{"flow_or_deployment_name":{"like_":"D3"}}}""", deployment => deployment.Name == "d3"),
        ("""{"deployments":{"operator":"or_","paused":{"eq_":true},"name":{"any_":["d0"]}}}""", deployment => deployment.Paused || deployment.Name == "d0"),
        ("""{"deployments":{"tags":{"any_":["n2","n4"]}}}""", deployment => deployment.Name is "d2" or "d4"),
        ("""{"deployments":{"concurrency_limit":{"ge_":2}}}""", deployment => deployment.ConcurrencyLimit >= 2),
        ("""{"deployments":{"concurrency_limit":{"is_null_":true}}}""", deployment => deployment.ConcurrencyLimit is null),
        ("""{"deployments":{"work_queue_name":{"any_":["fast"]}}}""", deployment => deployment.WorkQueueName == "fast"),
        ("""{"work_pools":{"operator":"or_","name":{"any_":["q"]},"type":{"any_":["process"]}}}""", deployment => deployment.WorkPoolName == "p"),
        ("""{"flow_runs":{"state":{"type":{"any_":["FAILED"]}}}}""", deployment => _runs.Exists(run => run.DeploymentId == deployment.Id && run.StateType == StateType.Failed)),
    ];

    private (string Filter, Func<Flow, bool> Matches)[] OfFlows =>
    [
        ("{}", _ => true),
        ("""{"flows":{"deployment":{"is_null_":true}}}""", flow => !_deployments.Exists(deployment => deployment.FlowId == flow.Id)),
        ("""{"flows":{"deployment":{"is_null_":false}}}""", flow => _deployments.Exists(deployment => deployment.FlowId == flow.Id)),
        ("""{"flows":{"name":{"like_":"A_X"}}}""", flow => flow.Name == "gamma_x"),
        ("""{"flows":{"operator":"or_","tags":{"is_null_":true},"name":{"any_":["none"]}}}""", flow => flow.Name is "beta" or "none"),
        ("""{"deployments":{"paused":{"eq_":true}}}""", flow => _deployments.Exists(deployment => deployment.FlowId == flow.Id && deployment.Paused)),
    ];

    [Fact]
    public async Task Runs_are_filtered_counted_and_paged_as_if_each_were_judged_alone()
    {
        _runs.Count(run => run.AutoScheduled).ShouldBeGreaterThan(0);
        foreach ((string filter, Func<FlowRun, bool> matches) in OfRuns)
            await CheckAsync("flow_runs", filter, _runs.Where(matches).Select(run => run.Id));
    }

    [Fact]
    public async Task Deployments_are_filtered_counted_and_paged_as_if_each_were_judged_alone()
    {
        IReadOnlyList<Deployment> all = await _home.Api.ListDeploymentsAsync(new(), default);
        foreach ((string filter, Func<Deployment, bool> matches) in OfDeployments)
            await CheckAsync("deployments", filter, all.Where(matches).Select(deployment => deployment.Id));
    }

    [Fact]
    public async Task Flows_are_filtered_counted_and_paged_as_if_each_were_judged_alone()
    {
        foreach ((string filter, Func<Flow, bool> matches) in OfFlows)
            await CheckAsync("flows", filter, _flows.Where(matches).Select(flow => flow.Id));
    }

    [Theory]
    [InlineData("error", 3)]
    [InlineData("+disk -full", 1)]
    [InlineData("\"disk full\"", 1)]
    [InlineData("nothing", 0)]
    [InlineData("worker", 1)]
    public async Task Logs_are_searched_by_words(string query, int found)
    {
        await _home.Api.CreateLogsAsync([Log("an Error"), Log("ERROR: disk full"), Log("error: disk slow"), Log("fine", "the.worker")], default);
        string body = JsonSerializer.Serialize(new { logs = new { text = new { query }, task_run_id = new { is_null_ = true } } });
        (await PostAsync("/logs/filter", body)).GetArrayLength().ShouldBe(found);
    }

    [Fact]
    public async Task Many_runs_are_made_set_and_deleted_by_one_request()
    {
        JsonElement made = await PostAsync($"/deployments/{_deployments[0].Id}/create_flow_run/bulk", """[{"name":"bulk a"},{"name":"bulk b","idempotency_key":"k"}]""");
        made.GetProperty("results").EnumerateArray().Select(run => run.GetProperty("status").GetString()).ShouldBe(["CREATED", "CREATED"]);
        const string Bulk = "\"flow_runs\":{\"name\":{\"like_\":\"bulk\"}}";

        JsonElement set = await PostAsync("/flow_runs/bulk_set_state", "{" + Bulk + ""","state":{"type":"CANCELLED"}}""");
        set.GetProperty("results").EnumerateArray().Select(run => run.GetProperty("status").GetString()).ShouldBe(["ACCEPT", "ACCEPT"]);
        (await PostAsync("/flow_runs/bulk_delete", "{" + Bulk + "}")).GetProperty("deleted").GetArrayLength().ShouldBe(2);
        (await PostAsync("/flow_runs/count", "{" + Bulk + "}")).GetInt32().ShouldBe(0);
        (await PostAsync("/deployments/bulk_delete", """{"deployments":{"name":{"any_":["d0","d1"]}}}""")).GetProperty("deleted").GetArrayLength().ShouldBe(2);
        (await PostAsync("/flows/bulk_delete", """{"flows":{"name":{"any_":["none"]}}}""")).GetProperty("deleted").GetArrayLength().ShouldBe(1);
        await PostAsync("/flow_runs/bulk_delete", """{"limit":51}""", HttpStatusCode.UnprocessableEntity);
    }

    private static LogCreate Log(string message, string name = "n") => new() { Name = name, Level = 20, Message = message, Timestamp = Home.Start };

    private Deployment? DeploymentOf(FlowRun run) => _deployments.Find(deployment => deployment.Id == run.DeploymentId);

    private async Task CheckAsync(string family, string filter, IEnumerable<Guid> expected)
    {
        filter = filter.Replace("{d0}", _deployments[0].Id.ToString(), StringComparison.Ordinal).Replace("{d1}", _deployments[1].Id.ToString(), StringComparison.Ordinal)
            .Replace("{run}", _parent.ToString(), StringComparison.Ordinal);
        Guid[] wanted = [.. expected.Order()];
        (await IdsAsync($"/{family}/filter", filter)).Order().ShouldBe(wanted, ignoreOrder: false, customMessage: filter);
        string counted = filter.Contains("sort", StringComparison.Ordinal) ? "{}" : filter;
        (await PostAsync($"/{family}/count", counted)).GetInt32().ShouldBe(wanted.Length, filter);
        List<Guid> paged = [];
        for (int page = 1; page <= (wanted.Length + 3) / 4; page++)
        {
            JsonElement answer = await PostAsync($"/{family}/paginate", $"{{\"limit\":4,\"page\":{page}{(counted == "{}" ? "" : "," + counted[1..^1])}}}");
            answer.GetProperty("count").GetInt32().ShouldBe(wanted.Length, filter);
            answer.GetProperty("pages").GetInt32().ShouldBe((wanted.Length + 3) / 4);
            paged.AddRange(answer.GetProperty("results").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
        }
        paged.Order().ShouldBe(wanted, ignoreOrder: false, customMessage: filter);
    }

    private async Task<IEnumerable<Guid>> IdsAsync(string path, string body) => (await PostAsync(path, body)).EnumerateArray().Select(item => item.GetProperty("id").GetGuid());

    private async Task<JsonElement> PostAsync(string path, string body, HttpStatusCode status = HttpStatusCode.OK)
    {
        using HttpResponseMessage response = await _http.PostAsync(_host.Url + path, new StringContent(body, Encoding.UTF8, "application/json"));
        string answer = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(status, $"{path} {body}: {answer}");
        return JsonElement.Parse(answer);
    }
}
