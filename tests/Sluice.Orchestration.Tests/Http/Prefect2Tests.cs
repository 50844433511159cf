using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration.Http;
using Sluice.Testing.Prefect;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>What the client does on a server of Prefect 2.10, beyond the contract suite.</summary>
public sealed class Prefect2Tests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_server_is_is_asked_once_whoever_asks_at_the_same_time()
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => api.ListDeploymentsAsync(new(), Cancel)));
        server.Requests.Count(request => request.Path == "/admin/version").ShouldBe(1);
        server.Requests.Count(request => request.Path == "/sluice/info").ShouldBe(1);
    }

    [Fact]
    public async Task The_one_schedule_is_added_changed_paused_and_deleted()
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        Guid id = (await api.UpsertDeploymentAsync(new() { Name = "d", FlowId = (await api.EnsureFlowAsync(new() { Name = "f" }, Cancel)).Id }, Cancel)).Id;

        DeploymentSchedule added = (await api.CreateSchedulesAsync(id, [new() { Schedule = new() { Cron = "0 6 * * *", Timezone = "UTC" } }], Cancel)).ShouldHaveSingleItem();
        (added.Id, added.Active, added.Schedule.Cron).ShouldBe((id, true, "0 6 * * *"));
        await api.UpdateScheduleAsync(id, added.Id, new() { Active = false }, Cancel);
        await api.UpdateScheduleAsync(id, added.Id, new() { Schedule = new() { Interval = 600 } }, Cancel);
        Deployment paused = (await api.ReadDeploymentAsync(id, Cancel)).ShouldNotBeNull();
        (paused.Paused, paused.Schedules[0].Active, paused.Schedules[0].Schedule.Interval).ShouldBe((true, false, 600));
        OrchestrationException second = await Should.ThrowAsync<OrchestrationException>(() => api.CreateSchedulesAsync(id, [new() { Schedule = new() { Cron = "0 7 * * *" } }], Cancel));
        (second.Kind, second.Message).ShouldBe((OrchestrationErrorKind.Unsupported, "Prefect 2 has one schedule a deployment, and 'd' has its own: change that one."));

        (await api.DeleteScheduleAsync(id, added.Id, Cancel)).ShouldBeTrue();
        (await api.DeleteScheduleAsync(id, added.Id, Cancel)).ShouldBeFalse();
        (await api.ReadDeploymentAsync(id, Cancel)).ShouldNotBeNull().Schedules.ShouldBeEmpty();
        (await Should.ThrowAsync<OrchestrationException>(() => api.UpdateScheduleAsync(id, id, new() { Active = true }, Cancel))).Kind.ShouldBe(OrchestrationErrorKind.NotFound);
    }

    public static TheoryData<string, string> Unsupported => new()
    {
        { "schedules", "Prefect 2 has one schedule a deployment, and deployment 'd' would have 2: declare a deployment for each." },
        { "schedule parameters", "Prefect 2 runs a schedule with the deployment's own parameters: the schedule of deployment 'd' cannot have others." },
        { "limit", "Prefect 2 limits runs at once by work pool or queue, not by deployment: deployment 'd' cannot have a concurrency limit there." },
        { "run variables", "Prefect 2 takes job variables from the deployment only: a run cannot have its own." },
        { "run queue", "Prefect 2 runs a deployment in its own queue only: leave the run's work queue out." },
        { "global limit", "Prefect 2 has no global concurrency limits: <url> is Prefect 2.10.21. Limit the work queue instead." },
        { "flows with deployments", "Prefect 2 does not filter flows by whether they have deployments." },
        { "deployments by limit", "Prefect 2 has no concurrency limits of deployments to filter by." },
        { "runs by parent", "Prefect 2 filters by the task run that stands for a run in its parent, not by the parent." },
        { "runs by creator", "Prefect 2 does not filter by who created runs." },
        { "logs by words", "Prefect 2 does not look for words in logs." },
    };

    [Theory, MemberData(nameof(Unsupported))]
    public async Task What_it_cannot_do_is_said_and_nothing_is_sent(string what, string message)
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync(cancellationToken: Cancel);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        DeploymentScheduleCreate schedule = new() { Schedule = new() { Cron = "0 6 * * *" } };
        DeploymentCreate deployment = new() { Name = "d", FlowId = Guid.NewGuid() };
        Func<Task> call = what switch
        {
            "schedules" => () => api.UpsertDeploymentAsync(deployment with { Schedules = [schedule, schedule] }, Cancel),
            "schedule parameters" => () => api.UpsertDeploymentAsync(deployment with { Schedules = [schedule with { Parameters = new Dictionary<string, JsonElement> { ["n"] = JsonElement.Parse("1") } }] }, Cancel),
            "limit" => () => api.UpsertDeploymentAsync(deployment with { ConcurrencyLimit = 1 }, Cancel),
            "run variables" => () => api.CreateDeploymentRunAsync(Guid.NewGuid(), new() { JobVariables = new Dictionary<string, JsonElement> { ["n"] = JsonElement.Parse("1") } }, Cancel),
            "run queue" => () => api.CreateDeploymentRunAsync(Guid.NewGuid(), new() { WorkQueueName = "q" }, Cancel),
            "flows with deployments" => () => api.ListFlowsAsync(new() { Flows = new() { Deployment = new() { IsNull = true } } }, Cancel),
            "deployments by limit" => () => api.ListDeploymentsAsync(new() { Deployments = new() { ConcurrencyLimit = new() { Ge = 1 } } }, Cancel),
            "runs by parent" => () => api.ListFlowRunsAsync(new() { FlowRuns = new() { ParentFlowRunId = new() { Any = [Guid.NewGuid()] } } }, Cancel),
            "runs by creator" => () => api.ListFlowRunsAsync(new() { FlowRuns = new() { CreatedBy = new() { IsNull = true } } }, Cancel),
            "logs by words" => () => api.ListLogsAsync(new() { Logs = new() { Text = new() { Query = "x" } } }, Cancel),
            _ => () => api.CreateConcurrencyLimitAsync(new() { Name = "l", Limit = 1 }, Cancel),
        };

        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(call);
        (error.Kind, error.Message).ShouldBe((OrchestrationErrorKind.Unsupported, message.Replace("<url>", server.Endpoint.Url, StringComparison.Ordinal)));
        server.Writes.ShouldBeEmpty();
    }

    /// <summary>Whose state the run has when a claim's answer was lost, and what becomes of the claim.</summary>
    [Theory]
    [InlineData("ours", SetStateStatus.Accept, 1)]
    [InlineData("another's", SetStateStatus.Abort, 2)]
    [InlineData("nobody's", SetStateStatus.Accept, 2)]
    public async Task A_claim_whose_answer_was_lost_is_looked_for_before_it_is_repeated(string owner, SetStateStatus expected, int proposals)
    {
        int proposed = 0;
        string message = "";
        await using ScriptedServer server = await ScriptedServer.StartAsync(async (http, _) =>
        {
            if (http.Request.Method == "GET")
            {
                string state = owner == "nobody's"
                    ? """{"id":"01a20129-4df3-7a2d-ba90-9b2ab7534b40","type":"SCHEDULED","name":"Scheduled","state_details":{}}"""
                    : State(owner == "ours" ? message : "Claimed (another)");
                await ScriptedServer.JsonAsync(http, 200, $$$"""{"id":"8d7d2149-03d4-47de-a411-fd9caac3b515","name":"r","flow_id":"8d7d2149-03d4-47de-a411-fd9caac3b516","state":{{{state}}}}""");
                return;
            }

            proposed++;
            if (proposed == 1)
            {
                http.Abort();
                return;
            }

            bool taken = owner == "another's";
            await ScriptedServer.JsonAsync(http, taken ? 200 : 201, $$$"""{"state":{{{State(taken ? "Claimed (another)" : "x")}}},"status":"{{{(taken ? "ABORT" : "ACCEPT")}}}","details":{"type":"{{{(taken ? "abort_details" : "accept_details")}}}"}}""");
        }, version: "2.10.21", seen: request => message = request.Method == "POST" ? JsonElement.Parse(request.Body).GetProperty("state").GetProperty("message").GetString()! : message);
        await using HttpOrchestrationApi api = new(server.Endpoint);

        OrchestrationResult result = await api.SetFlowRunStateAsync(Guid.NewGuid(), new() { Type = StateType.Pending }, default, Cancel);

        result.Status.ShouldBe(expected);
        proposed.ShouldBe(proposals);
        message.ShouldMatch(@"^Claimed \([0-9a-f]{32}\)$");

        static string State(string message) => $$$"""{"id":"01a20129-4df3-7a2d-ba90-9b2ab7534b40","type":"PENDING","name":"Pending","message":{{{JsonSerializer.Serialize(message)}}},"state_details":{}}""";
    }

    [Theory]
    [InlineData(2), InlineData(3)]
    public async Task Queues_come_in_pages_and_are_all_told(int generation)
    {
        await using PrefectServer server = generation == 2 ? await Prefect2Server.StartAsync(cancellationToken: Cancel) : await Prefect3Server.StartAsync(cancellationToken: Cancel);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        await server.Store.CreateWorkPoolAsync(new() { Name = "p", Type = "process" }, Cancel);
        for (int n = 0; n < 205; n++)
        {
            await server.Store.CreateWorkQueueAsync("p", new() { Name = $"q{n}" }, Cancel);
        }

        (await api.ListWorkQueuesAsync("p", Cancel)).Select(queue => queue.Name).Distinct().Count().ShouldBe(206);
    }

    [Theory]
    [InlineData(2), InlineData(3)]
    public async Task Workers_come_in_pages_and_are_all_told(int generation)
    {
        await using PrefectServer server = generation == 2 ? await Prefect2Server.StartAsync(cancellationToken: Cancel) : await Prefect3Server.StartAsync(cancellationToken: Cancel);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        await server.Store.CreateWorkPoolAsync(new() { Name = "p", Type = "process" }, Cancel);
        for (int n = 0; n < 205; n++)
        {
            await server.Store.HeartbeatWorkerAsync("p", new() { Name = $"w{n}" }, Cancel);
        }

        (await api.ListWorkersAsync("p", Cancel)).Select(worker => worker.Name).Distinct().Count().ShouldBe(205);
    }

    /// <summary>As one does that knows no offset: asked for ever, it would answer for ever.</summary>
    [Theory]
    [InlineData("2.10.21", false), InlineData("3.8.3", false), InlineData("2.10.21", true), InlineData("3.8.3", true)]
    public async Task A_server_that_answers_the_same_page_for_ever_is_asked_for_two(string version, bool queues)
    {
        string page = JsonSerializer.Serialize(Enumerable.Range(0, 200).Select(n => new { id = new Guid(n, 0, 0, new byte[8]), name = $"n{n}", work_pool_id = Guid.Empty, status = "ONLINE", priority = n + 1 }));
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, _) => ScriptedServer.JsonAsync(http, 200, page), version: version);
        await using HttpOrchestrationApi api = new(server.Endpoint);

        int told = queues ? (await api.ListWorkQueuesAsync("p", Cancel)).Count : (await api.ListWorkersAsync("p", Cancel)).Count;

        told.ShouldBe(200);
        server.Requests.Select(request => request.Body).ShouldBe(["{}", """{"offset":200}"""]);
    }

    [Fact]
    public void Null_and_missing_members_of_an_answer_are_empty()
    {
        Deployment deployment = JsonSerializer.Deserialize(
            """{"id":"8d7d2149-03d4-47de-a411-fd9caac3b515","name":"d","flow_id":"8d7d2149-03d4-47de-a411-fd9caac3b516","tags":null,"labels":null,"schedules":null,"parameters":null,"job_variables":null}""", Json.OrchestrationJson.Default.Deployment)!;
        (deployment.Tags.Count, deployment.Labels.Count, deployment.Schedules.Count, deployment.Parameters.Count, deployment.JobVariables.Count).ShouldBe((0, 0, 0, 0, 0));
        JsonSerializer.Deserialize("""{"id":"8d7d2149-03d4-47de-a411-fd9caac3b515","name":"f","tags":null}""", Json.OrchestrationJson.Default.Flow)!.Tags.ShouldBeEmpty();
    }
}
