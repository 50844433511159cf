using System.Text.Json.Nodes;
using Sluice.Deploy.Ownership;
using Sluice.Orchestration;
using Sluice.Testing;
using static Sluice.Deploy.Tests.Ownership.OwnershipTests;

namespace Sluice.Deploy.Tests.Ownership;

/// <summary>What becomes of deployments that the code no longer has, on Sluice's server (0) and on what stands in for Prefect servers of both generations.</summary>
public sealed class PruneTests : IDisposable
{
    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<int> Servers => [0, 2, 3];

    public void Dispose() => _bench.Dispose();

    [Theory, MemberData(nameof(Servers))]
    public async Task What_vanished_is_paused_as_the_user_chose_and_stays_so(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        await place.PublishAsync(Names("kept", "gone"));
        DeployRequest pause = _bench.Request with { Prune = "pause" };

        (await place.PublishAsync(Names("kept"), pause with { PlanOnly = true })).Outcome!.HasChanges.ShouldBeTrue();
        _bench.Output.ShouldContain("Weather report/gone: would be paused (no longer in the code)\n");
        (await place.LiveAsync("gone")).Paused.ShouldBeFalse("a plan does nothing");

        DeployOutcome outcome = (await place.PublishAsync(Names("kept"), pause)).Outcome!;
        outcome.Deployments.Select(d => (d.FullName, d.Outcome)).ShouldBe([("Weather report/kept", "unchanged"), ("Weather report/gone", "paused")]);
        (await place.LiveAsync("gone")).Paused.ShouldBeTrue();

        DeployOutcome again = (await place.PublishAsync(Names("kept"), pause)).Outcome!;
        (again.HasChanges, again.ApiWrites, again.Deployments[1].Outcome).ShouldBe((false, 0, "orphaned"), "after an apply the plan is empty");
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task A_pause_of_prune_is_lifted_when_the_code_is_back_and_a_persons_stays(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        DeployRequest pause = _bench.Request with { Prune = "pause" };
        await place.PublishAsync(Names("kept", "gone", "hers", "touched"));
        await place.Api.SetDeploymentPausedAsync((await place.LiveAsync("hers")).Id, true, Cancel);
        DeployOutcome pruned = (await place.PublishAsync(Names("kept"), pause)).Outcome!;
        pruned.Deployments.Select(d => (d.FullName, d.Outcome)).ShouldBe(
            [("Weather report/kept", "unchanged"), ("Weather report/gone", "paused"), ("Weather report/hers", "orphaned"), ("Weather report/touched", "paused")]);
        (await place.MarkAsync("gone"))!.IsPaused.ShouldBeTrue();
        (await place.MarkAsync("hers"))!.IsPaused.ShouldBeFalse();
        // A person resumes one and pauses it again: it is theirs. A Prefect server does not tell.
        foreach (bool paused in (bool[])[false, true])
            await place.Api.SetDeploymentPausedAsync((await place.LiveAsync("touched")).Id, paused, Cancel);

        await place.PublishAsync(Names("kept", "gone", "hers", "touched"), pause with { PlanOnly = true });
        _bench.Output.ShouldContain("Weather report/gone: would be updated (paused");
        _bench.Output.ShouldContain("paused: true → false (resumed: its code is back)\n");
        _bench.Output.ShouldContain("paused: true (changed on the server, kept; the code does not say it)\n");
        (await place.LiveAsync("gone")).Paused.ShouldBeTrue("a plan does nothing");

        DeployOutcome back = (await place.PublishAsync(Names("kept", "gone", "hers", "touched"), pause)).Outcome!;
        back.HasChanges.ShouldBeTrue();
        ((await place.LiveAsync("gone")).Paused, (await place.LiveAsync("hers")).Paused, (await place.LiveAsync("touched")).Paused).ShouldBe((false, true, generation == 0));
        (await place.MarkAsync("gone"))!.IsPaused.ShouldBeFalse();
        (await place.PublishAsync(Names("kept", "gone", "hers", "touched"), pause)).Outcome!.HasChanges.ShouldBeFalse("after an apply the plan is empty");
        await place.Api.SetDeploymentPausedAsync((await place.LiveAsync("gone")).Id, true, Cancel);
        (await place.PublishAsync(Names("kept", "gone", "hers", "touched"), pause)).Outcome!.HasChanges.ShouldBeFalse("a person's pause stays");
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task What_prune_paused_and_the_code_declares_paused_stays_so(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        await place.PublishAsync(Names("kept", "gone"));
        await place.PublishAsync(Names("kept"), _bench.Request with { Prune = "pause" });
        await place.PublishAsync(flow =>
        {
            Names("kept", "gone")(flow);
            flow["deployments"]![1]!["paused"] = true;
        });
        Deployment live = await place.LiveAsync("gone");
        (live.Paused, OwnerMark.Of(live)!.IsPaused).ShouldBe((true, false));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task What_vanished_is_deleted_with_the_runs_that_wait_and_the_others_stay_as_history(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        await place.PublishAsync(Names("kept", "gone"));
        Guid id = (await place.LiveAsync("gone")).Id;
        FlowRun running = await place.Api.CreateDeploymentRunAsync(id, new() { Parameters = City }, Cancel);
        await place.Api.SetFlowRunStateAsync(running.Id, new() { Type = StateType.Running }, new() { Force = true }, Cancel);
        FlowRun waiting = await place.Api.CreateDeploymentRunAsync(id, new() { Parameters = City, State = new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = DateTimeOffset.UtcNow.AddDays(1) } } }, Cancel);

        DeployOutcome outcome = (await place.PublishAsync(Names("kept", "new"), _bench.Request with { Prune = "delete", Rename = "" })).Outcome!;

        outcome.Deployments.Where(d => d.Outcome is "deleted").Select(d => d.FullName).ShouldBeEmpty("one vanished and one is new: that is a rename");
        outcome = (await place.PublishAsync(Names("kept"), _bench.Request with { Prune = "delete" })).Outcome!;
        outcome.Deployments.Select(d => (d.FullName, d.Outcome)).ShouldBe([("Weather report/kept", "unchanged"), ("Weather report/new", "deleted")]);
        outcome.HasChanges.ShouldBeTrue();
        (await place.NamesAsync()).ShouldBe(["kept"]);
        (await place.Api.ReadFlowRunAsync(running.Id, Cancel)).ShouldNotBeNull().StateType.ShouldBe(StateType.Running);
        (await place.Api.ReadFlowRunAsync(waiting.Id, Cancel)).ShouldBeNull();
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task A_publish_that_would_leave_nothing_of_the_app_prunes_nothing_and_says_so(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        await place.PublishAsync(flow => Method(flow, "First", "a", "b"));

        DeployResult result = await place.PublishAsync(flow => Method(flow, "Second", "c"), _bench.Request with { Prune = "delete" });

        DeployError warning = result.Diagnostics.Where(d => d.Code == DeployCodes.PruneRefused).ShouldHaveSingleItem();
        warning.IsWarning.ShouldBeTrue();
        warning.Message.ShouldStartWith("Nothing that this publish declares was there before, and Weather report/a, Weather report/b of the app 'Weather' would all be deleted: is 'Weather' another project too?");
        (await place.NamesAsync()).ShouldBe(["a", "b", "c"]);
        await place.PublishAsync(flow => Method(flow, "Second", "c"), _bench.Request with { App = "Second", Prune = "delete" });
        (await place.NamesAsync()).ShouldBe(["a", "b", "c"], "an app of its own has nothing of the other's");
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task What_another_project_of_the_same_name_published_is_left_alone_and_told(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        GitRepository mine = await GitRepository.CreateAsync(_bench.Temp["mine"]), its = await GitRepository.CreateAsync(_bench.Temp["its"]);
        await mine.CommitAsync("one", ("src/Weather/Weather.csproj", "<Project/>"));
        await its.CommitAsync("one", ("flows/Weather.csproj", "<Project/>"));
        await mine.GitAsync("remote", "add", "origin", "https://git.example/team/reports.git");
        await its.GitAsync("remote", "add", "origin", "git@git.example:other/weather");
        DeployRequest ours = _bench.Request with { Project = Path.Combine(mine.Folder, "src/Weather/Weather.csproj"), Prune = "delete" };
        DeployRequest theirs = _bench.Request with { Project = Path.Combine(its.Folder, "flows/Weather.csproj"), Prune = "delete" };
        await place.PublishAsync(Names("a", "gone"), ours);
        await place.PublishAsync(Names("b", "c"), theirs);

        // The same method, once gone and once new: it would be a rename, were it of one project.
        DeployResult second = await place.PublishAsync(Names("a", "new"), ours);

        second.Outcome!.Deployments.Select(one => $"{one.FullName}: {one.Outcome}").ShouldBe(["Weather report/a: unchanged", "Weather report/new: moved"]);
        DeployError told = second.Diagnostics.Where(one => one.Code == DeployCodes.OtherProject).ShouldHaveSingleItem();
        told.IsWarning.ShouldBeTrue();
        told.Message.ShouldStartWith("Weather report/b, Weather report/c of the app 'Weather' were published by another project (flows/Weather.csproj of git@git.example:other/weather), and left alone: tell the two projects apart by <SluiceApp>");
        (await place.NamesAsync()).ShouldBe(["a", "b", "c", "new"]);

        // What is its own goes, also where a clone has another address of the same repository.
        await mine.GitAsync("remote", "set-url", "origin", "ssh://git@git.example/team/reports");
        (await place.PublishAsync(Names("a"), ours)).Outcome!.Deployments.Single(one => one.Outcome == "deleted").FullName.ShouldBe("Weather report/new");
        IReadOnlyList<Orphan> found = await new DeploymentPruner(place.Api, _bench.Environment()).FindAsync(new() { Assembly = _bench.Request.Assembly }, PruneRule.Delete, Cancel);
        found.Select(one => (one.FullName, one.Outcome, one.Reason)).ShouldBe([.. new[] { "b", "c" }.Select(name => ($"Weather report/{name}", "orphaned", "left as it is: another project published it as 'Weather'"))]);

        // What both declare is whose publish was last, and that is told.
        DeployResult taken = await place.PublishAsync(Names("a", "b"), ours with { DeploymentVersion = "2" });
        taken.Diagnostics.ShouldContain(one => one.Code == DeployCodes.OtherProject && one.Message.StartsWith("Weather report/b of the app 'Weather' was published by another project before", StringComparison.Ordinal));
        (await place.PublishAsync(Names("a", "b"), ours with { DeploymentVersion = "2" })).Diagnostics.ShouldNotContain(one => one.Message.Contains("takes it over", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task An_environment_of_another_project_is_its_own_to_end(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        GitRepository mine = await GitRepository.CreateAsync(_bench.Temp["mine"]), its = await GitRepository.CreateAsync(_bench.Temp["its"]);
        await mine.CommitAsync("one", ("src/Weather.csproj", "<Project/>"));
        await its.CommitAsync("one", ("flows/Weather.csproj", "<Project/>"));
        DeployRequest ours = _bench.Request with { Project = Path.Combine(mine.Folder, "src/Weather.csproj"), Prune = "delete" };
        DeployRequest theirs = _bench.Request with { Project = Path.Combine(its.Folder, "flows/Weather.csproj"), Prune = "delete" };
        await place.PublishAsync(Names("b"), theirs with { Environment = "pr-1", EnvironmentTtl = "1d" });
        _bench.Time.Advance(TimeSpan.FromDays(2));

        DeployResult other = await place.PublishAsync(Names("a"), ours);
        other.Outcome!.Deployments.Select(one => one.FullName).ShouldBe(["Weather report/a"]);
        other.Diagnostics.Where(one => one.Code == DeployCodes.OtherProject).ShouldHaveSingleItem().Message.ShouldStartWith("Weather report/b-pr-1 of the app 'Weather' was published by another project (flows/Weather.csproj)");
        (await place.NamesAsync()).ShouldBe(["a", "b-pr-1"]);

        await place.PublishAsync(Names("b"), theirs);
        (await place.NamesAsync()).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task A_publish_that_declares_nothing_prunes_nothing()
    {
        await using Place place = await Place.StartAsync(_bench, 0);
        await place.PublishAsync(Names("a", "b"));
        _bench.WriteFlows();
        (await place.RunAsync(_bench.Request with { Prune = "delete" })).Outcome!.Deployments.ShouldBeEmpty();
        (await place.NamesAsync()).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task An_unknown_rule_is_refused() =>
        (await _bench.FailAsync(_bench.Request with { Prune = "remove" })).ToString().ShouldEndWith("error SLC1107: SluicePrune 'remove' is unknown: write report, pause or delete.");

    [Theory, MemberData(nameof(Servers))]
    public async Task A_renamed_deployment_is_moved_with_what_people_set(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        await place.PublishAsync(flow => flow["deployments"]!.AsArray().RemoveAt(1));
        Deployment before = await place.LiveAsync("daily");
        await place.Api.SetDeploymentPausedAsync(before.Id, true, Cancel);
        await place.Api.UpdateDeploymentAsync(before.Id, new() { Parameters = City }, Cancel);
        FlowRun run = await place.Api.CreateDeploymentRunAsync(before.Id, new() { Parameters = City }, Cancel);
        await place.Api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Completed }, new() { Force = true }, Cancel);

        DeployOutcome outcome = (await place.PublishAsync(Rename)).Outcome!;

        outcome.Deployments.Select(d => (d.FullName, d.Outcome, d.MovedFrom)).ShouldBe([("Climate report/nightly", "moved", "Weather report/daily")]);
        _bench.Output.ShouldContain("Climate report/nightly: moved (from Weather report/daily");
        _bench.Output.Contains("past runs stay without a deployment", StringComparison.Ordinal).ShouldBe(generation != 0);
        outcome.Deployments[0].Number.ShouldBe(2, "its history goes on");
        (await place.NamesAsync()).ShouldBe(["nightly"]);
        Deployment after = await place.LiveAsync("nightly", "Climate report");
        after.Paused.ShouldBeTrue("a person paused it");
        after.Parameters["city"].GetString().ShouldBe("Oslo", "a person changed it, and the code did not");
        after.Schedules.ShouldHaveSingleItem().Schedule.Cron.ShouldBe("0 6 * * *");
        OwnerMark.Of(after).ShouldNotBeNull().CreatedAs.ShouldBe("Climate report/nightly");
        (await place.Api.ReadFlowRunAsync(run.Id, Cancel)).ShouldNotBeNull().StateType.ShouldBe(StateType.Completed);
        if (generation == 0)
        {
            (after.Id, after.Schedules[0].Id).ShouldBe((before.Id, before.Schedules[0].Id));
            (await place.Api.ReadFlowRunAsync(run.Id, Cancel))!.DeploymentId.ShouldBe(after.Id, "its runs are its runs");
        }
        DeployOutcome again = (await place.PublishAsync(Rename)).Outcome!;
        (again.HasChanges, again.ApiWrites).ShouldBe((false, 0));

        static void Rename(JsonNode flow)
        {
            flow["name"] = "Climate report";
            flow["deployments"]!.AsArray().RemoveAt(1);
            flow["deployments"]![0]!["name"] = "nightly";
        }
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task Two_that_cannot_be_told_apart_are_created_and_orphaned_until_somebody_says_which(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        await place.PublishAsync(Names("a", "b"));
        Guid a = (await place.LiveAsync("a")).Id;

        DeployOutcome plan = (await place.PublishAsync(Names("x", "y"), _bench.Request with { PlanOnly = true })).Outcome!;
        plan.Deployments.Select(d => (d.FullName, d.Outcome)).ShouldBe([("Weather report/x", "created"), ("Weather report/y", "created"), ("Weather report/a", "orphaned"), ("Weather report/b", "orphaned")]);
        _bench.Output.ShouldContain("Weather report/x, Weather report/y may be Weather report/a, Weather report/b under new names, and it cannot be told which. Say it, and runs and pauses move along: -p:SluiceRename=\"Weather report/a=Weather report/x\".\n");

        DeployOutcome outcome = (await place.PublishAsync(Names("x", "y"), _bench.Request with { Rename = "Weather report/a=Weather report/x" })).Outcome!;
        outcome.Deployments.Select(d => (d.FullName, d.Outcome, d.MovedFrom)).ShouldBe([("Weather report/x", "moved", "Weather report/a"), ("Weather report/y", "moved", "Weather report/b")], "what is left is told by what was said");
        if (generation == 0)
            (await place.LiveAsync("x")).Id.ShouldBe(a);
        (await place.NamesAsync()).ShouldBe(["x", "y"]);
        (await place.PublishAsync(Names("x", "y"), _bench.Request with { Rename = "Weather report/a=Weather report/x" })).Outcome!.ApiWrites.ShouldBe(0, "the property may stay");
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task An_environment_is_removed_at_once_or_when_its_time_is_over(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        await place.PublishAsync(Names("a", "b"));
        await place.PublishAsync(Names("a", "b"), _bench.Request with { Environment = "pr-1", EnvironmentTtl = "2d" });
        await place.PublishAsync(Names("a"), _bench.Request with { Environment = "pr-2", EnvironmentTtl = "9d" });
        await place.PublishAsync(Names("a"), _bench.Request with { Environment = "pr-3" });
        await place.PublishAsync(Names("c"), _bench.Request with { Environment = "pr-4", EnvironmentTtl = "1d", App = "Other" });
        var pruner = new DeploymentPruner(place.Api, _bench.Environment());
        async Task<string[]> FindAsync(PruneSelection selection) => [.. (await pruner.FindAsync(selection, PruneRule.Delete, Cancel)).Select(o => $"{o.FullName[(o.FullName.IndexOf('/', StringComparison.Ordinal) + 1)..]}: {o.Reason}")];

        (await FindAsync(new())).ShouldBeEmpty();
        (await FindAsync(new() { Environment = "pr-2" })).ShouldBe(["a-pr-2: of environment pr-2"]);
        (await FindAsync(new() { Environment = "pr-2", App = "Other" })).ShouldBeEmpty();
        (await FindAsync(new() { App = "Weather", All = true })).ShouldBe(["a: of the app Weather", "b: of the app Weather"]);
        _bench.Time.Advance(TimeSpan.FromDays(3));
        (await FindAsync(new() { App = "Weather" })).ShouldBe(["a-pr-1: environment pr-1 expired 2026-11-24T08:30:00Z", "b-pr-1: environment pr-1 expired 2026-11-24T08:30:00Z"]);
        (await FindAsync(new())).Length.ShouldBe(3);

        await pruner.ApplyAsync(await pruner.FindAsync(new(), PruneRule.Report, Cancel), Cancel);
        (await place.NamesAsync()).Length.ShouldBe(7, "a report does nothing");
        await pruner.ApplyAsync(await pruner.FindAsync(new() { Environment = "pr-2" }, PruneRule.Delete, Cancel), Cancel);
        (await place.NamesAsync()).ShouldBe(["a", "a-pr-1", "a-pr-3", "b", "b-pr-1", "c-pr-4"]);
        (await place.PublishAsync(Names("a", "b"), _bench.Request with { Prune = "delete" })).Outcome!.Deployments.Where(d => d.Outcome == "deleted").Select(d => d.FullName).ShouldBe(["Weather report/a-pr-1", "Weather report/b-pr-1"]);
        (await place.NamesAsync()).ShouldBe(["a", "a-pr-3", "b", "c-pr-4"], "another app's environments are that app's");
        await pruner.ApplyAsync(await pruner.FindAsync(new(), PruneRule.Delete, Cancel), Cancel);
        (await place.NamesAsync()).ShouldBe(["a", "a-pr-3", "b"]);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task What_may_have_been_renamed_is_paused_by_the_first_publish_and_deleted_by_the_next(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        DeployRequest delete = _bench.Request with { Prune = "delete" };
        await place.PublishAsync(Names("kept", "a"));
        _bench.ChangeFlow(Names("kept", "x", "y"));
        (await new DeploymentPruner(place.Api, _bench.Environment()).FindAsync(new() { Assembly = _bench.Request.Assembly }, PruneRule.Delete, Cancel)).Select(one => $"{one.FullName}: {one.Outcome}, {one.Reason}")
            .ShouldBe(["Weather report/a: orphaned, left as it is: it may be Weather report/x or Weather report/y under a new name, which the next publish is told by -p:SluiceRename=\"Weather report/a=Weather report/x\""]);

        DeployOutcome first = (await place.PublishAsync(Names("kept", "x", "y"), delete)).Outcome!;

        first.Deployments.Select(one => $"{one.FullName}: {one.Outcome}").ShouldBe(["Weather report/kept: unchanged", "Weather report/x: created", "Weather report/y: created", "Weather report/a: paused"]);
        _bench.Output.ShouldContain("- Weather report/a: paused (no longer in the code; it may be Weather report/x or Weather report/y under a new name: the next publish deletes it)\n");
        (await place.LiveAsync("a")).Paused.ShouldBeTrue("it is not lost, and makes no runs beside the new ones");
        // Said late: the new one goes, and the old one takes its place, resumed.
        await place.Api.DeleteDeploymentAsync((await place.LiveAsync("x")).Id, Cancel);
        (await place.PublishAsync(Names("kept", "x", "y"), delete with { Rename = "Weather report/a=Weather report/x" })).Outcome!.Deployments.Select(one => $"{one.FullName}: {one.Outcome}")
            .ShouldBe(["Weather report/kept: unchanged", "Weather report/x: moved", "Weather report/y: unchanged"]);
        (await place.LiveAsync("x")).Paused.ShouldBeFalse();

        await place.PublishAsync(Names("kept", "p", "q", "r"), delete);
        (await place.NamesAsync()).ShouldBe(["kept", "p", "q", "r", "x", "y"]);
        (await place.PublishAsync(Names("kept", "p", "q", "r"), delete)).Outcome!.Deployments.Where(one => one.Outcome == "deleted").Select(one => one.FullName).ShouldBe(["Weather report/x", "Weather report/y"]);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task The_orphans_of_an_assembly_are_found_without_a_publish_but_for_renames(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        await place.PublishAsync(Names("kept", "gone"));
        await place.PublishAsync(Names("kept", "gone"), _bench.Request with { Environment = "pr-1" });
        var pruner = new DeploymentPruner(place.Api, _bench.Environment());
        async Task<string[]> FindAsync(string? environment) =>
            [.. (await pruner.FindAsync(new() { Assembly = _bench.Request.Assembly, Environment = environment }, PruneRule.Delete, Cancel)).Select(o => $"{o.FullName}: {o.Outcome}, {o.Reason}")];

        _bench.ChangeFlow(Names("kept"));
        (await FindAsync(null)).ShouldBe(["Weather report/gone: deleted, no longer in the code"]);
        (await FindAsync("pr-1")).ShouldBe(["Weather report/gone-pr-1: deleted, no longer in the code"]);
        _bench.ChangeFlow(Names("kept", "renamed"));
        (await FindAsync(null)).ShouldBe(["Weather report/gone: orphaned, the next publish moves it to Weather report/renamed"]);
    }

    [Fact]
    public async Task What_changed_since_it_was_found_is_not_deleted()
    {
        await using Place place = await Place.StartAsync(_bench, 0);
        await place.PublishAsync(Names("a", "b"));
        var pruner = new DeploymentPruner(place.Api, _bench.Environment());
        IReadOnlyList<Orphan> found = await pruner.FindAsync(new() { App = "Weather", All = true }, PruneRule.Delete, Cancel);
        await place.Api.UpdateDeploymentAsync((await place.LiveAsync("b")).Id, new() { Description = "needed after all" }, Cancel);

        (await Should.ThrowAsync<OrchestrationException>(() => pruner.ApplyAsync(found, Cancel))).Kind.ShouldBe(OrchestrationErrorKind.Conflict);

        (await place.NamesAsync()).ShouldBe(["a", "b"], "all of it or nothing");
    }

    /// <summary>Random mixtures of what people, two apps and their environments made: whatever is published and pruned, only what that app's publishes created there goes.</summary>
    [Theory, MemberData(nameof(Servers))]
    public async Task Nothing_that_somebody_else_made_is_ever_pruned(int generation)
    {
        foreach (int seed in Enumerable.Range(Fuzz.Seed, Fuzz.Count(4)))
        {
            using DeployBench bench = new();
            await using Place place = await Place.StartAsync(bench, generation);
            var random = new Random(seed);
            var created = new Dictionary<Guid, (string? App, string? Environment)>();
            for (int step = 0; step < 8; step++)
            {
                string told = $"seed {seed}, step {step}";
                Deployment[] before = [.. await place.Api.ListDeploymentsAsync(new(), Cancel)];
                string app = random.Next(2) == 0 ? "Weather" : "Other";
                string? environment = random.Next(3) switch { 0 => "pr-1", 1 => "pr-2", _ => null };
                switch (random.Next(5))
                {
                    case 0:
                        Flow flow = await place.Api.EnsureFlowAsync(new() { Name = "Flow " + "abcd"[random.Next(4)] }, Cancel);
                        if (before.All(d => d.FlowId != flow.Id || d.Name != "d"))
                            created[(await place.Api.UpsertDeploymentAsync(new() { Name = "d", FlowId = flow.Id }, Cancel)).Id] = (null, null);
                        break;
                    case 1 when before.Length > 0:
                        created[await place.CopyAsync(before[random.Next(before.Length)], $"copy {step}")] = (null, null);
                        break;
                    case 2:
                        var pruner = new DeploymentPruner(place.Api, bench.Environment());
                        PruneSelection selection = environment is not null ? new() { Environment = environment, App = random.Next(2) == 0 ? app : null } : random.Next(2) == 0 ? new() { App = app, All = true } : new();
                        await pruner.ApplyAsync(await pruner.FindAsync(selection, PruneRule.Delete, Cancel), Cancel);
                        foreach (Deployment gone in await GoneAsync(place, before))
                        {
                            created[gone.Id].ShouldSatisfyAllConditions(told,
                                made => made.App.ShouldNotBeNull(), made => made.Environment.ShouldBe(selection.Environment),
                                made => (selection.App ?? made.App).ShouldBe(made.App));
                        }
                        break;
                    default:
                        bench.WriteFlows([.. "abcd".Where(_ => random.Next(2) == 0).Select(name => Own(name))]);
                        DeployResult result = await place.RunAsync(bench.Request with { App = app, Environment = environment, Prune = random.Next(3) switch { 0 => "pause", _ => "delete" } });
                        if (result.Outcome is null)
                            result.Diagnostics.ShouldContain(d => d.Code == DeployCodes.EnvironmentWouldReplace, told);
                        foreach (Deployment gone in await GoneAsync(place, before))
                            created[gone.Id].ShouldBe((app, environment), told);
                        foreach (DeployedDeployment one in (result.Outcome?.Deployments ?? []).Where(d => d.Outcome == "created"))
                            created[one.Id!.Value] = (app, environment);
                        // Another app's, taken over, is nobody's to prune any more.
                        foreach (DeployedDeployment one in (result.Outcome?.Deployments ?? []).Where(d => d.Outcome is "updated" && created[d.Id!.Value] != (app, environment)))
                            created[one.Id!.Value] = (null, null);
                        break;
                }
            }
        }

        static JsonNode Own(char name)
        {
            JsonNode flow = JsonNode.Parse(DeployBench.Flow)!;
            flow["name"] = "Flow " + name;
            flow["entrypoint"] = "Weather.dll!Weather.Flows." + name;
            Names("d")(flow);
            return flow;
        }

        static async Task<Deployment[]> GoneAsync(Place place, Deployment[] before)
        {
            HashSet<Guid> after = [.. (await place.Api.ListDeploymentsAsync(new(), Cancel)).Select(d => d.Id)];
            return [.. before.Where(d => !after.Contains(d.Id))];
        }
    }

    private static Dictionary<string, System.Text.Json.JsonElement> City { get; } = new() { ["city"] = System.Text.Json.JsonElement.Parse("\"Oslo\"") };

    private static void Method(JsonNode flow, string method, params string[] names)
    {
        flow["entrypoint"] = "Weather.dll!Weather.Flows." + method;
        Names(names)(flow);
    }
}
