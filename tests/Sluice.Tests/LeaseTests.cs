using Sluice.Orchestration;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Tests;

public sealed class LeaseTests
{
    [Fact]
    public async Task A_run_without_a_worker_lives_as_long_as_its_process_and_then_is_marked_crashed()
    {
        await using TestServer server = await TestServer.StartAsync();
        using CancellationTokenSource end = new();
        Task services = new ServerServices(server.Api, TimeProvider.System).RunAsync(end.Token);
        TimeSpan lease = TimeSpan.FromSeconds(4);
        FlowRun run = await server.CreateRunAsync("Wait", state: new() { Type = StateType.Scheduled });
        await server.Api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Pending }, new() { Lease = lease }, CancellationToken.None);
        await using ProgramRun program = server.StartProgram(run.Id, ("SLUICE_LEASE_SECONDS", "4"));
        await program.WaitForLineAsync(line => line == "started", TestServer.Bound);

        await Task.Delay(lease * 1.5); // nobody else renews, so without the program's renewals the lease would be over
        (await server.ReadAsync(run.Id)).StateType.ShouldBe(StateType.Running);

        program.Process.Kill();
        FlowRun crashed = await server.WaitForAsync(run.Id, read => read.StateType != StateType.Running);
        crashed.StateType.ShouldBe(StateType.Crashed);
        await end.CancelAsync();
        await services;
    }
}
