using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Deploy.Journal;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Storage;
using Sluice.Storage.Packages;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Deploy.Tests.Journal;

/// <summary>Publishes to what stands in for Prefect servers, which are killed, fail or meet: the journal beside the packages completes or undoes them.</summary>
public sealed class JournalTests : IDisposable
{
    private const string Key = "canary-key-5f2a";
    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<int> Generations => [2, 3];

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Sluices_own_server_needs_no_journal_and_gets_none()
    {
        (await _bench.RunAsync()).Succeeded.ShouldBeTrue();
        Directory.Exists(Path.Combine(_bench.Home.Storage, "journal")).ShouldBeFalse();
        await using IOrchestrationApi store = await _bench.OpenAsync();
        await using ApiHost host = await ApiHost.StartAsync(store, new(), Cancel);
        Declare(first: false);
        (await _bench.RunAsync(Wanted(first: false), host.Url)).Outcome!.HasChanges.ShouldBeTrue();
        Directory.Exists(Path.Combine(_bench.Home.Storage, "journal")).ShouldBeFalse();
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task The_journal_is_there_before_the_first_write_without_credentials_and_gone_after_the_last(int generation)
    {
        await using PrefectServer server = await StartAsync(generation, new() { ApiKey = Key });
        string? first = null;
        server.Fault = request =>
        {
            if (request.IsWrite)
                first ??= Journals().Select(File.ReadAllText).SingleOrDefault() ?? "none";
            return null;
        };
        DeployEnvironment environment = _bench.Environment() with { OpenApiAsync = _ => Task.FromResult(new DeployTarget(new HttpOrchestrationApi(server.Endpoint), server.Url.AbsoluteUri, IsLocal: false)) };

        (await new DeployRunner(environment).RunAsync(_bench.Request, Cancel)).Succeeded.ShouldBeTrue();

        JsonElement journal = JsonElement.Parse(first.ShouldNotBeNull());
        (journal.GetProperty("app").GetString(), journal.GetProperty("server").GetString(), journal.GetProperty("publisher").GetProperty("process").GetInt32()).ShouldBe(("Weather", server.Url.AbsoluteUri.TrimEnd('/'), Environment.ProcessId));
        first.ShouldNotContain(Key);
        Journals().ShouldBeEmpty();

        server.Forget();
        first = null;
        (await new DeployRunner(environment with { Output = TextWriter.Null }).RunAsync(_bench.Request, Cancel)).Outcome!.ApiWrites.ShouldBe(0);
        first.ShouldBeNull("an unchanged publish opens no journal");
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task A_failure_is_told_in_one_coded_line_and_everything_is_as_before(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await PublishAsync(server, first: true);
        string old = await PictureAsync(server);
        int writes = 0;
        server.Fault = request => request.IsWrite && ++writes == 3 ? new() { Answer = 500 } : null;

        DeployResult result = await PublishAsync(server, first: false);

        DeployError error = result.Diagnostics.Where(one => !one.IsWarning).ShouldHaveSingleItem();
        error.Code.ShouldBe(DeployCodes.ApplyUndone);
        error.Message.ShouldContain("Broken on purpose");
        error.Message.ShouldEndWith("Everything is as it was before.");
        error.Message.ShouldNotContain("\n");
        server.Fault = null;
        (await PictureAsync(server)).ShouldBe(old);
        Journals().ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task What_could_not_be_undone_is_undone_by_the_next_publish(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await PublishAsync(server, first: true);
        int writes = 0;
        server.Fault = request => (request.IsWrite && ++writes >= 3) || writes >= 3 ? new() { Answer = 500 } : null;

        DeployError error = (await PublishAsync(server, first: false)).Diagnostics.Where(one => !one.IsWarning).ShouldHaveSingleItem();

        error.Code.ShouldBe(DeployCodes.ApplyLeft);
        error.Message.ShouldContain("could not be undone");
        error.Message.ShouldEndWith("The next publish, or sluice deploy recover, completes or undoes it first.");
        Journals().Length.ShouldBe(1);
        server.Fault = null;

        DeployResult plan = await _bench.RunAsync(_bench.Request with { PlanOnly = true }, server.Url);
        plan.Diagnostics.Single(one => one.Code == DeployCodes.ApplyLeft).IsWarning.ShouldBeTrue();
        Journals().Length.ShouldBe(1, "a plan changes nothing");

        (await PublishAsync(server, first: false)).Succeeded.ShouldBeTrue();
        _bench.Output.ShouldContain("Sluice: a publish of 'Weather' that was interrupted");
        _bench.Output.ShouldContain("is undone, since");
        Journals().ShouldBeEmpty();
        (await PublishAsync(server, first: false)).Outcome!.ApiWrites.ShouldBe(0);
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task Killed_at_any_request_a_publish_is_old_or_new_after_recovery(int generation)
    {
        string next = await NextAsync(generation);
        Random random = new(Fuzz.Seed + generation);
        // Where more is asked for, each request in its turn, again and again.
        bool inTurn = Fuzz.Count(0) > 0;
        int turn = 0;
        for (int round = 0; round < Fuzz.Count(5); round++)
        {
            await using PrefectServer server = await StartAsync(generation);
            await PublishAsync(server, first: true);
            string old = await PictureAsync(server);
            int at = inTurn ? ++turn : random.Next(1, 24), count = 0;
            var fault = new RequestFault { Before = random.Next(2) == 0, Holds = true };
            bool? complete = random.Next(3) switch { 0 => true, 1 => false, _ => null };
            bool byPublish = random.Next(3) == 0;
            string told = $"seed {Fuzz.Seed}, round {round}: killed {(fault.Before ? "before" : "after")} write or read {at}, {(byPublish ? "then published" : $"then recovered, complete {complete}")}";
            bool applying = false;
            server.Fault = request => (applying |= request.IsWrite || Journals().Length > 0) && Interlocked.Increment(ref count) == at ? fault : null;
            Declare(first: false);
            await using (ProgramRun child = ProgramRun.Start(Child.Program, Arguments(Wanted(first: false), server)))
            {
                Task ended = child.WaitForExitAsync(TimeSpan.FromMinutes(2));
                if (await Task.WhenAny(fault.Reached.Task, ended) == fault.Reached.Task)
                    child.Process.Kill();
                else
                    turn = 0; // it has no request more
                await child.WaitForExitAsync(TimeSpan.FromMinutes(1));
            }
            server.Fault = null;

            string expected = next;
            if (byPublish)
            {
                (await PublishAsync(server, first: false)).Diagnostics.Where(one => !one.IsWarning).ShouldBeEmpty(told);
            }
            else
            {
                bool whole = Journals().Length == 0;
                (IReadOnlyList<RecoveredApply> applies, IReadOnlyList<DeployError> errors) = await new DeployRecovery(_bench.Environment(server.Url)).RunAsync(null, complete, Cancel);
                errors.ShouldBeEmpty(told);
                if (whole)
                    applies.ShouldBeEmpty(told);
                else
                    applies.ShouldHaveSingleItem(told).Outcome.ShouldBe(complete == false ? "undone" : "completed", told);
                expected = whole ? await PictureAsync(server) : complete == false ? old : next;
            }
            Journals().ShouldBeEmpty(told);
            string picture = await PictureAsync(server);
            string.Join('\n', picture.Split('\n').Except(expected.Split('\n')).Concat(expected.Split('\n').Except(picture.Split('\n')))).ShouldBe("", told);
            (picture == old || picture == next).ShouldBeTrue(told);
        }
    }

    [Fact]
    public async Task Another_publish_of_the_app_is_waited_for()
    {
        await using PrefectServer server = await StartAsync(3);
        await PublishAsync(server, first: true);
        var held = new RequestFault { Before = true, Holds = true };
        server.Fault = request => request.Method == "PATCH" ? held : null;
        Declare(first: false);
        await using ProgramRun other = ProgramRun.Start(Child.Program, Arguments(Wanted(first: false), server));
        await held.Reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        server.Fault = null;

        using Listener heard = new("Sluice: waiting for another publish of 'Weather' (");
        Task<DeployResult> second = new DeployRunner(_bench.Environment(server.Url) with { Output = heard }).RunAsync(Wanted(first: false), Cancel);
        await heard.Heard.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        (await new DeployRecovery(_bench.Environment(server.Url)).RunAsync(null, null, Cancel)).Applies.ShouldHaveSingleItem().Outcome.ShouldBe("running");
        other.Process.Kill();
        await other.WaitForExitAsync(TimeSpan.FromMinutes(1));
        while (!second.IsCompleted)
        {
            _bench.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20, Cancel);
        }

        (await second).Succeeded.ShouldBeTrue();
        Journals().ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task A_publish_that_loses_the_race_between_plan_and_apply_plans_again(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await PublishAsync(server, first: true);
        Declare(first: false);
        int plans = 0;
        DeployResult late = await _bench.RunAsync(Wanted(first: false), server.Url, async _ =>
        {
            if (++plans > 1)
                return;
            // The other one has begun, written nothing, and is killed.
            var held = new RequestFault { Before = true, Holds = true };
            server.Fault = request => request.IsWrite ? held : null;
            await using ProgramRun other = ProgramRun.Start(Child.Program, Arguments(Wanted(first: false), server));
            await held.Reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
            other.Process.Kill();
            await other.WaitForExitAsync(TimeSpan.FromMinutes(1));
            server.Fault = null;
            Journals().ShouldHaveSingleItem();
        });

        late.Diagnostics.Where(one => !one.IsWarning).ShouldBeEmpty();
        string[] lines = [.. _bench.Output.Split('\n').Where(line => line.Contains("another publish", StringComparison.OrdinalIgnoreCase) || line.Contains("was interrupted", StringComparison.Ordinal))];
        lines.Length.ShouldBe(2, _bench.Output);
        lines[0].ShouldStartWith($"Sluice: Another publish of 'Weather' began to apply at {server.Url.AbsoluteUri} just now (");
        lines[0].ShouldEndWith(" UTC). Planning again.");
        lines[1].ShouldContain(" is completed: ");
        Journals().ShouldBeEmpty();
        (await PublishAsync(server, first: false)).Outcome!.ApiWrites.ShouldBe(0);
        (await PictureAsync(server)).ShouldBe(await NextAsync(generation));
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task What_came_to_its_end_is_not_done_again_where_its_journal_stayed(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await PublishAsync(server, first: true);
        string file = await LeaveAsync(server);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        var refusing = new WatchedStore(PackageStores.Open(StoreUri.OfFolder(_bench.Home.Storage)));
        await using (var store = new JournalStore(refusing, (await api.GetInfoAsync(Cancel)).Location))
        {
            FoundJournal found = (await store.FindAsync("Weather", tidies: true, Cancel)).ShouldNotBeNull();
            refusing.Before = (call, key) => call == "DeleteAsync" ? throw new StorageException(StorageErrorKind.Forbidden, $"Cannot delete {key}.") : Task.CompletedTask;
            (await RecoveredApply.OfAsync(store, _bench.Environment(server.Url), api, found, null, Cancel)).ShouldNotBeNull().Outcome.ShouldBe("completed");
        }
        Journals().Length.ShouldBe(2);
        // Somebody goes on with what was said to be there.
        Deployment manual = (await api.FindDeploymentAsync("Weather report", "manual", Cancel)).ShouldNotBeNull();
        await api.UpdateDeploymentAsync(manual.Id, new() { Description = "hers" }, Cancel);
        string picture = await PictureAsync(server);
        server.Forget();

        DeployResult plan = await _bench.RunAsync(_bench.Request with { PlanOnly = true }, server.Url);
        plan.Diagnostics.ShouldNotContain(one => one.Code == DeployCodes.ApplyLeft || one.Code == DeployCodes.PublishRunning);
        File.Exists(file).ShouldBeTrue("a plan changes nothing");
        (IReadOnlyList<RecoveredApply> applies, IReadOnlyList<DeployError> errors) = await new DeployRecovery(_bench.Environment(server.Url)).RunAsync(null, null, Cancel);

        (applies.Count, errors.Count).ShouldBe((0, 0));
        Journals().ShouldBeEmpty();
        server.Writes.ShouldBeEmpty();
        (await PictureAsync(server)).ShouldBe(picture);
    }

    [Fact]
    public async Task A_publish_that_is_never_done_is_named_and_its_journal_left_alone()
    {
        await using PrefectServer server = await StartAsync(3);
        await PublishAsync(server, first: true);
        string file = await LeaveAsync(server);

        // Its clock is years behind, and it gives signs of life.
        DateTimeOffset renewed = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Task<DeployResult> second = PublishElsewhereAsync(server, file, renewed);
        while (!second.IsCompleted)
        {
            MoveElsewhere(file, renewed += TimeSpan.FromSeconds(20));
            _bench.Time.Advance(TimeSpan.FromSeconds(20));
            await Task.Delay(5, Cancel);
        }

        DeployError error = (await second).Diagnostics.Where(one => !one.IsWarning).ShouldHaveSingleItem();
        (error.Code, error.Message.StartsWith($"Another publish of 'Weather' applies at {server.Url.AbsoluteUri} (build-7, process ", StringComparison.Ordinal)).ShouldBe((DeployCodes.PublishRunning, true), error.Message);
        Journals().ShouldBe([file]);
    }

    [Theory]
    [InlineData(2020, false)]
    [InlineData(2020, true)]
    [InlineData(2030, false)]
    [InlineData(2030, true)]
    public async Task A_publisher_elsewhere_is_dead_when_it_was_silent_for_a_lease_of_ones_own_time_whatever_its_clock_says(int year, bool recovers)
    {
        await using PrefectServer server = await StartAsync(3);
        await PublishAsync(server, first: true);
        string file = await LeaveAsync(server);
        DateTimeOffset renewed = new(year, 1, 1, 0, 0, 0, TimeSpan.Zero), began = _bench.Time.GetUtcNow();
        MoveElsewhere(file, renewed);

        using Listener heard = new(recovers ? "Sluice: looking whether a publish of 'Weather' runs (build-7, process " : "Sluice: waiting for another publish of 'Weather' (build-7, process ");
        DeployEnvironment environment = _bench.Environment(server.Url) with { Output = heard };
        Declare(first: false);
        Task ended = recovers ? RecoveredAsync() : PublishedAsync();
        await heard.Heard.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        Journals().ShouldBe([file]);
        while (!ended.IsCompleted)
        {
            _bench.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, Cancel);
        }

        await ended;
        Journals().ShouldBeEmpty();
        (_bench.Time.GetUtcNow() - began).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMinutes(2));

        async Task RecoveredAsync()
        {
            (IReadOnlyList<RecoveredApply> applies, IReadOnlyList<DeployError> errors) = await new DeployRecovery(environment).RunAsync(null, null, Cancel);
            errors.ShouldBeEmpty();
            applies.ShouldHaveSingleItem().Outcome.ShouldBe("completed");
        }

        async Task PublishedAsync() => (await new DeployRunner(environment).RunAsync(Wanted(first: false), Cancel)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task Looking_whether_a_publisher_lives_can_be_cancelled()
    {
        await using PrefectServer server = await StartAsync(3);
        await PublishAsync(server, first: true);
        string file = await LeaveAsync(server);
        MoveElsewhere(file, _bench.Time.GetUtcNow());
        using Listener heard = new("Sluice: looking whether");
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task recovery = new DeployRecovery(_bench.Environment(server.Url) with { Output = heard }).RunAsync(null, null, cancelled.Token);
        await heard.Heard.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => recovery);
        Journals().ShouldBe([file]);
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task A_publisher_that_slept_while_others_undid_its_apply_writes_nothing_more_and_brings_no_journal_back(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await PublishAsync(server, first: true);
        string old = await PictureAsync(server);
        int writes = 0, undone = 0;
        RecoveredApply? recovered = null;
        server.Fault = request =>
        {
            if (recovered is not null || undone != 0)
                return null;
            writes += request.IsWrite ? 1 : 0;
            // Asleep before it reads what it writes next.
            if (writes < 3 || request.IsWrite)
                return null;
            undone = 1;
            File.WriteAllText(StateOf(Journals().Single()), """{"renewed":"2026-11-22T08:30:00Z","released":true}""");
            (IReadOnlyList<RecoveredApply> applies, IReadOnlyList<DeployError> errors) = new DeployRecovery(_bench.Environment(server.Url) with { Time = TimeProvider.System }).RunAsync(null, false, Cancel).GetAwaiter().GetResult();
            errors.ShouldBeEmpty();
            recovered = applies.Single();
            Journals().ShouldBeEmpty();
            server.Forget();
            _bench.Time.Advance(TimeSpan.FromMinutes(10));
            return null;
        };

        DeployResult slept = await PublishAsync(server, first: false);

        recovered.ShouldNotBeNull().Outcome.ShouldBe("undone");
        DeployError error = slept.Diagnostics.Where(one => !one.IsWarning).ShouldHaveSingleItem();
        error.Code.ShouldBe(DeployCodes.ApplyLeft);
        error.Message.ShouldStartWith("Another publisher took this apply over");
        server.Writes.ShouldBeEmpty();
        (await PictureAsync(server)).ShouldBe(old);
        Directory.GetFiles(Path.Combine(_bench.Home.Storage, "journal"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_publisher_that_slept_leaves_the_journal_of_the_next_one()
    {
        DeployEnvironment environment = _bench.Environment();
        await using var store = new JournalStore(PackageStores.Open(StoreUri.OfFolder(_bench.Home.Storage)), "http://127.0.0.1:1/api");
        await using var slept = new ApplyJournal(store, environment, "Weather", "http://127.0.0.1:1/api");
        await slept.BeginAsync("{}", Cancel);
        FoundJournal found = (await store.FindAsync("Weather", tidies: true, Cancel)).ShouldNotBeNull();
        await using (ApplyJournal? taker = await ApplyJournal.TakeOverAsync(store, environment, found, Cancel))
            await taker.ShouldNotBeNull().EndAsync(Cancel);
        await using var next = new ApplyJournal(store, environment, "Weather", "http://127.0.0.1:1/api");
        await next.BeginAsync("{}", Cancel);

        await slept.CheckAsync(Cancel);
        slept.Lost.IsCancellationRequested.ShouldBeFalse("what was looked at a moment ago is trusted");
        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        await Should.ThrowAsync<OperationCanceledException>(() => slept.CheckAsync(Cancel));
        slept.Lost.IsCancellationRequested.ShouldBeTrue();
        await Should.ThrowAsync<OperationCanceledException>(() => slept.ReplaceAsync("""{"stale":true}""", Cancel));
        await slept.EndAsync(Cancel);
        await store.DeleteAsync(found.Folder, 1, found.Document.Id, Cancel);

        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        await next.CheckAsync(Cancel);
        FoundJournal held = (await store.FindAsync("Weather", tidies: true, Cancel)).ShouldNotBeNull();
        (held.Document.Id, held.Number, held.Document.Entry.GetRawText()).ShouldBe((next.Id, 1, "{}"));
        await next.EndAsync(Cancel);
        Directory.GetFiles(Path.Combine(_bench.Home.Storage, "journal"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task Apps_whose_names_read_alike_have_journals_of_their_own()
    {
        await using var store = new JournalStore(PackageStores.Open(StoreUri.OfFolder(_bench.Home.Storage)), "http://127.0.0.1:1/api");
        string[] names = ["My.App", "My-App", "my-app", "…", "?"];
        names.Select(store.Folder).Distinct().Count().ShouldBe(names.Length);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_journal_that_cannot_be_read_keeps_no_other_app_from_its_recovery(bool breaks)
    {
        Assert.SkipWhen(breaks && !OperatingSystem.IsLinux(), "Needs a file that opens and fails when it is read.");
        await using PrefectServer server = await StartAsync(3);
        await PublishAsync(server, first: true);
        string file = await LeaveAsync(server);
        string damaged = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(file))!, "aaa-00000000", "001.json");
        Directory.CreateDirectory(Path.GetDirectoryName(damaged)!);
        if (breaks)
            File.CreateSymbolicLink(damaged, "/proc/self/mem"); // its first page is nobody's
        else
            File.WriteAllText(damaged, "{");

        (IReadOnlyList<RecoveredApply> applies, IReadOnlyList<DeployError> errors) = await new DeployRecovery(_bench.Environment(server.Url)).RunAsync(null, null, Cancel);

        applies.ShouldHaveSingleItem().Outcome.ShouldBe("completed");
        DeployError error = errors.ShouldHaveSingleItem();
        error.Code.ShouldBe(breaks ? DeployCodes.StorageFailed : DeployCodes.JournalDamaged);
        error.Message.ShouldContain("aaa-00000000/001.json");
        Journals().ShouldBe([damaged]);
    }

    [Theory]
    [InlineData("{", "expected", "delete this file")]
    [InlineData("""{"journal_version":1}""", "missing required properties", "delete this file")]
    [InlineData("newer", "it has the format 9, and this Sluice reads 1: use a newer Sluice", "001.json")]
    [InlineData("entry", "it cannot be read", "delete this file")]
    public async Task A_damaged_journal_is_refused_and_says_how_to_mend(string damage, string why, string mend)
    {
        await using PrefectServer server = await StartAsync(3);
        await PublishAsync(server, first: true);
        string file = await LeaveAsync(server);
        JsonNode journal = JsonNode.Parse(File.ReadAllText(file))!;
        if (damage == "newer")
            journal["journal_version"] = 9;
        if (damage == "entry")
            journal["entry"] = new JsonObject { ["version"] = 1 };
        File.Delete(StateOf(file)); // has an entry of its own
        File.WriteAllText(file, damage is "newer" or "entry" ? journal.ToJsonString() : damage);
        server.Forget();

        DeployError error = (await PublishAsync(server, first: false)).Diagnostics.Where(one => !one.IsWarning).ShouldHaveSingleItem();

        error.Code.ShouldBe(DeployCodes.JournalDamaged);
        error.Message.ShouldContain(why, Case.Insensitive);
        error.Message.ShouldContain(mend);
        server.Writes.ShouldBeEmpty();
        DeployError again = (await new DeployRecovery(_bench.Environment(server.Url)).RunAsync(null, null, Cancel)).Errors.ShouldHaveSingleItem();
        again.Code.ShouldBe(DeployCodes.JournalDamaged);
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task What_somebody_changes_in_the_middle_stays_and_the_rest_is_undone(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await PublishAsync(server, first: true);
        await using HttpOrchestrationApi person = new(server.Endpoint);
        Deployment manual = (await person.FindDeploymentAsync("Weather report", "manual", Cancel)).ShouldNotBeNull();
        string file = await LeaveAsync(server);
        await person.UpdateDeploymentAsync(manual.Id, new() { Description = "hers" }, Cancel);

        (IReadOnlyList<RecoveredApply> applies, IReadOnlyList<DeployError> errors) = await new DeployRecovery(_bench.Environment(server.Url)).RunAsync(null, null, Cancel);

        errors.ShouldBeEmpty();
        RecoveredApply apply = applies.ShouldHaveSingleItem();
        apply.Outcome.ShouldBe("undone");
        apply.Kept.ShouldHaveSingleItem().ShouldBe("Weather report/manual has another description, which somebody else set");
        (await person.FindDeploymentAsync("Weather report", "manual", Cancel))!.Description.ShouldBe("hers");
        (await person.FindDeploymentAsync("Weather report", "extra", Cancel)).ShouldBeNull();
        File.Exists(file).ShouldBeFalse();
    }

    private static void First(JsonNode flow)
    {
        JsonNode gone = flow["deployments"]![1]!.DeepClone();
        gone["name"] = "gone";
        flow["deployments"]!.AsArray().Add(gone);
    }

    private static void Second(JsonNode flow)
    {
        JsonNode daily = flow["deployments"]![0]!;
        daily["schedules"]![0]!["schedule"]!["cron"] = "30 7 * * *";
        daily["parameters"] = new JsonObject { ["city"] = "Oslo" };
        JsonNode extra = daily.DeepClone();
        extra["name"] = "extra";
        extra["work_pool_name"] = "fresh";
        flow["deployments"]!.AsArray().Add(extra);
        flow["deployments"]![1]!["job_variables"] = JsonNode.Parse("""{"env": {"LEVEL": "info"}}""");
    }

    /// <summary>As the server answers all deployments, without ids, times, and the pointers to records, which are others each time.</summary>
    private static async Task<string> PictureAsync(PrefectServer server)
    {
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        var lines = new List<string>();
        foreach (string what in (string[])["deployments", "flows", "work_pools"])
        {
            using HttpResponseMessage answer = await http.PostAsJsonAsync($"{server.Url}/{what}/filter", new { }, Cancel);
            foreach (JsonObject one in (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonArray>(Cancel))!.Select(one => one!.AsObject()))
            {
                foreach (string name in (string[])["id", "created", "updated", "flow_id", "work_queue_id", "last_polled", "status", "created_by", "updated_by", "default_queue_id", "labels"])
                    one.Remove(name);
                if (one["global_concurrency_limit"] is JsonObject limit)
                    one["global_concurrency_limit"] = limit["limit"]!.DeepClone();
                foreach (JsonNode? schedule in one["schedules"]?.AsArray() ?? [])
                {
                    foreach (string name in (string[])["id", "created", "updated", "deployment_id"])
                        schedule!.AsObject().Remove(name);
                }
                ((one["job_variables"] ?? one["infra_overrides"])?["env"] as JsonObject)?.Remove("SLUICE_VERSION");
                lines.Add($"{what}: {one.ToJsonString()}");
            }
        }
        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    private static async Task<PrefectServer> StartAsync(int generation, PrefectServerOptions? options = null) => generation == 2
        ? await Prefect2Server.StartAsync(options, Cancel)
        : await Prefect3Server.StartAsync(options, Cancel);

    private string[] Journals() => Directory.Exists(Path.Combine(_bench.Home.Storage, "journal")) ? Directory.GetFiles(Path.Combine(_bench.Home.Storage, "journal"), "*.json", SearchOption.AllDirectories) : [];

    private void Declare(bool first) => _bench.ChangeFlow(first ? First : Second);

    private DeployRequest Wanted(bool first) => _bench.Request with { CreateWorkPool = true, Prune = "delete", DeploymentVersion = first ? "first" : "second", Conflicts = "code" };

    private async Task<DeployResult> PublishAsync(PrefectServer server, bool first)
    {
        Declare(first);
        return await _bench.RunAsync(Wanted(first), server.Url);
    }

    private Task<DeployResult> PublishElsewhereAsync(PrefectServer server, string file, DateTimeOffset renewed)
    {
        MoveElsewhere(file, renewed);
        return PublishAsync(server, first: false);
    }

    /// <summary>Makes a journal another machine's, with a sign of life.</summary>
    private static void MoveElsewhere(string file, DateTimeOffset renewed)
    {
        JsonNode journal = JsonNode.Parse(File.ReadAllText(file))!;
        if (journal["publisher"]!["host"]!.GetValue<string>() != "build-7")
        {
            journal["publisher"]!["host"] = "build-7";
            File.WriteAllText(file, journal.ToJsonString());
        }
        string state = StateOf(file);
        File.WriteAllText(state + ".new", new JsonObject { ["renewed"] = renewed, ["released"] = false }.ToJsonString());
        File.Move(state + ".new", state, overwrite: true);
    }

    /// <summary>What lies beside a journal: its signs of life.</summary>
    private static string StateOf(string file) =>
        $"{file[..^".json".Length]}-{JsonNode.Parse(File.ReadAllText(file))!["id"]!.GetValue<Guid>():N}.state";

    /// <summary>What a server has after both publishes, one after the other without any fault.</summary>
    private async Task<string> NextAsync(int generation)
    {
        await using PrefectServer other = await StartAsync(generation);
        (await PublishAsync(other, first: true)).Succeeded.ShouldBeTrue();
        (await PublishAsync(other, first: false)).Succeeded.ShouldBeTrue();
        return await PictureAsync(other);
    }

    /// <summary>Leaves a publish half done, with everything written but the last requests.</summary>
    private async Task<string> LeaveAsync(PrefectServer server)
    {
        var held = new RequestFault { Before = true, Holds = true };
        int writes = 0;
        server.Fault = request => request.IsWrite && ++writes == 3 ? held : null;
        Declare(first: false);
        await using (ProgramRun child = ProgramRun.Start(Child.Program, Arguments(Wanted(first: false), server)))
        {
            await held.Reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
            child.Process.Kill();
            await child.WaitForExitAsync(TimeSpan.FromMinutes(1));
        }
        server.Fault = null;
        return Journals().ShouldHaveSingleItem();
    }

    private string[] Arguments(DeployRequest request, PrefectServer server)
    {
        string file = _bench.Temp["request.json"];
        File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(request, DeployJson.Default.DeployRequest));
        return ["child", "deploy", file, _bench.Home.Root, server.Url.AbsoluteUri];
    }

    /// <summary>Output that is waited for.</summary>
    private sealed class Listener(string words) : StringWriter
    {
        private readonly TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Heard => _heard.Task;

        public override void WriteLine(string? value)
        {
            if (value?.StartsWith(words, StringComparison.Ordinal) == true)
                _heard.TrySetResult();
        }

        public override Task WriteLineAsync(string? value)
        {
            WriteLine(value);
            return Task.CompletedTask;
        }
    }
}
