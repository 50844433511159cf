using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Tests.Live;

/// <summary>The events that the server itself makes.</summary>
public sealed class StateEventTests
{
    /// <summary>The shape is that of the event which Prefect 3.8.3 sent to its worker (worker-start-and-scheduled-run.json), but for ids, names and times.</summary>
    [Fact]
    public async Task A_state_change_is_an_event_as_Prefect_sends_it()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        (Deployment deployment, FlowRun run) = await server.RunAsync();
        await server.SetAsync(run.Id, StateType.Pending);
        await server.SetAsync(run.Id, StateType.Running);
        await using LiveClient worker = await LiveClient.SubscribeAsync(server.Url, new { @event = new { name = new[] { "prefect.flow-run.Cancelling" } } });
        OrchestrationResult cancelling = await server.SetAsync(run.Id, StateType.Cancelling);

        JsonElement seen = await worker.EventAsync();
        FlowRun now = (await server.Api.ReadFlowRunAsync(run.Id, default))!;
        State running = (await server.Api.ListFlowRunStatesAsync(run.Id, default))[^2];
        WorkPool pool = (await server.Api.FindWorkPoolAsync("p", default))!;
        string time = cancelling.State!.Timestamp.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffff", System.Globalization.CultureInfo.InvariantCulture);
        string expected = $$$"""
            {"occurred":"{{{time}}}Z","event":"prefect.flow-run.Cancelling",
            "resource":{"prefect.resource.id":"prefect.flow-run.{{{run.Id}}}","prefect.resource.name":"cancel-exit143","prefect.run-count":"1","prefect.state-message":"",
            "prefect.state-name":"Cancelling","prefect.state-timestamp":"{{{time}}}+00:00","prefect.state-type":"CANCELLING"},
            "related":[{"prefect.resource.id":"prefect.flow.{{{run.FlowId}}}","prefect.resource.role":"flow","prefect.resource.name":"dotnet-flow"},
            {"prefect.resource.id":"prefect.deployment.{{{deployment.Id}}}","prefect.resource.role":"deployment","prefect.resource.name":"prod"},
            {"prefect.resource.id":"prefect.work-queue.{{{now.WorkQueueId}}}","prefect.resource.role":"work-queue","prefect.resource.name":"default"},
            {"prefect.resource.id":"prefect.work-pool.{{{pool.Id}}}","prefect.resource.role":"work-pool","prefect.resource.name":"p","prefect.work-pool.type":"process"},
            {"prefect.resource.id":"prefect.tag.dotnet","prefect.resource.role":"tag"},{"prefect.resource.id":"prefect.tag.t1","prefect.resource.role":"tag"}],
            "payload":{"intended":{"from":"RUNNING","to":"CANCELLING"},"initial_state":{"type":"RUNNING","name":"Running"},"validated_state":{"type":"CANCELLING","name":"Cancelling"}},
            "id":"{{{cancelling.State.Id}}}","follows":"{{{running.Id}}}","received":"{{{seen.GetProperty("received").GetString()}}}"}
            """;
        seen.GetRawText().Replace("\\u002B", "+", StringComparison.Ordinal).ShouldBe(expected.ReplaceLineEndings(""));
    }

    [Fact]
    public async Task Every_state_of_a_run_is_one_event_in_order_and_runs_of_schedules_begin_without_one()
    {
        await using Home home = await Home.OpenAsync();
        await home.DeployAsync(cron: "0 * * * *");
        await home.CatchUpAsync();
        (await home.RunsAsync()).Count.ShouldBeGreaterThan(2);
        home.Sql("SELECT COUNT(*) FROM event WHERE event LIKE 'prefect.flow-run.%'").ShouldBe(0L);

        FlowRun run = await home.RunAsync(await home.DeployAsync("other"));
        await home.SetAsync(run.Id, StateType.Pending);
        await home.SetAsync(run.Id, StateType.Running);
        await home.SetAsync(run.Id, StateType.Pending); // refused: no event
        await home.SetAsync(run.Id, StateType.Completed);
        home.Sql("SELECT group_concat(event, ' ') FROM (SELECT event FROM event WHERE event LIKE 'prefect.flow-run.%' ORDER BY seq)")
            .ShouldBe("prefect.flow-run.Scheduled prefect.flow-run.Pending prefect.flow-run.Running prefect.flow-run.Completed");
        home.Sql("SELECT COUNT(*) FROM event e JOIN flow_run_state s ON s.id = e.id").ShouldBe(4L);
    }

    /// <summary>The measure "plain runs do not become slower": one statement for each state.</summary>
    [Fact]
    public async Task A_state_change_costs_one_statement_more_for_its_event()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        await home.SetAsync(run.Id, StateType.Pending);
        long before = home.Api.Statements;
        await home.SetAsync(run.Id, StateType.Running);
        long statements = home.Api.Statements - before;
        // The run, its attempt, its limit; the state, the run's books, the event; the change number.
        statements.ShouldBeLessThanOrEqualTo(7);
    }

    [Fact]
    public async Task What_happens_to_deployments_pools_and_queues_are_events()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync();
        await home.Api.UpdateDeploymentAsync(deployment.Id, new() { Description = "new", Paused = true }, default);
        await home.DeployAsync(change: create => create with { Description = "new", Paused = true }); // as it stands: nothing
        await home.Api.DeleteDeploymentAsync(deployment.Id, default);
        await home.Api.CreateWorkPoolAsync(new() { Name = "p" }, default);
        await home.Api.HeartbeatWorkerAsync("p", new() { Name = "w" }, default);
        await home.Api.HeartbeatWorkerAsync("p", new() { Name = "w" }, default);
        await home.Api.UpdateWorkPoolAsync("p", new() { IsPaused = true }, default);
        await home.Api.CreateWorkQueueAsync("p", new() { Name = "q" }, default);
        await home.Api.UpdateWorkQueueAsync("p", "q", new() { Priority = 7 }, default);
        await home.Api.DeleteWorkPoolAsync("p", default);
        home.Sql("SELECT group_concat(substr(event, 9), ' ') FROM (SELECT event FROM event ORDER BY seq)").ShouldBe(
            "deployment.created deployment.updated deployment.deleted work-pool.created work-pool.ready work-pool.updated work-pool.paused "
            + "work-queue.created work-queue.updated work-pool.deleted");
        home.Sql("SELECT payload FROM event WHERE event = 'prefect.deployment.updated'").ShouldBe(
            """{"updated_fields":["description","paused"],"updates":{"description":{"from":null,"to":"new"},"paused":{"from":false,"to":true}}}""");
    }

    [Fact]
    public async Task The_table_of_events_keeps_a_week()
    {
        await using Home home = await Home.OpenAsync();
        for (int batch = 0; batch < 8; batch++)
        {
            await home.Api.CreateEventsAsync([.. Enumerable.Range(0, 250).Select(_ => LiveServer.Event("old", occurred: home.Clock.GetUtcNow()))], default);
            home.Clock.Advance(TimeSpan.FromHours(1));
        }
        home.Sql("SELECT COUNT(*) FROM event").ShouldBe(2000L);
        home.Clock.Advance(TimeSpan.FromDays(8));
        for (int batch = 0; batch < 5; batch++)
            await home.Api.CreateEventsAsync([.. Enumerable.Range(0, 250).Select(_ => LiveServer.Event("new", occurred: home.Clock.GetUtcNow()))], default);
        home.Sql("SELECT COUNT(*) FROM event WHERE event = 'old'").ShouldBe(0L);
        home.Sql("SELECT COUNT(*) FROM event WHERE event = 'new'").ShouldBe(1250L);
    }
}
