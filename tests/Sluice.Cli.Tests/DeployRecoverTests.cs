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

    /// <summary>Two jobs of one push: whoever is late waits, or plans again.</summary>
    [Theory]
    [InlineData(2), InlineData(3)]
    public async Task Of_two_publishes_at_once_both_succeed(int generation)
    {
        _server = generation == 2 ? await Prefect2Server.StartAsync() : await Prefect3Server.StartAsync();
        _sluice.With("PREFECT_API_URL", _server.Url.AbsoluteUri);

        SluiceProgram.Outcome[] outcomes = await Task.WhenAll(_sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly), _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly));

        foreach (SluiceProgram.Outcome outcome in outcomes)
            outcome.Succeeded();
        (await PictureAsync()).Length.ShouldBe(8);
        (await _sluice.RunAsync("deploy", "recover")).Succeeded().Error.ShouldContain("Nothing to recover");
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly)).Succeeded().Output.ShouldContain("8 unchanged");
    }

    [Theory]
    [InlineData(2, "deploy recover"), InlineData(2, "deploy recover --undo"), InlineData(3, "deploy recover"), InlineData(3, "deploy recover --undo"), InlineData(3, "deploy"), InlineData(3, "deployment prune")]
    public async Task A_killed_prune_of_many_is_undone_or_completed(int generation, string next)
    {
        _server = generation == 2 ? await Prefect2Server.StartAsync() : await Prefect3Server.StartAsync();
        _sluice.With("PREFECT_API_URL", _server.Url.AbsoluteUri);
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly)).Succeeded();
        string[] whole = await PictureAsync();
        whole.Length.ShouldBe(8);
        string[] prune = ["deployment", "prune", "--app", "Paces", "--all", "--delete", "--yes"];
        int deletions = 0;
        var fault = new RequestFault { Holds = true, Before = true };
        _server.Fault = request => request.Method == "DELETE" && Interlocked.Increment(ref deletions) == 4 ? fault : null;
        await using (ProgramRun killed = _sluice.Start(prune))
        {
            (await Task.WhenAny(fault.Reached.Task, killed.WaitForExitAsync(SluiceProgram.Bound))).ShouldBe(fault.Reached.Task, killed.Error);
            killed.Process.Kill();
            await killed.WaitForExitAsync(SluiceProgram.Bound);
        }
        _server.Fault = null;
        (await PictureAsync()).Length.ShouldBe(5, "three of eight are gone");

        SluiceProgram.Outcome mended = (await _sluice.RunAsync(next switch
        {
            "deploy" => ["deploy", "--assembly", PacesHome.Assembly],
            "deployment prune" => prune,
            _ => next.Split(' '),
        })).Succeeded();

        (mended.Output + mended.Error).ShouldContain(next.EndsWith("--undo", StringComparison.Ordinal) ? " is undone: " : " is completed: ");
        (await PictureAsync()).ShouldBe(next.EndsWith("--undo", StringComparison.Ordinal) || next == "deploy" ? whole : []);
        (await _sluice.RunAsync("deploy", "recover")).Succeeded().Error.ShouldContain("Nothing to recover");
    }

    /// <summary>What people see of all deployments: all but ids, times, and the pointer to a version, which a publish writes anew.</summary>
    private async Task<string[]> PictureAsync()
    {
        IReadOnlyList<Deployment> all = await _server.Store.ListDeploymentsAsync(new(), default);
        Dictionary<Guid, string> flows = (await _server.Store.ListFlowsAsync(new(), default)).ToDictionary(flow => flow.Id, flow => flow.Name);
        return [.. all.Select(one => string.Join('|', flows[one.FlowId], one.Name, one.Paused, one.Entrypoint, one.Description, one.WorkPoolName, one.ParameterOpenapiSchema, JsonSerializer.Serialize(one.Parameters),
            string.Join(' ', one.Tags.Order(StringComparer.Ordinal)), string.Join(' ', one.Schedules.Select(schedule => $"{schedule.Slug} {schedule.Active} {schedule.Schedule.Cron}{schedule.Schedule.Interval}{schedule.Schedule.Rrule}").Order(StringComparer.Ordinal)))).Order(StringComparer.Ordinal)];
    }
}
