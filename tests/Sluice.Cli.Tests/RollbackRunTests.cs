using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Cli.Tests;

/// <summary>A broken program is published while a run is going on, and rolled back: with our worker, on the embedded server and on Prefect of both generations.</summary>
public sealed class RollbackRunTests : IAsyncDisposable
{
    private readonly SluiceProgram _sluice = new();
    private PrefectServer? _server;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _sluice.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_run_that_is_going_on_keeps_its_code_and_new_runs_have_that_of_the_version_that_came_back(int generation)
    {
        _server = generation switch { 2 => await Prefect2Server.StartAsync(), 3 => await Prefect3Server.StartAsync(), _ => null };
        if (_server is not null)
            _sluice.With("PREFECT_API_URL", _server.Url.ToString());
        await _sluice.DeployAsync();
        await using ProgramRun worker = _sluice.Start("worker", "start", "--name", "tester", "-q", "default", "-q", "slow");
        await worker.WaitForLineAsync(line => line.StartsWith("Worker 'tester' serves", StringComparison.Ordinal), SluiceProgram.Bound);
        string file = _sluice.Folder["end"];
        (await _sluice.RunAsync("deployment", "run", "Wait/by-hand", "--param", $"file={file}", "--flow-run-name", "going-on")).Succeeded();
        await WaitAsync("going-on", StateType.Running);

        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--publish-dir", Broken())).Succeeded();
        (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--flow-run-name", "broken")).Succeeded();
        await WaitAsync("broken", StateType.Crashed);

        (await _sluice.RunAsync("deployment", "rollback", "Greet/by-hand", "Wait/by-hand")).Succeeded().Output.ShouldContain("Greet/by-hand is version 3 now, which brings back version 1.");
        (await StateAsync("going-on")).ShouldBe(StateType.Running);
        (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--flow-run-name", "mended")).Succeeded();
        await WaitAsync("mended", StateType.Completed);
        await File.WriteAllTextAsync(file, "");
        await WaitAsync("going-on", StateType.Completed);

        worker.Process.Send(Signal.Terminate);
        (await worker.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, worker.Output + worker.Error);
    }

    /// <summary>The published program, which does not start any more.</summary>
    private string Broken()
    {
        string folder = Directory.CreateDirectory(_sluice.Folder["broken"]).FullName;
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(PacesHome.Assembly)!))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        File.WriteAllText(Path.Combine(folder, "Paces.dll"), "no program");
        return folder;
    }

    private async Task<StateType?> StateAsync(string run) =>
        Enum.Parse<StateType>((await _sluice.RunAsync("flow-run", "inspect", run, "--output", "json")).Succeeded().Json.Text("state_type")!, ignoreCase: true);

    private async Task WaitAsync(string run, StateType state)
    {
        using var bound = new CancellationTokenSource(SluiceProgram.Bound);
        while (await StateAsync(run) is var now && now != state)
        {
            (now is StateType.Completed or StateType.Failed or StateType.Crashed or StateType.Cancelled).ShouldBeFalse($"{run} is {now}");
            await Task.Delay(200, bound.Token);
        }
    }
}
