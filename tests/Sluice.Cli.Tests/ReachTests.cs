using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Cli.Tests;

/// <summary>Runs that no worker can take, with real servers and workers that call themselves by other hosts' names.</summary>
public sealed class ReachTests : IDisposable
{
    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task A_run_that_no_worker_can_read_is_explained_until_one_comes_that_can()
    {
        await using ProgramRun server = _sluice.Start("server", "start", "--port", "0");
        string url = (await server.WaitForLineAsync(line => line.StartsWith("Server: ", StringComparison.Ordinal), SluiceProgram.Bound))["Server: ".Length..].Trim();
        _sluice.With("PREFECT_API_URL", url).With("SLUICE_HOST", "alpha");
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly)).Succeeded().Output.ShouldContain("only workers on 'alpha' take its runs");
        (await _sluice.RunAsync("deployment", "inspect", "Greet/by-hand")).Succeeded().Output.ShouldContain("sluice.host = alpha");
        await _sluice.RunAsync("deployment", "pause-schedule", "Greet/each-second");

        (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--flow-run-name", "lost")).Succeeded();
        (await WaitsAsync()).ShouldBe(["no_worker"]);
        (await InspectAsync()).ShouldContain("No worker of its pool 'default-agent-pool' is online: start one with: sluice worker start --pool default-agent-pool");

        _sluice.With("SLUICE_HOST", "beta");
        // Its heartbeat comes before its line.
        await using ProgramRun beta = _sluice.Start("worker", "start", "--name", "far");
        await beta.WaitForLineAsync(line => line.Contains("lost: left to other workers: its package lies on the disk of the host 'alpha' (file://", StringComparison.Ordinal), SluiceProgram.Bound);
        (await _sluice.RunAsync("work-pool", "inspect", "default-agent-pool")).Output.ShouldContain("): beta, s3-flow-storage, gcs-flow-storage, azure-flow-storage");
        (await _sluice.RunAsync("work-pool", "inspect", "default-agent-pool", "--output", "json")).Json.GetProperty("workers")[0].GetProperty("labels")[0].GetString().ShouldBe("beta");
        (await WaitsAsync()).ShouldBe(["out_of_reach"]);
        string explained = await InspectAsync();
        explained.ShouldContain("Its package lies on the disk of the host 'alpha' (file://");
        explained.ShouldContain("Online are: far (beta, s3-flow-storage");

        // This machine is not to run it either, as long as it is called otherwise.
        SluiceProgram.Outcome watch = await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--watch", "--timeout", "1");
        watch.ExitCode.ShouldBe(1, watch.ToString());

        (await _sluice.RunAsync("work-pool", "pause", "default-agent-pool")).Succeeded();
        (await WaitsAsync()).ShouldBe(["pool_paused", "out_of_reach"]);
        (await _sluice.RunAsync("work-pool", "resume", "default-agent-pool")).Succeeded();

        await using ProgramRun mounted = _sluice.Start("worker", "start", "--name", "near", "--label", "Alpha");
        await mounted.WaitForLineAsync(line => line.Contains("/lost: Completed.", StringComparison.Ordinal), SluiceProgram.Bound);
        (await WaitsAsync()).ShouldBeEmpty();
        beta.Error.Split('\n').Count(line => line.Contains(" lost: left to other workers", StringComparison.Ordinal)).ShouldBe(1, beta.Error);
    }

    [Fact]
    public async Task What_holds_a_run_of_the_embedded_API_is_explained()
    {
        await _sluice.With("SLUICE_HOST", "alpha").DeployAsync();
        (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--flow-run-name", "lost", "--start-in", "3600")).Succeeded();
        (await WaitsAsync()).ShouldBe(["not_due", "no_worker"]);
        (await InspectAsync()).ShouldContain("It is due in ");
        (await _sluice.RunAsync("flow-run", "delete", "lost")).Succeeded();

        (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--flow-run-name", "lost")).Succeeded();
        (await _sluice.RunAsync("work-queue", "pause", "default")).Succeeded();
        (await _sluice.RunAsync("work-pool", "update", "default-agent-pool", "--limit", "0")).Succeeded();
        (await WaitsAsync()).ShouldBe(["queue_paused", "pool_limit", "no_worker"]);
        (await InspectAsync()).ShouldContain("sluice work-queue resume default --pool default-agent-pool");
        (await _sluice.RunAsync("work-queue", "resume", "default")).Succeeded();
        (await _sluice.RunAsync("work-pool", "update", "default-agent-pool", "--limit", "5")).Succeeded();

        // A worker over the home itself finds its package there, however the machine was called.
        await using ProgramRun worker = _sluice.With("SLUICE_HOST", "beta").Start("worker", "start");
        await worker.WaitForLineAsync(line => line.Contains("/lost: Completed.", StringComparison.Ordinal), SluiceProgram.Bound);
        (await WaitsAsync()).ShouldBeEmpty();

        // So the disk of another host is not what holds a run.
        (await _sluice.RunAsync("flow-run", "delete", "lost")).Succeeded();
        (await _sluice.RunAsync("work-pool", "pause", "default-agent-pool")).Succeeded();
        (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--flow-run-name", "lost")).Succeeded();
        await using (Orchestration.IOrchestrationApi api = await _sluice.OpenApiAsync())
            await api.HeartbeatWorkerAsync("default-agent-pool", new() { Name = "other", HeartbeatIntervalSeconds = 30, Labels = ["beta"] }, TestContext.Current.CancellationToken);
        (await WaitsAsync()).ShouldBe(["pool_paused"]);
    }

    private async Task<string[]> WaitsAsync()
    {
        JsonElement run = (await _sluice.RunAsync("flow-run", "inspect", "lost", "--output", "json")).Succeeded().Json;
        return [.. run.GetProperty("waits_for").EnumerateArray().Select(wait => wait.GetProperty("code").GetString()!)];
    }

    private async Task<string> InspectAsync() => (await _sluice.RunAsync("flow-run", "inspect", "lost")).Succeeded().Output;
}
