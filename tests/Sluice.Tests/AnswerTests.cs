using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Runtime;

namespace Sluice.Tests;

/// <summary>Answers of a server that come at their own time: ABORT, REJECT, lost answers, outages.</summary>
public sealed class AnswerTests
{
    private static readonly OrchestrationDetails AbortDetails = new() { Type = "abort_details", Reason = "not now" };

    [Theory]
    [InlineData(StateType.Running, "Pending")]
    [InlineData(StateType.Completed, "Pending Running")]
    public async Task ABORT_ends_the_process_with_0(StateType proposed, string states)
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Empty");

        RunEnd end = await server.ExecuteAsync(run.Id, over: api => InterceptedApi.Over(api, (method, arguments) =>
            Proposes(method, arguments, proposed) ? Task.FromResult(new OrchestrationResult { Status = SetStateStatus.Abort, Details = AbortDetails }) : null));

        end.ShouldBe(new RunEnd(0));
        (await server.StatesAsync(run.Id)).ShouldBe(states);
    }

    [Fact]
    public async Task A_run_that_has_to_wait_for_a_slot_is_left_to_the_worker()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Empty");
        State queued = new() { Id = Guid.NewGuid(), Type = StateType.Scheduled, Name = "AwaitingConcurrencySlot" };

        RunEnd end = await server.ExecuteAsync(run.Id, over: api => InterceptedApi.Over(api, (method, arguments) =>
            Proposes(method, arguments, StateType.Running) ? Task.FromResult(Reject(queued)) : null));

        end.ShouldBe(new RunEnd(0));
        (await server.StatesAsync(run.Id)).ShouldBe("Pending");
    }

    [Fact]
    public async Task While_the_state_is_PENDING_it_asks_again_for_RUNNING_with_a_new_transition()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Empty");
        HashSet<Guid?> transitions = [];

        RunEnd end = await server.ExecuteAsync(run.Id, over: api => InterceptedApi.Over(api, (method, arguments) =>
            Proposes(method, arguments, StateType.Running) && transitions.Add(((StateCreate)arguments[1]!).StateDetails!.TransitionId) && transitions.Count < 3
                ? Task.FromResult(Reject(new() { Id = Guid.NewGuid(), Type = StateType.Pending }))
                : null));

        end.ShouldBe(new RunEnd(0));
        transitions.Count.ShouldBe(3);
        (await server.StatesAsync(run.Id)).ShouldBe("Pending Running Completed");
    }

    [Fact]
    public async Task A_transition_whose_answer_was_lost_is_recognised_when_it_is_asked_again()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Empty");
        int lost = 0;

        RunEnd end = await server.ExecuteAsync(run.Id, over: api => InterceptedApi.Over(api, (method, arguments) =>
            method == nameof(IOrchestrationApi.SetFlowRunStateAsync) && lost++ % 2 == 0 ? LoseAsync(api, arguments) : null));

        end.ShouldBe(new RunEnd(0));
        lost.ShouldBe(4);
        (await server.StatesAsync(run.Id)).ShouldBe("Pending Running Completed");
        (await server.ReadAsync(run.Id)).RunCount.ShouldBe(1);
    }

    [Fact]
    public async Task A_server_that_restarts_when_a_run_ends_loses_neither_its_logs_nor_its_end()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Log", """{"records":2000,"bytes":1000}""");
        Task? restart = null;

        RunEnd end = await server.ExecuteAsync(run.Id, over: api => InterceptedApi.Over(api, (method, _) =>
        {
            if (method == nameof(IOrchestrationApi.CreateLogsAsync) && restart is null)
            {
                server.StopListeningAsync().AsTask().Wait();
                restart = server.ListenAgainAsync();
            }

            return null;
        }));

        await restart!;
        end.ShouldBe(new RunEnd(0));
        (await server.StatesAsync(run.Id)).ShouldBe("Pending Running Completed");
        (await server.LogsAsync(run.Id)).Select(log => log.Message[..8]).Distinct().Count().ShouldBe(2000);
    }

    private static bool Proposes(string method, object?[] arguments, StateType type) =>
        method == nameof(IOrchestrationApi.SetFlowRunStateAsync) && ((StateCreate)arguments[1]!).Type == type;

    private static OrchestrationResult Reject(State state) => new() { Status = SetStateStatus.Reject, State = state, Details = new() { Type = "reject_details" } };

    private static async Task<OrchestrationResult> LoseAsync(IOrchestrationApi api, object?[] arguments)
    {
        await api.SetFlowRunStateAsync((Guid)arguments[0]!, (StateCreate)arguments[1]!, (SetStateOptions)arguments[2]!, (CancellationToken)arguments[3]!);
        throw new OrchestrationException(OrchestrationErrorKind.Unavailable, "The connection broke.");
    }
}
