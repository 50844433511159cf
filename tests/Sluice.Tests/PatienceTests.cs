using Sluice.Orchestration;
using Sluice.Testing;

namespace Sluice.Tests;

/// <summary>How long a program waits for code that does not stop and for an API that does not answer.</summary>
public sealed class PatienceTests
{
    [Fact]
    public async Task Code_that_ignores_its_cancellation_is_given_up_before_the_worker_would_kill_it()
    {
        await using TestServer server = await TestServer.StartAsync();
        FlowRun run = await server.CreateRunAsync("Ignore");
        await using ProgramRun program = server.StartProgram(run.Id);
        await program.WaitForLineAsync(line => line == "started", TestServer.Bound);

        await server.Api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Cancelling }, default, CancellationToken.None);
        await ProgramTests.SendAsync("TERM", program);

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0);
        State state = (await server.ReadAsync(run.Id)).State!;
        state.Type.ShouldBe(StateType.Cancelled);
        state.Message.ShouldBe("Flow run was cancelled; its code did not stop within 23 seconds and was killed.");
    }

    [Fact]
    public async Task Without_an_API_a_run_exits_1_with_one_line()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StopListeningAsync();

        await using ProgramRun program = server.StartProgram(Guid.NewGuid());

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(1);
        program.Error.TrimEnd().Split('\n')[^1].ShouldContain($"No API answers at {server.Endpoint}");
        await server.ListenAgainAsync();
    }
}
