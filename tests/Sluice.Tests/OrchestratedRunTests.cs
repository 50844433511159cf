using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Runtime;

namespace Sluice.Tests;

/// <summary>The run protocol of Prefect's contract, against a real server over HTTP.</summary>
public sealed class OrchestratedRunTests
{
    [Fact]
    public async Task A_run_goes_from_pending_to_completed_with_its_logs_and_its_result()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Greet people", """{"name":"Ada","maxTimes":2}""");

        RunEnd end = await server.ExecuteAsync(run.Id);

        end.ShouldBe(new RunEnd(0));
        (await server.StatesAsync(run.Id)).ShouldBe("Pending Running Completed");
        FlowRun done = await server.ReadAsync(run.Id);
        done.RunCount.ShouldBe(1);
        ResultData result = done.State!.Data!.Value.Deserialize(OrchestrationJson.Default.ResultData)!;
        result.Type.ShouldBe("inline");
        result.Value!.Value.GetRawText().ShouldBe("""{"greeting":"Hello Ada! Hello Ada!","tags":0,"inRun":true}""");
        Log log = (await server.LogsAsync(run.Id)).ShouldHaveSingleItem();
        log.Message.ShouldBe("Greeting Ada, 2 times");
        log.Level.ShouldBe(20);
        log.Name.ShouldBe("prefect.flow_runs");
    }

    [Fact]
    public async Task WAIT_is_honoured_and_the_code_starts_when_the_run_is_due()
    {
        await using TestServer server = await TestServer.StartAsync();
        DateTimeOffset due = DateTimeOffset.UtcNow.AddSeconds(2);
        FlowRun run = await server.CreateRunAsync("Greet people", """{"name":"Ada"}""", new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = due } });
        await server.Api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Pending }, default, CancellationToken.None);

        (await server.ExecuteAsync(run.Id)).ExitCode.ShouldBe(0);

        (await server.StatesAsync(run.Id)).ShouldBe("Scheduled Pending Running Completed");
        // Prefect counts in whole seconds, and lets a run that is due within half a one be RUNNING.
        (await server.ReadAsync(run.Id)).StartTime!.Value.ShouldBeGreaterThanOrEqualTo(due.AddSeconds(-0.5));
        (await server.LogsAsync(run.Id)).ShouldHaveSingleItem().Timestamp.ShouldBeGreaterThanOrEqualTo(due);
    }

    /// <summary>A run's context, and since when its flow makes up for missed due times.</summary>
    [Theory]
    [InlineData("""{"missed":6,"missed_since":"2026-06-01T10:00:00Z"}""", "2026-06-01T10:00:00.0000000+00:00")]
    [InlineData("""{"missed":1,"missed_since":"2026-06-01T15:00:00Z"}""", "(null)")] // it only came late
    [InlineData("{}", "(null)")]
    [InlineData("""{"missed_since":7}""", "(null)")]
    [InlineData("""{"missed_since":"soon"}""", "(null)")]
    [InlineData("""["missed_since"]""", "(null)")]
    public async Task A_run_that_makes_up_for_missed_due_times_knows_since_when(string context, string since)
    {
        await using TestServer server = await TestServer.StartAsync();
        StateCreate due = new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = new(2026, 6, 1, 15, 0, 0, TimeSpan.Zero) } };
        FlowRun run = await server.CreateRunAsync("Tell times", state: due, context: context);

        (await server.ExecuteAsync(run.Id)).ExitCode.ShouldBe(0);

        (await server.LogsAsync(run.Id)).ShouldHaveSingleItem().Message.ShouldBe($"{since} to 2026-06-01T15:00:00.0000000+00:00");
    }

    [Fact]
    public async Task A_failed_run_has_type_and_message_in_its_state_and_the_stack_in_its_log()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Fail");

        (await server.ExecuteAsync(run.Id)).ExitCode.ShouldBe(0);

        FlowRun done = await server.ReadAsync(run.Id);
        done.State!.Type.ShouldBe(StateType.Failed);
        done.State.Message.ShouldBe("Flow run encountered an exception: System.InvalidOperationException: no such station");
        IReadOnlyList<Log> logs = await server.LogsAsync(run.Id);
        logs[0].Message.ShouldBe("about to fail");
        logs[^1].Level.ShouldBe(40);
        logs[^1].Message.ShouldContain("TestFlows.cs");
    }

    [Fact]
    public async Task A_failed_run_is_tried_again_in_its_process_as_the_flow_declares()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Fail twice");

        (await server.ExecuteAsync(run.Id)).ExitCode.ShouldBe(0);

        (await server.StatesAsync(run.Id)).ShouldBe("Pending Running AwaitingRetry Retrying AwaitingRetry Retrying Completed");
        FlowRun done = await server.ReadAsync(run.Id);
        done.RunCount.ShouldBe(3);
        done.FlowVersion.ShouldBe("1.2.3");
        done.EmpiricalPolicy.Retries.ShouldBe(2);
        done.EmpiricalPolicy.RetryDelay.ShouldBe(1);
        (await server.LogsAsync(run.Id)).Count(log => log.Message.StartsWith("attempt ", StringComparison.Ordinal)).ShouldBe(3);
    }

    [Fact]
    public async Task Retries_that_a_run_was_created_with_win_over_the_flows()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Fail twice", policy: new() { Retries = 0, RetryDelay = 0 });

        (await server.ExecuteAsync(run.Id)).ExitCode.ShouldBe(0);

        (await server.StatesAsync(run.Id)).ShouldBe("Pending Running Failed");
    }

    [Fact]
    public async Task A_run_that_takes_too_long_fails_as_timed_out()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Slow");

        (await server.ExecuteAsync(run.Id)).ShouldBe(new RunEnd(0));

        FlowRun done = await server.ReadAsync(run.Id);
        done.State!.Type.ShouldBe(StateType.Failed);
        done.State.Name.ShouldBe("TimedOut");
        done.State.Message.ShouldBe("Flow run exceeded timeout of 0.5 second(s)");
    }

    [Fact]
    public async Task Code_that_ignores_its_timeout_is_given_up_and_not_tried_again_beside_itself()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Slow and deaf");

        (await server.ExecuteAsync(run.Id, grace: TimeSpan.FromSeconds(0.3))).ShouldBe(new RunEnd(0, Abandoned: true));

        FlowRun done = await server.ReadAsync(run.Id);
        done.State!.Type.ShouldBe(StateType.Failed);
        done.State.Message!.ShouldStartWith("Flow run exceeded timeout of 0.5 second(s); its code did not stop within 0.3 seconds");
        done.RunCount.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"maxTimes":1}""", "Validation of flow parameters failed with error: $.name: is required")]
    [InlineData("""{"maxTimes":1.5}""", "Validation of flow parameters failed with error: $.name: is required; $.maxTimes: expected an integer, found 1.5")]
    public async Task Parameters_that_do_not_fit_fail_the_run_before_it_starts(string parameters, string message)
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Greet people", parameters);

        (await server.ExecuteAsync(run.Id)).ExitCode.ShouldBe(0);

        (await server.StatesAsync(run.Id)).ShouldBe("Pending Failed");
        (await server.ReadAsync(run.Id)).State!.Message.ShouldBe(message);
        (await server.LogsAsync(run.Id)).ShouldHaveSingleItem().Message.ShouldBe(message);
    }

    [Theory]
    [InlineData(StateType.Completed)]
    [InlineData(StateType.Failed)]
    [InlineData(StateType.Cancelled)]
    [InlineData(StateType.Crashed)]
    public async Task A_run_that_is_over_is_left_alone(StateType state)
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Greet people", """{"name":"Ada"}""");
        await server.Api.SetFlowRunStateAsync(run.Id, new() { Type = state }, new() { Force = true }, CancellationToken.None);
        string before = await server.StatesAsync(run.Id);

        (await server.ExecuteAsync(run.Id)).ShouldBe(new RunEnd(0));

        (await server.StatesAsync(run.Id)).ShouldBe(before);
    }

    [Fact]
    public async Task A_run_that_is_to_be_cancelled_before_it_starts_becomes_cancelled()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Empty");
        await server.Api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Cancelling }, default, CancellationToken.None);

        (await server.ExecuteAsync(run.Id)).ShouldBe(new RunEnd(0));

        (await server.StatesAsync(run.Id)).ShouldBe("Pending Cancelling Cancelled");
    }

    [Fact]
    public async Task A_run_that_the_server_refuses_to_start_exits_0_without_running_its_code()
    {
        await using TestServer server = await TestServer.StartAsync();
        StateCreate later = new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = DateTimeOffset.UtcNow.AddSeconds(2) } };
        FlowRun run = await server.CreateRunAsync("Greet people", """{"name":"Ada"}""", later);
        await server.Api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Pending }, default, CancellationToken.None);
        Task<RunEnd> execution = server.ExecuteAsync(run.Id);

        // While the process waits for its time.
        await server.Api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Cancelling }, default, CancellationToken.None);

        (await execution).ShouldBe(new RunEnd(0));
        (await server.StatesAsync(run.Id)).ShouldBe("Scheduled Pending Cancelling Cancelled");
        (await server.LogsAsync(run.Id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_running_run_sees_its_cancellation_by_itself()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Wait and clean up");
        Task<RunEnd> execution = server.ExecuteAsync(run.Id);
        await server.WaitForAsync(run.Id, read => read.StateType == StateType.Running);

        await server.Api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Cancelling }, default, CancellationToken.None);

        (await execution).ShouldBe(new RunEnd(0));
        (await server.StatesAsync(run.Id)).ShouldBe("Pending Running Cancelling Cancelled");
        (await server.LogsAsync(run.Id)).Select(log => log.Message).ShouldContain("cleaned up");
    }

    [Fact]
    public async Task A_run_that_is_deleted_while_it_runs_stops()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Wait");
        Task<RunEnd> execution = server.ExecuteAsync(run.Id);
        await server.WaitForAsync(run.Id, read => read.StateType == StateType.Running);

        await server.Api.DeleteFlowRunAsync(run.Id, CancellationToken.None);

        (await execution).ShouldBe(new RunEnd(0));
    }

    [Fact]
    public async Task A_run_that_was_cancelled_while_it_completed_becomes_cancelled()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Log", """{"records":2000,"bytes":10000}""");
        Task<RunEnd> execution = server.ExecuteAsync(run.Id);
        await server.WaitForAsync(run.Id, read => read.StateType == StateType.Running);

        // This flow never looks at its token, so it completes after the wish to cancel it.
        await server.Api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Cancelling }, default, CancellationToken.None);

        (await execution).ExitCode.ShouldBe(0);
        (await server.StatesAsync(run.Id)).ShouldBe("Pending Running Cancelling Cancelled");
    }

    [Fact]
    public async Task An_unknown_entrypoint_fails_the_run_and_says_what_the_program_has()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Empty");

        (await server.ExecuteAsync(run.Id, environment: environment => environment with { Entrypoint = "Old.dll!Old.Flows.Gone" })).ExitCode.ShouldBe(0);

        State state = (await server.ReadAsync(run.Id)).State!;
        state.Type.ShouldBe(StateType.Failed);
        state.Message!.ShouldStartWith("This program has no entrypoint 'Old.dll!Old.Flows.Gone'; it has 'Greet people' (Sluice.Tests.Program.dll!");
    }

    [Fact]
    public async Task A_run_of_an_unknown_flow_fails()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Gone");

        (await server.ExecuteAsync(run.Id)).ExitCode.ShouldBe(0);

        (await server.ReadAsync(run.Id)).State!.Message!.ShouldStartWith("This program has no flow 'Gone'; it has ");
    }

    [Theory]
    [InlineData("Sluice.Tests.Program.dll!Sluice.Tests.Program.TestFlows.Empty")]
    [InlineData("Renamed.dll!Sluice.Tests.Program.TestFlows.Empty")]
    public async Task The_entrypoint_decides_which_flow_runs(string entrypoint)
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Another name");

        (await server.ExecuteAsync(run.Id, environment: environment => environment with { Entrypoint = entrypoint })).ExitCode.ShouldBe(0);

        (await server.ReadAsync(run.Id)).StateType.ShouldBe(StateType.Completed);
    }

    [Fact]
    public async Task An_unknown_run_exits_1()
    {
        await using TestServer server = await TestServer.StartAsync();

        (await server.ExecuteAsync(Guid.NewGuid())).ShouldBe(new RunEnd(1));
    }
}
