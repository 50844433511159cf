using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Cli.Tests;

/// <summary><c>sluice serve</c> as a user types it: on the home's own API, and on a Prefect server.</summary>
public sealed class ServeTests : IDisposable
{
    private const string Stops = "Ctrl+C stops it: the deployments are paused, and running flows are waited for.";
    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task Deployments_are_served_without_pool_and_worker_and_paused_at_the_end_while_running_flows_are_waited_for()
    {
        await using ProgramRun serve = _sluice.Start("serve", PacesHome.Assembly, "--limit", "3");
        await serve.WaitForLineAsync(line => line == Stops, SluiceProgram.Bound);
        serve.Output.ShouldStartWith($"Serving 8 deployments of {_sluice.Home.Database}:\n");
        serve.Output.ShouldContain("  Greet/by-hand: no schedule; sluice deployment run Greet/by-hand\n");
        serve.Output.ShouldContain("  Greet/each-second: 1 schedule\n");

        // Its schedule runs, and what a person starts.
        await serve.WaitForLineAsync(line => line.Contains("Greet/") && line.EndsWith(": Completed.", StringComparison.Ordinal), SluiceProgram.Bound);
        string file = _sluice.Folder["go"];
        (await _sluice.RunAsync("deployment", "run", "Wait/by-hand", "--param", $"file={file}", "--flow-run-name", "waiting")).Succeeded().Output.ShouldNotContain("Queue");
        await using (IOrchestrationApi api = await _sluice.OpenApiAsync())
        {
            Deployment deployment = (await api.FindDeploymentAsync("Wait", "by-hand", default))!;
            (deployment.WorkPoolName, deployment.WorkQueueName, deployment.Path, deployment.Paused).ShouldBe((null, null, Path.GetDirectoryName(PacesHome.Assembly), false));
            deployment.JobVariables.Keys.ShouldNotContain("command");
            (await api.ListWorkersAsync("default-agent-pool", default)).ShouldBeEmpty();
        }
        await WaitForStateAsync("waiting", "RUNNING");

        serve.Process.Send(Signal.Terminate);
        await serve.WaitForLineAsync(line => line == "Paused 8 deployments. Serving them again resumes them.", SluiceProgram.Bound);
        serve.Process.HasExited.ShouldBeFalse();
        await File.WriteAllTextAsync(file, "");
        (await serve.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, serve.Output + serve.Error);
        (await StateAsync("waiting")).ShouldBe("COMPLETED");
        (await _sluice.RunAsync("deployment", "ls", "--output", "json")).Json.EnumerateArray().ShouldAllBe(deployment => deployment.GetProperty("paused").GetBoolean());
        (await _sluice.RunAsync("flow-run", "ls", "--state", "Scheduled", "--output", "json")).Json.GetArrayLength().ShouldBe(0);

        // Again: the same deployments, resumed.
        await using ProgramRun again = _sluice.Start("serve", PacesHome.Assembly, "--no-pause");
        await again.WaitForLineAsync(line => line == "Ctrl+C stops it: running flows are waited for.", SluiceProgram.Bound);
        (await _sluice.RunAsync("deployment", "ls", "--output", "json")).Json.EnumerateArray().ShouldAllBe(deployment => !deployment.GetProperty("paused").GetBoolean());
        again.Process.Send(Signal.Interrupt);
        (await again.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, again.Output + again.Error);
        (await _sluice.RunAsync("deployment", "ls", "--output", "json")).Json.EnumerateArray().ShouldAllBe(deployment => !deployment.GetProperty("paused").GetBoolean());
    }

    [Fact]
    public async Task A_prefect_server_is_asked_for_the_runs_of_its_own_deployments_and_a_killed_host_is_followed_by_another()
    {
        await using Prefect3Server prefect = await Prefect3Server.StartAsync(new() { ApiKey = "key" });
        _sluice.With("PREFECT_API_URL", prefect.Url.AbsoluteUri).With("PREFECT_API_KEY", "key");
        await using ProgramRun first = _sluice.Start("serve", PacesHome.Assembly);
        await first.WaitForLineAsync(line => line == Stops, SluiceProgram.Bound);
        Deployment deployment = (await prefect.Store.FindDeploymentAsync("Greet", "by-hand", default)).ShouldNotBeNull();
        deployment.WorkPoolName.ShouldBeNull();
        FlowRun run = await prefect.Store.CreateDeploymentRunAsync(deployment.Id, new(), default);
        await WaitAsync(prefect.Store, run.Id, StateType.Completed);
        (await prefect.Store.ListFlowRunStatesAsync(run.Id, default)).Select(state => state.Name).ShouldBe(["Scheduled", "Pending", "Submitting", "Running", "Completed"]);
        prefect.Requests.ShouldContain(request => request.Path == "/deployments/get_scheduled_flow_runs");
        prefect.Requests.ShouldNotContain(request => request.Path.StartsWith("/work_pools", StringComparison.Ordinal));

        // Nobody could pause anything: the next one goes on where this one was.
        first.Process.Kill();
        await first.WaitForExitAsync(SluiceProgram.Bound);
        FlowRun waiting = await prefect.Store.CreateDeploymentRunAsync(deployment.Id, new(), default);
        await using ProgramRun second = _sluice.Start("serve", PacesHome.Assembly);
        await WaitAsync(prefect.Store, waiting.Id, StateType.Completed);

        second.Process.Send(Signal.Terminate);
        (await second.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, second.Output + second.Error);
        (await prefect.Store.FindDeploymentAsync("Greet", "by-hand", default))!.ShouldSatisfyAllConditions(now => now.Id.ShouldBe(deployment.Id), now => now.Paused.ShouldBeTrue());
    }

    [Fact]
    public async Task A_cancelled_run_of_a_served_deployment_ends()
    {
        await using ProgramRun serve = _sluice.Start("serve", PacesHome.Assembly, "--no-pause");
        await serve.WaitForLineAsync(line => line.StartsWith("Ctrl+C", StringComparison.Ordinal), SluiceProgram.Bound);
        (await _sluice.RunAsync("deployment", "run", "Wait/by-hand", "--param", $"file={_sluice.Folder["never"]}", "--flow-run-name", "waiting")).Succeeded();
        await WaitForStateAsync("waiting", "RUNNING");

        (await _sluice.RunAsync("flow-run", "cancel", "waiting")).Succeeded();
        await WaitForStateAsync("waiting", "CANCELLED");
        serve.Process.Send(Signal.Interrupt);
        (await serve.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, serve.Output + serve.Error);
    }

    [Fact]
    public async Task Prefect_2_has_no_runs_without_a_pool_and_that_is_said_before_anything_is_built()
    {
        await using Prefect2Server prefect = await Prefect2Server.StartAsync();
        _sluice.With("PREFECT_API_URL", prefect.Url.AbsoluteUri);

        (await _sluice.RunAsync("serve", PacesHome.Assembly)).FailedWith(1).ShouldBe(
            $"sluice: the server at {prefect.Url} is Prefect 2.10.21, which has no runs without a work pool: deploy with 'dotnet publish' and start 'sluice worker start' there, or use Prefect 3");
        prefect.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deployment_that_was_published_to_a_pool_is_left_to_its_workers()
    {
        await _sluice.DeployAsync();

        (await _sluice.RunAsync("serve", PacesHome.Assembly)).FailedWith(1).ShouldBe(
            "sluice: 'Greet/by-hand' was published to the pool 'default-agent-pool', whose workers run it: delete it there (sluice deployment delete 'Greet/by-hand'), or serve it under another name.");
    }

    [Theory]
    [InlineData("nothing", 2, "'nothing' does not exist: name a project, a .cs file, a folder with a project or a built assembly")]
    [InlineData(".", 2, "there is no project in '{0}': name a project, a .cs file or a built assembly")]
    [InlineData("notes.txt", 2, "'notes.txt' cannot be served: name a project, a .cs file, a folder with a project or a built assembly (.dll)")]
    [InlineData("broken.dll", 1, "{0}/broken.dll is damaged or no .NET assembly")]
    [InlineData("two", 2, "there are several projects in '{0}/two': name one of a.csproj, b.csproj")]
    public async Task What_cannot_be_served_is_said_in_one_line(string target, int exitCode, string message)
    {
        foreach (string file in new[] { "notes.txt", "broken.dll", "two/a.csproj", "two/b.csproj" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_sluice.Folder[file])!);
            await File.WriteAllTextAsync(_sluice.Folder[file], "");
        }

        (await _sluice.RunAsync("serve", target)).FailedWith(exitCode).ShouldStartWith("sluice: " + string.Format(message, _sluice.Folder.Path));
    }

    private async Task<string?> StateAsync(string run) => (await _sluice.RunAsync("flow-run", "inspect", run, "--output", "json")).Succeeded().Json.Text("state_type");

    private async Task WaitForStateAsync(string name, string state)
    {
        await using IOrchestrationApi api = await _sluice.OpenApiAsync();
        FlowRun run = (await api.ListFlowRunsAsync(new() { FlowRuns = new() { Name = new() { Any = [name] } } }, default)).ShouldHaveSingleItem();
        await WaitAsync(api, run.Id, Enum.Parse<StateType>(state, ignoreCase: true));
    }

    private static async Task WaitAsync(IOrchestrationApi api, Guid id, StateType type)
    {
        using var bound = new CancellationTokenSource(SluiceProgram.Bound);
        for (long change = 0; ; change = await api.WaitForChangeAsync(change, TimeSpan.FromSeconds(30), bound.Token))
        {
            if ((await api.ReadFlowRunAsync(id, bound.Token))!.StateType == type)
                return;
        }
    }
}
