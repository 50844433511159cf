using System.Net;
using System.Text;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Server.Http;

namespace Sluice.Server.Tests.Http;

/// <summary>
/// What each verb of Prefect 3.8's CLI asks of a server, in its order, as its public source has it: src/prefect/cli and src/prefect/client/orchestration. (Those of them that
/// were recorded are played byte for byte by the replay.) A placeholder in braces is an id; after the arrow stand the status and members that the verb prints.
/// </summary>
public sealed class PrefectCliTests
{
    private const string ByName = "GET /deployments/name/weather/daily -> 200 id name schedules";

    public static TheoryData<string, string[]> Verbs { get; } = new()
    {
        { "flow ls", ["""POST /flows/filter {"limit":15,"sort":"CREATED_DESC"} -> 200 [id name created"""] },
        { "deployment ls", ["""POST /deployments/filter {"flows":null,"limit":200,"offset":0,"sort":null} -> 200 [id name flow_id tags work_pool_name""", """POST /flows/filter {"flows":{"id":{"any_":["{flow}"]}},"limit":200,"offset":0} -> 200 [id name"""] },
        { "deployment inspect", [ByName, "GET /automations/related-to/prefect.deployment.{deployment} -> 200"] },
        { "deployment run", [ByName, "GET /flows/{flow} -> 200 name", """POST /deployments/{deployment}/create_flow_run {"parameters":{},"state":{"type":"SCHEDULED","state_details":{"scheduled_time":"2026-06-01T11:00:00Z"}},"tags":["cli"],"name":"by-hand"} -> 201 id name state"""] },
        { "deployment pause", [ByName, """PATCH /deployments/{deployment} {"paused":true} -> 204"""] },
        { "deployment resume", [ByName, """PATCH /deployments/{deployment} {"paused":false} -> 204"""] },
        { "deployment schedule create", [ByName, """POST /deployments/{deployment}/schedules [{"schedule":{"interval":3600.0,"anchor_date":"2026-01-01T00:00:00+00:00","timezone":"UTC"},"active":true}] -> 201 [id active schedule"""] },
        { "deployment schedule create --replace", [ByName, "DELETE /deployments/{deployment}/schedules/{schedule} -> 204", """POST /deployments/{deployment}/schedules [{"schedule":{"cron":"0 9 * * *","timezone":"Europe/Berlin","day_or":true},"active":true}] -> 201 [id"""] },
        { "deployment schedule ls", [ByName] },
        { "deployment schedule pause", [ByName, """PATCH /deployments/{deployment}/schedules/{schedule} {"active":false} -> 204"""] },
        { "deployment schedule pause --all", ["""POST /deployments/filter {"limit":200,"offset":0} -> 200 [schedules""", """PATCH /deployments/{deployment}/schedules/{schedule} {"active":false} -> 204"""] },
        { "deployment schedule resume", [ByName, """PATCH /deployments/{deployment}/schedules/{schedule} {"active":true} -> 204"""] },
        { "deployment schedule delete", [ByName, "DELETE /deployments/{deployment}/schedules/{schedule} -> 204"] },
        { "deployment schedule clear", [ByName, "GET /flows/{flow} -> 200 name", "DELETE /deployments/{deployment}/schedules/{schedule} -> 204"] },
        { "deployment delete", [ByName, "DELETE /deployments/{deployment} -> 204"] },
        { "deployment delete --all", ["""POST /deployments/filter {"limit":200,"offset":0} -> 200 [id name""", "DELETE /deployments/{deployment} -> 204"] },
        { "work-pool create", ["GET /collections/views/aggregate-worker-metadata -> 200 prefect", """POST /work_pools/ {"name":"made","type":"process","description":null,"base_job_template":{},"is_paused":false,"concurrency_limit":null} -> 201 id name type""", "GET /work_pools/made -> 200 id"] },
        { "work-pool ls", ["""POST /work_pools/filter {"limit":null,"offset":0,"work_pools":null} -> 200 [name type id concurrency_limit"""] },
        { "work-pool inspect", ["GET /work_pools/etl -> 200 name type status base_job_template"] },
        { "work-pool slots", ["""POST /work_pools/etl/concurrency_status {"page":1,"flow_run_limit":10} -> 200 active_slots concurrency_limit queues count pages page"""] },
        { "work-pool pause", ["""PATCH /work_pools/etl {"is_paused":true} -> 204"""] },
        { "work-pool resume", ["""PATCH /work_pools/etl {"is_paused":false} -> 204"""] },
        { "work-pool update", ["""PATCH /work_pools/etl {"description":"nightly","concurrency_limit":3} -> 204"""] },
        { "work-pool set-concurrency-limit", ["""PATCH /work_pools/etl {"concurrency_limit":5} -> 204"""] },
        { "work-pool clear-concurrency-limit", ["""PATCH /work_pools/etl {"concurrency_limit":null} -> 204"""] },
        { "work-pool get-default-base-job-template", ["GET /collections/views/aggregate-worker-metadata -> 200 prefect"] },
        { "work-pool preview", ["""POST /work_pools/etl/get_scheduled_flow_runs {"scheduled_before":"2026-06-01 11:00:00+00:00"} -> 200"""] },
        { "work-pool delete", ["GET /work_pools/etl -> 200", "DELETE /work_pools/etl -> 204"] },
        { "work-queue create", ["""POST /work_pools/etl/queues {"name":"made","priority":2} -> 201 id name priority""", """PATCH /work_queues/{queue} {"concurrency_limit":2} -> 204"""] },
        { "work-queue ls", ["POST /work_pools/etl/queues/filter {} -> 200 [name concurrency_limit id priority", "POST /work_queues/filter {} -> 200 [name work_pool_name"] },
        { "work-queue ls --match", ["""POST /work_queues/filter {"work_queues":{"name":{"startswith_":["REP"]}},"limit":200,"offset":0} -> 200 [name id"""] },
        { "work-queue inspect", ["GET /work_pools/etl/queues/reports -> 200 id", "GET /work_queues/{queue} -> 200 name", "GET /work_queues/{queue}/status -> 200 healthy late_runs_count health_check_policy"] },
        { "work-queue slots", ["GET /work_pools/etl/queues/reports -> 200 id", """POST /work_queues/{queue}/concurrency_status {"page":1} -> 200 active_slots concurrency_limit flow_runs count pages page"""] },
        { "work-queue set-concurrency-limit", ["GET /work_pools/etl/queues/reports -> 200 id", """PATCH /work_queues/{queue} {"concurrency_limit":4} -> 204"""] },
        { "work-queue clear-concurrency-limit", ["""PATCH /work_queues/{queue} {"concurrency_limit":null} -> 204"""] },
        { "work-queue pause", ["""PATCH /work_queues/{queue} {"is_paused":true} -> 204"""] },
        { "work-queue resume", ["""PATCH /work_queues/{queue} {"is_paused":false} -> 204"""] },
        { "work-queue preview", ["""POST /work_pools/etl/get_scheduled_flow_runs {"work_queue_names":["reports"],"scheduled_before":"2026-06-01 11:00:00+00:00"} -> 200"""] },
        { "work-queue read-runs", ["""POST /work_queues/{queue}/get_runs {"limit":10,"scheduled_before":"2026-06-01T11:00:00+00:00"} -> 200"""] },
        { "work-queue delete", ["GET /work_pools/etl/queues/reports -> 200 id", "DELETE /work_queues/{queue} -> 204"] },
        { "flow-run ls", ["""POST /flow_runs/filter {"flows":null,"flow_runs":null,"sort":"EXPECTED_START_TIME_DESC","limit":15,"offset":0} -> 200 [id name state flow_id""", """POST /flows/filter {"flows":{"id":{"any_":["{flow}"]}},"limit":200,"offset":0} -> 200 [name"""] },
        { "flow-run ls --state --tags", ["""POST /flow_runs/filter {"flow_runs":{"state":{"operator":"or_","type":{"any_":["RUNNING"]},"name":{"any_":["Late"]}},"tags":{"any_":["nightly"]}},"sort":"EXPECTED_START_TIME_DESC","limit":15,"offset":0} -> 200"""] },
        { "flow-run inspect", ["GET /flow_runs/{run} -> 200 id name state parameters deployment_id work_queue_name"] },
        { "flow-run inspect NAME", ["""POST /flow_runs/filter {"flow_runs":{"name":{"any_":["{runname}"]}},"limit":2,"offset":0} -> 200 [id name"""] },
        { "flow-run logs", ["GET /flow_runs/{run} -> 200 name", """POST /logs/filter {"logs":{"flow_run_id":{"any_":["{run}"]}},"limit":200,"offset":0,"sort":"TIMESTAMP_ASC"} -> 200"""] },
        { "flow-run cancel", ["GET /flow_runs/{run} -> 200", """POST /flow_runs/{run}/set_state {"state":{"type":"CANCELLING","name":"Cancelling","message":null,"state_details":{}},"force":false} -> 201 state status"""] },
        { "flow-run delete", ["GET /flow_runs/{run} -> 200", "DELETE /flow_runs/{run} -> 204"] },
        { "variable ls", ["""POST /variables/filter {"limit":100} -> 200 [name value"""] },
        { "variable inspect", ["GET /variables/name/city -> 200 id name value tags"] },
        { "variable get", ["GET /variables/name/city -> 200 value"] },
        { "variable set", ["GET /variables/name/made -> 404", """POST /variables/ {"name":"made","value":{"a":1},"tags":[]} -> 201 id"""] },
        { "variable set --overwrite", ["GET /variables/name/city -> 200", """PATCH /variables/name/city {"name":"city","value":"Lyon"} -> 204"""] },
        { "variable unset", ["DELETE /variables/name/city -> 204", "GET /variables/name/city -> 404"] },
    };

    [Theory, MemberData(nameof(Verbs))]
    public async Task A_verb_gets_what_it_asks_for(string verb, string[] requests)
    {
        await using Home home = await Home.OpenAsync();
        await using ApiHost host = await ApiHost.StartAsync(home.Api, new() { Time = home.Clock }, default);
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        Dictionary<string, string> ids = await FillAsync(home);
        foreach (string request in requests)
        {
            string[] parts = request.Split(" -> ");
            string[] words = parts[0].Split(' ', 3), expected = parts[1].Split(' ');
            using HttpRequestMessage message = new(new HttpMethod(words[0]), host.Url + Filled(words[1], ids));
            if (words.Length > 2)
                message.Content = new StringContent(Filled(words[2], ids), Encoding.UTF8, "application/json");
            using HttpResponseMessage answer = await http.SendAsync(message);
            string text = await answer.Content.ReadAsStringAsync();
            answer.StatusCode.ShouldBe((HttpStatusCode)int.Parse(expected[0], System.Globalization.CultureInfo.InvariantCulture), $"{verb}: {request}: {text}");
            if (expected.Length == 1)
                continue;
            JsonElement json = JsonElement.Parse(text);
            bool isList = expected[1].StartsWith('[');
            if (isList)
                json.GetArrayLength().ShouldBeGreaterThan(0, $"{verb}: {request}");
            JsonElement one = isList ? json[0] : json;
            foreach (string member in expected.Skip(1))
                one.TryGetProperty(member.TrimStart('['), out _).ShouldBeTrue($"{verb}: {member} in {text}");
        }
    }

    [Fact]
    public async Task Slots_are_taken_up_by_runs_that_are_pending_or_running()
    {
        await using Home home = await Home.OpenAsync();
        await using ApiHost host = await ApiHost.StartAsync(home.Api, new() { Time = home.Clock }, default);
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        Dictionary<string, string> ids = await FillAsync(home);
        var deployment = (await home.Api.ReadDeploymentAsync(Guid.Parse(ids["deployment"]), default))!;
        FlowRun running = await home.RunAsync(deployment), pending = await home.RunAsync(deployment);
        await home.SetAsync(running.Id, StateType.Pending);
        await home.SetAsync(running.Id, StateType.Running);
        await home.SetAsync(pending.Id, StateType.Pending);
        home.Clock.Advance(TimeSpan.FromSeconds(7));

        JsonElement queue = await AskAsync($"/work_queues/{ids["queue"]}/concurrency_status", """{"limit":1,"page":2}""");
        queue.GetProperty("active_slots").GetInt32().ShouldBe(2);
        queue.GetProperty("pages").GetInt32().ShouldBe(2);
        queue.GetProperty("flow_runs").GetArrayLength().ShouldBe(1);
        queue.GetProperty("flow_runs")[0].GetProperty("time_in_current_state").GetDouble().ShouldBe(7, 0.001);
        JsonElement pool = await AskAsync("/work_pools/etl/concurrency_status", """{"flow_run_limit":0}""");
        pool.GetProperty("active_slots").GetInt32().ShouldBe(2);
        JsonElement reports = pool.GetProperty("queues").EnumerateArray().Single(item => item.GetProperty("queue_name").GetString() == "reports");
        (reports.GetProperty("active_slots").GetInt32(), reports.GetProperty("flow_runs").GetArrayLength(), reports.GetProperty("flow_run_count").GetInt32()).ShouldBe((2, 0, 2));

        async Task<JsonElement> AskAsync(string path, string body)
        {
            using HttpResponseMessage answer = await http.PostAsync(host.Url + path, new StringContent(body, Encoding.UTF8, "application/json"));
            return JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        }
    }

    private static string Filled(string text, Dictionary<string, string> ids) => ids.Aggregate(text, (filled, id) => filled.Replace($"{{{id.Key}}}", id.Value, StringComparison.Ordinal));

    private static async Task<Dictionary<string, string>> FillAsync(Home home)
    {
        await home.Api.CreateWorkPoolAsync(new() { Name = "etl", Type = "process" }, default);
        Deployment deployment = await home.DeployAsync(cron: "0 9 * * *", change: create => create with { WorkPoolName = "etl", WorkQueueName = "reports", Tags = ["nightly"] });
        FlowRun run = await home.RunAsync(deployment);
        await home.Api.CreateVariableAsync(new() { Name = "city", Value = JsonElement.Parse("\"Paris\"") }, default);
        return new()
        {
            ["flow"] = deployment.FlowId.ToString(),
            ["deployment"] = deployment.Id.ToString(),
            ["schedule"] = deployment.Schedules[0].Id.ToString(),
            ["queue"] = deployment.WorkQueueId!.Value.ToString(),
            ["runname"] = run.Name,
            ["run"] = run.Id.ToString(),
        };
    }
}
