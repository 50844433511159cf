using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Cli.Tests;

/// <summary>
/// Publishing, serving, running and cancelling on servers that answer as Prefect 2.10.21 and 3.8.3, as a user types it. The servers fail the test for each request
/// that does not fit the OpenAPI document of their generation.
/// </summary>
public sealed class PrefectServerTests : IAsyncDisposable
{
    private readonly SluiceProgram _sluice = new();
    private PrefectServer _server = null!;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _sluice.Dispose();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Flows_are_deployed_run_and_cancelled_by_our_worker(int generation)
    {
        await StartAsync(generation);
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly)).Succeeded();
        (await _sluice.RunAsync("deployment", "pause-schedule", "Greet/each-second")).Succeeded();
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly)).Succeeded().Output.ShouldContain("unchanged");

        await using ProgramRun worker = _sluice.Start("worker", "start", "--name", "tester", "-q", "default", "-q", "slow");
        await worker.WaitForLineAsync(line => line.StartsWith("Worker 'tester' serves pool 'default-agent-pool'", StringComparison.Ordinal), SluiceProgram.Bound);
        SluiceProgram.Outcome watch = (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--watch", "--flow-run-name", "afar")).Succeeded();
        watch.Output.ShouldContain("\"text\": \"hello world\"");
        watch.Output.ShouldContain("Greeting 1: hello world");

        (await _sluice.RunAsync("deployment", "run", "Wait/by-hand", "--param", $"file={_sluice.Folder["never"]}", "--flow-run-name", "waiting")).Succeeded();
        await WaitAsync("waiting", StateType.Running);
        (await _sluice.RunAsync("flow-run", "cancel", "waiting")).Succeeded();
        await WaitAsync("waiting", StateType.Cancelled);

        (await _sluice.RunAsync("deployment", "run", "Vanish/by-hand", "--flow-run-name", "gone")).Succeeded();
        await WaitAsync("gone", StateType.Crashed);
        worker.Process.Send(Signal.Terminate);
        (await worker.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, worker.Output + worker.Error);
    }

    /// <summary>A run that a worker elsewhere runs is none of the watch's: Ctrl+C and the timeout end the watch, and the run goes on.</summary>
    [Theory]
    [InlineData(2, false, 1)]
    [InlineData(3, true, 130)]
    public async Task A_watch_of_a_run_that_lives_elsewhere_ends_and_the_run_goes_on(int generation, bool byInterrupt, int exitCode)
    {
        await StartAsync(generation);
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly)).Succeeded();
        (await _sluice.RunAsync("deployment", "pause-schedule", "Greet/each-second")).Succeeded();
        await using ProgramRun worker = _sluice.Start("worker", "start", "-q", "slow");
        await worker.WaitForLineAsync(line => line.Contains("serves pool", StringComparison.Ordinal), SluiceProgram.Bound);
        string go = _sluice.Folder["go"];
        string[] watching = ["deployment", "run", "Wait/by-hand", "--param", $"file={go}", "--watch", "--flow-run-name", "far away"];
        await using ProgramRun watch = _sluice.Start(byInterrupt ? watching : [.. watching, "--timeout", "5 seconds"]);
        await watch.WaitForLineAsync(line => line.StartsWith("Run far away", StringComparison.Ordinal), SluiceProgram.Bound);
        await WaitAsync("far away", StateType.Running);
        if (byInterrupt)
            watch.Process.Send(Signal.Interrupt);

        (await watch.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(exitCode, watch.Output + watch.Error);

        watch.Error.ShouldContain("Stopped watching; the run goes on. See it with 'sluice flow-run logs \"far away\" --follow', end it with 'sluice flow-run cancel \"far away\"'.");
        await File.WriteAllTextAsync(go, "");
        await WaitAsync("far away", StateType.Completed);
        worker.Process.Send(Signal.Terminate);
        (await worker.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, worker.Output + worker.Error);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_worker_makes_the_pool_that_it_is_to_serve(int generation)
    {
        await StartAsync(generation);
        (await _sluice.RunAsync("worker", "start", "--pool", "fresh")).FailedWith(1).ShouldContain("there is no work pool 'fresh'");
        await using ProgramRun worker = _sluice.Start("worker", "start", "--pool", "fresh", "--create-pool");
        await worker.WaitForLineAsync(line => line == "There was no work pool 'fresh': created it, of type dotnet.", SluiceProgram.Bound);
        await worker.WaitForLineAsync(line => line.Contains("serves pool 'fresh'", StringComparison.Ordinal), SluiceProgram.Bound);
        WorkPool pool = (await _server.Store.FindWorkPoolAsync("fresh", default)).ShouldNotBeNull();
        (pool.Type, JsonElement.DeepEquals(pool.BaseJobTemplate, DotnetPool.BaseJobTemplate)).ShouldBe(("dotnet", true));

        worker.Process.Send(Signal.Interrupt);
        (await worker.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, worker.Output + worker.Error);
    }

    private async Task StartAsync(int generation)
    {
        PrefectServerOptions options = new() { ApiKey = "key" };
        _server = generation == 2 ? await Prefect2Server.StartAsync(options) : await Prefect3Server.StartAsync(options);
        _sluice.With("PREFECT_API_URL", _server.Url.AbsoluteUri).With("PREFECT_API_KEY", "key");
    }

    private async Task WaitAsync(string name, StateType type)
    {
        using var bound = new CancellationTokenSource(SluiceProgram.Bound);
        for (long change = 0; ; change = await _server.Store.WaitForChangeAsync(change, TimeSpan.FromSeconds(5), bound.Token))
        {
            IReadOnlyList<FlowRun> runs = await _server.Store.ListFlowRunsAsync(new() { FlowRuns = new() { Name = new() { Any = [name] } } }, bound.Token);
            if (runs.ShouldHaveSingleItem().StateType == type)
                return;
        }
    }
}
