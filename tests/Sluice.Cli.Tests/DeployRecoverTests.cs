using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Cli.Tests;

/// <summary><c>deploy recover</c> after a real <c>sluice deploy</c> was killed while a server that answers as Prefect held one of its writes.</summary>
public sealed class DeployRecoverTests : IAsyncDisposable
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
    [InlineData(2, 1, null), InlineData(2, 3, "--undo")]
    [InlineData(3, 2, "--undo"), InlineData(3, 3, null)]
    public async Task A_killed_publish_is_undone_or_completed_as_the_user_says(int generation, int write, string? choice)
    {
        PrefectServerOptions options = new() { ApiKey = "key" };
        _server = generation == 2 ? await Prefect2Server.StartAsync(options) : await Prefect3Server.StartAsync(options);
        _sluice.With("PREFECT_API_URL", _server.Url.AbsoluteUri).With("PREFECT_API_KEY", "key");
        (await _sluice.RunAsync("deploy", "recover")).Succeeded().Error.ShouldContain("Nothing to recover");

        int writes = 0;
        var fault = new RequestFault { Holds = true };
        _server.Fault = request => request.IsWrite && Interlocked.Increment(ref writes) == write ? fault : null;
        await using (ProgramRun deploy = _sluice.Start("deploy", "--assembly", PacesHome.Assembly))
        {
            (await Task.WhenAny(fault.Reached.Task, deploy.WaitForExitAsync(SluiceProgram.Bound))).ShouldBe(fault.Reached.Task, deploy.Error);
            deploy.Process.Kill();
            await deploy.WaitForExitAsync(SluiceProgram.Bound);
        }
        _server.Fault = null;
        int before = (await _server.Store.ListDeploymentsAsync(new(), default)).Count;

        (await _sluice.RunAsync("deploy", "recover", "--undo", "--complete")).FailedWith(2).ShouldContain("one of --undo and --complete");
        SluiceProgram.Outcome recovered = (await _sluice.RunAsync(["deploy", "recover", "--output", "json", .. choice is null ? (string[])[] : [choice]])).Succeeded();
        recovered.Json.EnumerateArray().ShouldHaveSingleItem().GetProperty("outcome").GetString().ShouldBe(choice is null ? "completed" : "undone");
        IReadOnlyList<Deployment> after = await _server.Store.ListDeploymentsAsync(new(), default);
        if (choice is null)
            after.Count.ShouldBeGreaterThan(before);
        else
            after.ShouldBeEmpty();
        (await _sluice.RunAsync("deploy", "recover")).Succeeded().Error.ShouldContain("Nothing to recover");

        // What was completed is what a publish would make.
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly)).Succeeded().Output.ShouldContain(choice is null ? $"{after.Count} unchanged" : " created");
    }
}
