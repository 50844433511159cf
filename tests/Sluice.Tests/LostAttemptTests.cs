using System.Collections.Concurrent;
using Sluice.Orchestration;
using Sluice.Testing;

namespace Sluice.Tests;

/// <summary>A flow program whose attempt the server has given up, and what it tells the server about crashes.</summary>
public sealed class LostAttemptTests
{
    [Fact]
    public async Task A_program_whose_attempt_was_given_up_stops_and_changes_nothing()
    {
        await using TestServer server = await TestServer.StartAsync();
        (FlowRun run, Guid attempt) = await ClaimedAsync(server, "Wait");
        await using ProgramRun program = server.StartProgram(run.Id, ("SLUICE_ATTEMPT", attempt.ToString()), ("SLUICE_LEASE_SECONDS", "3"));
        await server.WaitForAsync(run.Id, now => now.StateType == StateType.Running);

        // As the services do when its lease has run out.
        await server.Api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Scheduled, Name = "AwaitingRetry" }, new() { Force = true }, CancellationToken.None);
        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, program.Error);

        program.Error.ShouldContain($"Flow run {run.Id} is stopped: the server gave this attempt up, since it showed no sign of life.");
        (await server.ReadAsync(run.Id)).StateName.ShouldBe("AwaitingRetry");
    }

    [Fact]
    public async Task A_program_that_starts_after_its_attempt_was_given_up_does_not_run_its_code()
    {
        await using TestServer server = await TestServer.StartAsync();
        (FlowRun run, Guid attempt) = await ClaimedAsync(server, "Empty");
        await server.Api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Scheduled }, new() { Force = true }, CancellationToken.None);
        await using ProgramRun program = server.StartProgram(run.Id, ("SLUICE_ATTEMPT", attempt.ToString()));
        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, program.Error);
        program.Error.ShouldContain("The server gave this attempt of the flow run up");
        (await server.StatesAsync(run.Id)).ShouldBe("Scheduled Pending Scheduled");
    }

    [Theory]
    [InlineData("Empty", null)]
    [InlineData("Again after a crash", 2)]
    public async Task A_flow_tells_the_server_how_often_it_may_be_scheduled_again(string flow, int? times)
    {
        await using TestServer server = await TestServer.StartAsync();
        (FlowRun run, Guid attempt) = await ClaimedAsync(server, flow);
        ConcurrentQueue<SetStateOptions> said = new();
        (await server.ExecuteAsync(run.Id, environment: environment => environment with { Attempt = attempt }, over: api => InterceptedApi.Over(api, (method, arguments) =>
        {
            if (method == nameof(IOrchestrationApi.SetFlowRunStateAsync) && ((StateCreate)arguments[1]!).Type == StateType.Running)
                said.Enqueue((SetStateOptions)arguments[2]!);
            return null;
        }))).ExitCode.ShouldBe(0);
        said.ShouldHaveSingleItem().ShouldBe(new SetStateOptions { Attempt = attempt, CrashRetries = times, RenewsConcurrencyLease = true });
        (await server.ReadAsync(run.Id)).StateType.ShouldBe(StateType.Completed);
    }

    private static async Task<(FlowRun Run, Guid Attempt)> ClaimedAsync(TestServer server, string flow)
    {
        FlowRun run = await server.CreateRunAsync(flow, state: new() { Type = StateType.Scheduled });
        var attempt = Guid.NewGuid();
        OrchestrationResult claim = await server.Api.SetFlowRunStateAsync(
            run.Id, new() { Type = StateType.Pending, StateDetails = new() { TransitionId = attempt } }, new() { Lease = TimeSpan.FromMinutes(5) }, CancellationToken.None);
        claim.Status.ShouldBe(SetStateStatus.Accept);
        return (run, attempt);
    }
}
