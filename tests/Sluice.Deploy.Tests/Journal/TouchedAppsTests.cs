using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Deploy.Files;
using Sluice.Deploy.Journal;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Ownership;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Storage;
using Sluice.Storage.Packages;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Deploy.Tests.Journal;

/// <summary>Applies that are no publish (files, rollbacks, prune, serve) on what stands in for Prefect servers: under the locks of the apps whose deployments they touch.</summary>
public sealed class TouchedAppsTests : IDisposable
{
    private const string North = "Weather report", South = "Tide report";
    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<int> Generations => [2, 3];

    public static TheoryData<int, string> Publishers => new() { { 2, North }, { 3, North }, { 2, South }, { 3, South } };

    public void Dispose() => _bench.Dispose();

    [Theory, MemberData(nameof(Generations))]
    public async Task A_rollback_of_two_apps_is_recorded_under_each(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await PublishBothTwiceAsync(server);

        (await RollBackAsync(server, Cancel)).Outcome.ShouldNotBeNull().Deployments.Select(one => (one.FullName, one.Number)).ShouldBe([($"{North}/daily", 3), ($"{South}/daily", 3)]);

        foreach ((string app, string flow) in ((string, string)[])[("North", North), ("South", South)])
        {
            JsonElement newest = JsonElement.Parse(File.ReadAllText(Directory.GetFiles(Path.Combine(_bench.Home.Storage, "versions", app.ToLowerInvariant())).Order(StringComparer.Ordinal).Last()));
            newest.GetProperty("app").GetString().ShouldBe(app);
            newest.GetProperty("deployments").EnumerateArray().Select(one => (one.GetProperty("flow").GetString(), one.GetProperty("number").GetInt32())).ShouldBe([(flow, 3)]);
        }
        Journals().ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Publishers))]
    public async Task What_a_rollback_of_two_apps_left_is_brought_to_its_end_by_a_publish_of_either(int generation, string next)
    {
        await using PrefectServer server = await StartAsync(generation);
        await PublishBothTwiceAsync(server);
        int writes = 0;
        server.Fault = request => (request.IsWrite && ++writes >= 2) || writes >= 2 ? new() { Answer = 500 } : null;

        (await RollBackAsync(server, Cancel)).Diagnostics.Where(one => !one.IsWarning).ShouldHaveSingleItem().Code.ShouldBe(DeployCodes.ApplyLeft);

        server.Fault = null;
        (string first, string second) cities = (await CityAsync(server, North), await CityAsync(server, South));
        cities.ShouldNotBe(("Oslo", "Oslo"), "one of the two was written");
        Journals().Length.ShouldBe(2);
        (await PublishAsync(server, next, "Oslo")).Outcome.ShouldNotBeNull();
        _bench.Output.ShouldContain("Sluice: a publish of 'North' that was interrupted");
        Journals().ShouldBeEmpty();
        (await CityAsync(server, North), await CityAsync(server, South)).ShouldBe(("Oslo", "Oslo"));
    }

    [Fact]
    public async Task A_publish_of_the_second_app_waits_for_a_rollback_of_both()
    {
        await using PrefectServer server = await StartAsync(3);
        await PublishBothTwiceAsync(server);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task<DeployResult> rollback = await HeldRollBackAsync(server, stop.Token);
        Journals().Length.ShouldBe(2);

        var heard = new Waiting();
        Declare(South, "Bergen");
        Task<DeployResult> publish = new DeployRunner(_bench.Environment(server.Url) with { Output = heard }).RunAsync(Wanted(South), Cancel);
        await heard.Heard.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        (await CityAsync(server, South)).ShouldBe("Oslo", "neither has written");
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(rollback);
        while (!publish.IsCompleted)
        {
            _bench.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20, Cancel);
        }

        (await publish).Outcome.ShouldNotBeNull();
        (await CityAsync(server, North), await CityAsync(server, South)).ShouldBe(("Oslo", "Bergen"));
        Journals().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_lock_that_points_to_no_journal_holds_nobody_up()
    {
        await using PrefectServer server = await StartAsync(3);
        await PublishBothTwiceAsync(server);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task<DeployResult> rollback = await HeldRollBackAsync(server, stop.Token);
        (string file, string text) locked = Journals().Select(file => (file, File.ReadAllText(file))).Single(one => one.Item2.Contains("\"main\":\"North\"", StringComparison.Ordinal));
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(rollback);
        Journals().ShouldBeEmpty();
        // What a process leaves that is killed after the journal went and before the lock did.
        JsonNode alone = JsonNode.Parse(locked.text)!;
        alone["publisher"]!["host"] = "build-7";
        alone["released"] = true;
        Directory.CreateDirectory(Path.GetDirectoryName(locked.file)!);
        await File.WriteAllTextAsync(locked.file, alone.ToJsonString(), Cancel);

        (IReadOnlyList<RecoveredApply> applies, IReadOnlyList<DeployError> errors) = await new DeployRecovery(_bench.Environment(server.Url)).RunAsync(null, null, Cancel);

        (applies.Count, errors.Count, Journals().Length).ShouldBe((0, 0, 0));
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task A_file_brings_the_publish_of_its_deployments_to_its_end_and_is_recorded_under_their_app(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await PublishAsync(server, North, "Seattle");
        BuildResult built = await new DeploymentFileBuilder(_bench.Environment()).RunAsync(
            new() { Assembly = _bench.Program, Folder = _bench.Temp.Path, Name = "daily", TargetFramework = "net10.0", Parameters = new Dictionary<string, JsonElement> { ["city"] = JsonElement.Parse("\"Bergen\"") } }, Cancel);
        string file = built.Files.ShouldHaveSingleItem().File;
        int writes = 0;
        server.Fault = request => (request.IsWrite && ++writes >= 2) || writes >= 2 ? new() { Answer = 500 } : null;
        (await PublishAsync(server, North, "Oslo")).Outcome.ShouldBeNull();
        server.Fault = null;
        Journals().ShouldHaveSingleItem();

        DeployResult plan = await new DeployRunner(_bench.Environment(server.Url)).ApplyFilesAsync([file], false, new() { Assembly = file, PublishDir = "", Conflicts = "code", PlanOnly = true }, Cancel);
        plan.Diagnostics.ShouldContain(one => one.IsWarning && one.Code == DeployCodes.ApplyLeft);
        DeployResult applied = await new DeployRunner(_bench.Environment(server.Url)).ApplyFilesAsync([file], false, new() { Assembly = file, PublishDir = "", Conflicts = "code" }, Cancel);

        applied.Diagnostics.Where(one => !one.IsWarning).ShouldBeEmpty();
        _bench.Output.ShouldContain("Sluice: a publish of 'North' that was interrupted");
        Journals().ShouldBeEmpty();
        (await CityAsync(server, North)).ShouldBe("Bergen");
        Directory.GetDirectories(Path.Combine(_bench.Home.Storage, "versions")).Select(Path.GetFileName).ShouldBe(["north"]);
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task A_publish_that_takes_over_another_apps_deployments_brings_that_apps_publish_to_its_end_first(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await PublishAsync(server, South, "Seattle");
        int writes = 0;
        server.Fault = request => (request.IsWrite && ++writes >= 2) || writes >= 2 ? new() { Answer = 500 } : null;
        Declare(South, "Oslo");
        (await _bench.RunAsync(Wanted(South) with { DeploymentVersion = "2" }, server.Url)).Outcome.ShouldBeNull();
        server.Fault = null;

        Declare(South, "Bergen");
        DeployResult taken = await _bench.RunAsync(_bench.Request with { App = "North", Conflicts = "code" }, server.Url);

        taken.Outcome.ShouldNotBeNull();
        taken.Diagnostics.ShouldContain(one => one.Code == DeployCodes.OtherApp);
        _bench.Output.ShouldContain("Sluice: a publish of 'South' that was interrupted");
        (await CityAsync(server, South)).ShouldBe("Bergen");
        Journals().ShouldBeEmpty();
    }

    [Theory, InlineData("North", North, "South"), InlineData("South", South, "North")]
    public async Task The_apps_of_an_apply_are_taken_in_one_order_whoever_publishes(string app, string flow, string taker)
    {
        await using PrefectServer server = await StartAsync(3);
        await PublishAsync(server, flow, "Seattle");
        Declare(flow, "Bergen");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var held = new RequestFault { Before = true, Holds = true };
        server.Fault = request => request.IsWrite ? held : null;
        Task<DeployResult> taking = new DeployRunner(_bench.Environment(server.Url)).RunAsync(_bench.Request with { App = taker, Conflicts = "code" }, stop.Token);
        await held.Reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        server.Fault = null;

        string[] places = [.. Journals().Select(file => JsonNode.Parse(File.ReadAllText(file))!).Select(one => $"{one["app"]}, main {one["main"]}").Order(StringComparer.Ordinal)];
        places.ShouldBe(["North, main ", "South, main North"], $"{taker} takes over what {app} has");

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(taking);
        Journals().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_prune_that_loses_the_race_waits_for_the_other_one()
    {
        await using PrefectServer server = await StartAsync(3);
        await PublishAsync(server, South, "Seattle");
        await using HttpOrchestrationApi api = new(server.Endpoint);
        var heard = new Waiting();
        DeployEnvironment environment = _bench.Environment(server.Url) with { Output = heard };
        await using var journals = new JournalStore(PackageStores.Open(StoreUri.OfFolder(_bench.Home.Storage)), (await api.GetInfoAsync(Cancel)).Location);
        await using var other = new ApplyJournal(journals, environment, "South", server.Url.AbsoluteUri);
        int begun = 0;
        IOrchestrationApi meeting = BeforeApply.Of(api, async () =>
        {
            if (begun++ == 0)
                await other.BeginAsync("{}", Cancel);
        });
        var pruner = new DeploymentPruner(meeting, environment);
        IReadOnlyList<Orphan> found = await pruner.FindAsync(new() { App = "South", All = true }, PruneRule.Delete, Cancel);
        found.Count.ShouldBe(2);

        Task prune = pruner.ApplyAsync(found, Cancel);
        await Task.WhenAny(prune, heard.Heard).WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        prune.IsCompleted.ShouldBeFalse();
        await other.EndAsync(Cancel);
        while (!prune.IsCompleted)
        {
            _bench.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20, Cancel);
        }

        await prune;
        begun.ShouldBe(2);
        Journals().ShouldBeEmpty();
        (await pruner.FindAsync(new() { App = "South", All = true }, PruneRule.Delete, Cancel)).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task A_prune_brings_an_interrupted_publish_to_its_end_first_and_leaves_a_journal_where_it_cannot_be_undone(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await PublishAsync(server, North, "Seattle");
        await using HttpOrchestrationApi api = new(server.Endpoint);
        var pruner = new DeploymentPruner(api, _bench.Environment(server.Url));
        IReadOnlyList<Orphan> found = await pruner.FindAsync(new() { App = "North", All = true }, PruneRule.Delete, Cancel);
        found.Count.ShouldBe(2);
        int writes = 0;
        server.Fault = request => (request.IsWrite && ++writes >= 2) || writes >= 2 ? new() { Answer = 500 } : null;

        OrchestrationException left = await Should.ThrowAsync<OrchestrationException>(() => pruner.ApplyAsync(found, Cancel));

        left.Undo.ShouldBe(ApplyUndo.Left);
        left.Message.ShouldEndWith("The next publish, or sluice deploy recover, completes or undoes it first.");
        server.Fault = null;
        Journals().ShouldHaveSingleItem();
        found = await pruner.FindAsync(new() { App = "North", All = true }, PruneRule.Delete, Cancel);
        found.Count.ShouldBe(1, "one is gone");
        // It is made anew by undoing the first, and so is not what was found.
        await pruner.ApplyAsync(found, Cancel);
        Journals().ShouldBeEmpty();
        _bench.Output.ShouldContain("Sluice: a publish of 'North' that was interrupted");
        (await pruner.FindAsync(new() { App = "North", All = true }, PruneRule.Delete, Cancel)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_serving_left_is_undone_before_it_is_served_again_and_what_changed_meanwhile_is_seen()
    {
        await using PrefectServer server = await StartAsync(3);
        Declare(North, "Seattle");
        FlowsManifest manifest = ManifestReader.Read(_bench.Request.Assembly).Manifest;
        await using HttpOrchestrationApi api = new(server.Endpoint);
        int writes = 0;
        server.Fault = request => (request.IsWrite && ++writes >= 3) || writes >= 3 ? new() { Answer = 500 } : null;
        (await Should.ThrowAsync<OrchestrationException>(() => ServedDeployments.ApplyAsync(manifest, _bench.Temp["publish"], "1", api, _bench.Environment(server.Url), Cancel))).Undo.ShouldBe(ApplyUndo.Left);
        server.Fault = null;
        Journals().ShouldHaveSingleItem();

        IReadOnlyList<ServedDeployment> served = await ServedDeployments.ApplyAsync(manifest, _bench.Temp["publish"], "1", api, _bench.Environment(server.Url), Cancel);

        served.Select(one => one.FullName).ShouldBe([$"{North}/daily", $"{North}/manual"]);
        _bench.Output.ShouldContain("Sluice: a publish of 'Weather' that was interrupted");
        Journals().ShouldBeEmpty();

        // Somebody changes one between the look and the write.
        bool isDone = false;
        IOrchestrationApi meeting = BeforeApply.Of(api, async () =>
        {
            if (!isDone)
                await api.UpdateDeploymentAsync(served[0].Id, new() { Tags = ["hers"] }, Cancel);
            isDone = true;
        });
        await ServedDeployments.ApplyAsync(manifest, _bench.Temp["publish"], "1", meeting, _bench.Environment(server.Url), Cancel);
        isDone.ShouldBeTrue();
        _bench.Output.ShouldContain("was changed by somebody else meanwhile");
    }

    private static async Task<PrefectServer> StartAsync(int generation) =>
        generation == 2 ? await Prefect2Server.StartAsync(cancellationToken: Cancel) : await Prefect3Server.StartAsync(cancellationToken: Cancel);

    private string[] Journals() => Directory.Exists(Path.Combine(_bench.Home.Storage, "journal")) ? Directory.GetFiles(Path.Combine(_bench.Home.Storage, "journal"), "*.json", SearchOption.AllDirectories) : [];

    private void Declare(string flow, string city) => _bench.ChangeFlow(one =>
    {
        one["name"] = flow;
        one["deployments"]![0]!["parameters"]!["city"] = city;
        // The standard flow has what Prefect 2 warns of.
        one["deployments"]![1]!["concurrency_limit"] = null;
    });

    private DeployRequest Wanted(string flow) => _bench.Request with { App = flow == North ? "North" : "South" };

    private async Task<DeployResult> PublishAsync(PrefectServer server, string flow, string city)
    {
        Declare(flow, city);
        DeployResult result = await _bench.RunAsync(Wanted(flow), server.Url);
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        return result;
    }

    private async Task PublishBothTwiceAsync(PrefectServer server)
    {
        foreach (string city in (string[])["Seattle", "Oslo"])
        {
            foreach (string flow in (string[])[North, South])
                (await PublishAsync(server, flow, city)).Diagnostics.Where(one => !one.IsWarning).ShouldBeEmpty();
        }
    }

    private Task<DeployResult> RollBackAsync(PrefectServer server, CancellationToken cancellationToken) =>
        new RollbackRunner(_bench.Environment(server.Url)).RunAsync(new() { Deployments = [$"{North}/daily", $"{South}/daily"] }, cancellationToken);

    /// <summary>A rollback whose first write the server holds until it is cancelled.</summary>
    private async Task<Task<DeployResult>> HeldRollBackAsync(PrefectServer server, CancellationToken cancellationToken)
    {
        var held = new RequestFault { Before = true, Holds = true };
        server.Fault = request => request.IsWrite ? held : null;
        Task<DeployResult> rollback = RollBackAsync(server, cancellationToken);
        await held.Reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        server.Fault = null;
        return rollback;
    }

    private static async Task<string> CityAsync(PrefectServer server, string flow)
    {
        await using HttpOrchestrationApi api = new(server.Endpoint);
        return (await api.FindDeploymentAsync(flow, "daily", Cancel)).ShouldNotBeNull().Parameters["city"].GetString()!;
    }

    /// <summary>Hears that a publish waits.</summary>
    private sealed class Waiting : StringWriter
    {
        private readonly TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Heard => _heard.Task;

        public override Task WriteLineAsync(string? value)
        {
            if (value?.StartsWith("Sluice: waiting for another publish of 'South' (", StringComparison.Ordinal) == true)
                _heard.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
