using System.Globalization;
using System.Text.Json;
using Sluice.Cli.Migration;
using Sluice.Deploy.Journal;
using Sluice.Orchestration;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Cli.Tests.Migration;

/// <summary>What is copied is equal, whatever it is and between whichever servers, and copying it again writes nothing.</summary>
public sealed class MigrationTests : IAsyncDisposable
{
    private static readonly MigrationOptions _all = new() { Activate = true };
    private readonly MigrationDoors _doors = new();
    private readonly StringWriter _told = new();

    public static TheoryData<string, string> Ways => MigrationDoors.Ways;

    public ValueTask DisposeAsync() => _doors.DisposeAsync();

    [Theory, MemberData(nameof(Ways))]
    public async Task Random_contents_arrive_whole_and_later_changes_too(string from, string to)
    {
        for (int round = 0; round < Fuzz.Count(2); round++)
        {
            int seed = Fuzz.Seed + round;
            MigrationSide source = await _doors.OpenAsync(from);
            MigrationSide target = await _doors.OpenAsync(to);
            var contents = new RandomContents(source.Api, new Random(seed));
            await contents.FillAsync(flows: 4);
            for (int step = 0; step < 3; step++)
            {
                string told = string.Create(CultureInfo.InvariantCulture, $"seed {seed}, step {step}");
                IReadOnlyList<MigrationItem> items = await MigrateAsync(source, target, _all);
                items.ShouldAllBe(item => item.Error == null, told);
                List<string> wanted = await Snapshot.OfAsync(source.Api);
                List<string> copied = await Snapshot.OfAsync(target.Api);
                wanted.Except(copied).Select(line => "- " + line).Concat(copied.Except(wanted).Select(line => "+ " + line)).ShouldBeEmpty(told);
                MigrationPlan again = await PlanAsync(source, target, _all);
                again.Items.Where(item => item.IsWrite).Select(item => $"{item.Kind} {item.Name}: {string.Join(", ", item.Fields)}").ShouldBeEmpty(told);
                await contents.ChangeAsync();
            }
        }
    }

    [Theory]
    [InlineData(MigrationDoors.Embedded, MigrationDoors.Sluice), InlineData(MigrationDoors.Prefect3, MigrationDoors.Embedded), InlineData(MigrationDoors.Sluice, MigrationDoors.Prefect3)]
    public async Task What_Prefect_2_can_hold_comes_back_from_it_as_it_was(string from, string to)
    {
        for (int round = 0; round < Fuzz.Count(2); round++)
        {
            int seed = Fuzz.Seed + round;
            MigrationSide source = await _doors.OpenAsync(from);
            MigrationSide middle = await _doors.OpenAsync(MigrationDoors.Prefect2);
            MigrationSide target = await _doors.OpenAsync(to);
            var contents = new RandomContents(source.Api, new Random(seed), forPrefect2: true);
            await contents.FillAsync(flows: 4);
            for (int step = 0; step < 3; step++)
            {
                string told = string.Create(CultureInfo.InvariantCulture, $"seed {seed}, step {step}");
                (await MigrateAsync(source, middle, _all)).Select(item => item.Error).OfType<string>().ShouldBeEmpty(told);
                (await PlanAsync(source, middle, _all)).Items.Where(item => item.IsWrite).Select(item => $"{item.Kind} {item.Name}: {string.Join(", ", item.Fields)}").ShouldBeEmpty(told);
                (await MigrateAsync(middle, target, _all)).Select(item => item.Error).OfType<string>().ShouldBeEmpty(told);
                List<string> wanted = await Snapshot.OfAsync(source.Api, slugs: false);
                List<string> copied = await Snapshot.OfAsync(target.Api, slugs: false);
                wanted.Except(copied).Select(line => "- " + line).Concat(copied.Except(wanted).Select(line => "+ " + line)).ShouldBeEmpty(told);
                await contents.ChangeAsync();
            }
        }
    }

    [Fact]
    public async Task What_Prefect_2_cannot_hold_is_told_in_the_plan()
    {
        MigrationSide source = await _doors.OpenAsync(MigrationDoors.Embedded);
        MigrationSide target = await _doors.OpenAsync(MigrationDoors.Prefect2);
        await source.Api.CreateVariableAsync(new() { Name = "json", Value = JsonElement.Parse("""{"a":[1]}""") }, default);
        await source.Api.CreateVariableAsync(new() { Name = "with-dash", Value = JsonElement.Parse("\"x\"") }, default);
        await source.Api.CreateConcurrencyLimitAsync(new() { Name = "db", Limit = 2 }, default);
        Guid id = await DeployAsync(source.Api, "daily",
            new() { Slug = "off", Schedule = new() { Cron = "0 5 * * *" }, Active = false },
            new() { Slug = "on", Schedule = new() { Cron = "0 6 * * *" }, Misfire = ScheduleMisfire.RunAll, Parameters = new Dictionary<string, JsonElement> { ["n"] = JsonElement.Parse("1") } });
        await source.Api.UpdateDeploymentAsync(id, new() { ConcurrencyLimit = 3 }, default);

        MigrationPlan plan = await PlanAsync(source, target, _all);

        plan.Items.SelectMany(item => item.Notes.Select(note => $"{item.Action} {item.Kind} {item.Name}: {note}")).ShouldBe(
        [
            "NotPortable limit db: Prefect 2 has no global concurrency limits",
            "Create variable json: its JSON becomes a text: Prefect 2 has no other variables",
            "NotPortable variable with-dash: Prefect 2 takes lower-case letters, digits and underscores in names of variables only",
            "Create deployment F/daily: Prefect 2 has one schedule a deployment: on is copied, off is not",
            "Create deployment F/daily: schedule on: what is missed is not made up for; misfire policies are Sluice's own",
            "Create deployment F/daily: schedule on: Prefect 2 has no parameters of schedules (n)",
            "Create deployment F/daily: Prefect 2 has no concurrency limit of deployments (3)",
        ]);
        (await MigrateAsync(source, target, _all)).Select(item => item.Error).OfType<string>().ShouldBeEmpty();
        (await target.Api.FindVariableAsync("json", default))!.Value.GetString().ShouldBe("""{"a":[1]}""");
        (await CopyAsync(target.Api, "daily")).Schedules.ShouldHaveSingleItem().Schedule.Cron.ShouldBe("0 6 * * *");
        (await PlanAsync(source, target, _all)).HasWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_copied_waits_until_it_is_activated_and_a_pause_made_at_the_target_stays()
    {
        MigrationSide source = await _doors.OpenAsync(MigrationDoors.Embedded);
        MigrationSide target = await _doors.OpenAsync(MigrationDoors.Sluice);
        Guid id = await DeployAsync(source.Api, "daily", new DeploymentScheduleCreate { Slug = "a", Schedule = new() { Cron = "0 6 * * *" } });
        MigrationOptions quiet = new();

        IReadOnlyList<MigrationItem> first = await MigrateAsync(source, target, quiet);
        first.Single(item => item.Kind == "deployment").Waits.ShouldBeTrue();
        Deployment copy = await CopyAsync(target.Api, "daily");
        copy.Paused.ShouldBeTrue();
        copy.Schedules.ShouldHaveSingleItem().Active.ShouldBeTrue("the deployment's pause holds it back");
        (await target.Api.CountFlowRunsAsync(new(), default)).ShouldBe(0);

        // A schedule that joins later does not start a deployment that runs at both.
        await target.Api.SetDeploymentPausedAsync(copy.Id, false, default);
        await source.Api.CreateSchedulesAsync(id, [new() { Slug = "b", Schedule = new() { Cron = "0 7 * * *" } }], default);
        await MigrateAsync(source, target, quiet);
        copy = await CopyAsync(target.Api, "daily");
        copy.Paused.ShouldBeFalse("it was resumed at the target");
        copy.Schedules.ToDictionary(schedule => schedule.Slug!, schedule => schedule.Active).ShouldBe(new Dictionary<string, bool> { ["a"] = true, ["b"] = false }, ignoreOrder: true);

        await MigrateAsync(source, target, _all);
        (await CopyAsync(target.Api, "daily")).Schedules.ShouldAllBe(schedule => schedule.Active);
    }

    [Fact]
    public async Task The_source_is_only_read_and_the_plan_writes_nothing_anywhere()
    {
        MigrationSide source = await _doors.OpenAsync(MigrationDoors.Embedded);
        MigrationSide target = await _doors.OpenAsync(MigrationDoors.Embedded);
        await new RandomContents(source.Api, new Random(Fuzz.Seed)).FillAsync(flows: 3);
        long before = (await source.Api.GetInfoAsync(default)).Change;
        long there = (await target.Api.GetInfoAsync(default)).Change;

        await PlanAsync(source, target, _all);
        (await target.Api.GetInfoAsync(default)).Change.ShouldBe(there);
        await MigrateAsync(source, target, _all);
        (await source.Api.GetInfoAsync(default)).Change.ShouldBe(before);

        there = (await target.Api.GetInfoAsync(default)).Change;
        await MigrateAsync(source, target, _all);
        (await target.Api.GetInfoAsync(default)).Change.ShouldBe(there, "the second run writes nothing");
    }

    [Fact]
    public async Task What_the_target_refuses_is_told_and_the_rest_arrives()
    {
        MigrationSide source = await _doors.OpenAsync(MigrationDoors.Embedded);
        MigrationSide target = await _doors.OpenAsync(MigrationDoors.Embedded);
        foreach (string name in new[] { "a", "b", "c" })
            await DeployAsync(source.Api, name);
        // The target's pool wants what the deployments do not give.
        Deployment b = await CopyAsync(source.Api, "b");
        await source.Api.UpdateDeploymentAsync(b.Id, new() { WorkPoolName = "default-agent-pool", JobVariables = new Dictionary<string, JsonElement> { ["size"] = JsonElement.Parse("\"x\"") } }, default);
        await target.Api.UpdateWorkPoolAsync("default-agent-pool", new() { BaseJobTemplate = JsonElement.Parse("""{"job_configuration":{"size":"{{ size }}"},"variables":{"type":"object","properties":{"size":{"type":"integer"}}}}""") }, default);

        IReadOnlyList<MigrationItem> items = await MigrateAsync(source, target, _all with { Kinds = MigrationKinds.Parse("flows,deployments"), IsSelective = true });

        MigrationItem failed = items.Where(item => item.Error is not null).ShouldHaveSingleItem();
        failed.Name.ShouldBe("F/b");
        failed.Error!.ShouldContain("size");
        (await target.Api.ListDeploymentsAsync(new(), default)).Select(deployment => deployment.Name).ShouldBe(["a", "c"]);
    }

    [Theory]
    [InlineData(MigrationDoors.Prefect2), InlineData(MigrationDoors.Prefect3)]
    public async Task What_a_broken_copy_left_half_written_is_brought_to_its_end_by_the_next(string to)
    {
        MigrationSide source = await _doors.OpenAsync(MigrationDoors.Embedded);
        MigrationSide target = await _doors.OpenAsync(to);
        await DeployAsync(source.Api, "a", new DeploymentScheduleCreate { Schedule = new() { Cron = "0 6 * * *" }, Slug = "early" });
        MigrationOptions deployments = _all with { Kinds = MigrationKinds.Parse("deployments"), IsSelective = true };
        int writes = 0;
        _doors.Prefects[0].Fault = request => (request.IsWrite && ++writes >= 2) || writes >= 2 ? new() { Answer = 500 } : null;
        (await Should.ThrowAsync<CliException>(() => MigrateAsync(source, target, deployments))).Message.ShouldContain("The same command goes on from there");
        Directory.GetFiles(Path.Combine(_doors.Home.Storage, "journal"), "*.json", SearchOption.AllDirectories).ShouldHaveSingleItem("the flow is written, and the deployment is not");
        _doors.Prefects[0].Fault = null;

        (await MigrateAsync(source, target, deployments)).ShouldAllBe(item => item.Error == null);

        _told.ToString().ShouldContain("Sluice: a publish of 'migrate' that was interrupted");
        (await CopyAsync(target.Api, "a")).Schedules.Single().Schedule.Cron.ShouldBe("0 6 * * *");
        Directory.GetFiles(Path.Combine(_doors.Home.Storage, "journal"), "*.json", SearchOption.AllDirectories).ShouldBeEmpty();
        _doors.Prefects[0].Forget();
        Deployment a = await CopyAsync(source.Api, "a");
        await source.Api.UpdateDeploymentAsync(a.Id, new() { Description = "changed" }, default);
        (await MigrateAsync(source, target, deployments)).ShouldAllBe(item => item.Error == null);
        _doors.Prefects[0].Writes.Count().ShouldBe(1, "what is there is changed by one request");
    }

    [Fact]
    public async Task Deployments_whose_pool_is_left_out_are_not_portable()
    {
        MigrationSide source = await _doors.OpenAsync(MigrationDoors.Embedded);
        MigrationSide target = await _doors.OpenAsync(MigrationDoors.Prefect3);
        await source.Api.CreateWorkPoolAsync(new() { Name = "etl", Type = "process" }, default);
        Guid id = await DeployAsync(source.Api, "a");
        await source.Api.UpdateDeploymentAsync(id, new() { WorkPoolName = "etl" }, default);

        MigrationPlan plan = await PlanAsync(source, target, new() { Kinds = MigrationKinds.Parse("deployments"), IsSelective = true });

        MigrationItem item = plan.Items.ShouldHaveSingleItem();
        item.Action.ShouldBe(MigrationAction.NotPortable);
        item.Notes.ShouldHaveSingleItem().ShouldBe("the target has no work pool 'etl': copy it too (--only pools), or create it there");
    }

    private static async Task<Guid> DeployAsync(IOrchestrationApi api, string name, params DeploymentScheduleCreate[] schedules)
    {
        Flow flow = await api.EnsureFlowAsync(new() { Name = "F" }, default);
        return (await api.UpsertDeploymentAsync(new() { Name = name, FlowId = flow.Id, Schedules = schedules }, default)).Id;
    }

    private static async Task<Deployment> CopyAsync(IOrchestrationApi api, string name) => (await api.FindDeploymentAsync("F", name, default)).ShouldNotBeNull();

    private static Task<MigrationPlan> PlanAsync(MigrationSide from, MigrationSide to, MigrationOptions options) => MigrationPlan.MakeAsync(from, to, options, _ => { }, default);

    private async Task<IReadOnlyList<MigrationItem>> MigrateAsync(MigrationSide from, MigrationSide to, MigrationOptions options) =>
        await new MigrationRun(Writing(to), to.Kind.IsSluice, _ => { }).RunAsync(await PlanAsync(from, to, options), default);

    private JournaledChanges Writing(MigrationSide to) => new(to.Api, new() { Home = _doors.Home, Output = _told, OpenApiAsync = _ => throw new InvalidOperationException("It is open.") }) { OnlyHome = true };
}
