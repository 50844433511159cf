using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Sluice.Orchestration;
using Sluice.Server.Store;
using Sluice.Testing;

namespace Sluice.Server.Tests;

public sealed class DatabaseTests
{
    private static readonly TimeSpan _bound = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_new_home_gets_a_database_of_the_newest_format_with_the_default_pool()
    {
        await using Home home = await Home.OpenAsync();
        home.Sql("PRAGMA user_version").ShouldBe(Migrator.Newest);
        home.Sql("PRAGMA journal_mode").ShouldBe("wal");
        home.Sql("PRAGMA integrity_check").ShouldBe("ok");
        WorkPool pool = (await home.Api.FindWorkPoolAsync("default-agent-pool", default))!;
        pool.Type.ShouldBe("prefect-agent");
        (await home.Api.ListWorkQueuesAsync(pool.Name, default)).Single().Name.ShouldBe("default");
    }

    [Fact]
    public async Task Several_processes_may_open_a_new_home_at_once()
    {
        using var folder = new TempFolder();
        ProgramRun[] children = [.. Enumerable.Range(0, 6).Select(_ => ProgramRun.Start(Child.Program, ["child", "open", folder.Path]))];
        foreach (ProgramRun child in children)
        {
            (await child.WaitForExitAsync(_bound)).ShouldBe(0, child.Output + child.Error);
            await child.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_newer_database_is_left_alone()
    {
        await using Home home = await Home.OpenAsync();
        home.Sql($"PRAGMA user_version = {Migrator.Newest + 1}");
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(home.OpenAnotherAsync);
        error.Kind.ShouldBe(OrchestrationErrorKind.Storage);
        error.Message.ShouldContain("newer version of Sluice");
        error.Message.ShouldContain(home.Where.Database);
        home.Sql("PRAGMA user_version").ShouldBe(Migrator.Newest + 1);
    }

    [Fact]
    public async Task A_database_of_another_program_is_left_alone()
    {
        using var folder = new TempFolder();
        var home = new SluiceHome(folder.Path);
        using (var connection = new SqliteConnection($"Data Source={home.Database};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE theirs (id INTEGER)";
            command.ExecuteNonQuery();
        }
        (await ErrorOfAsync(home)).Message.ShouldContain("not one of Sluice");
    }

    /// <summary>Takes away what the scripts from the third on have added.</summary>
    private static async Task<string> WithoutLaterFormatsAsync()
    {
        var undo = new List<string>();
        for (int number = 3; number <= Migrator.Newest; number++)
        {
            using var reader = new StreamReader(typeof(Migrator).Assembly.GetManifestResourceStream($"Sluice.Server.Store.Migrations.{number:000}.sql")!);
            foreach (Match match in Regex.Matches(await reader.ReadToEndAsync(TestContext.Current.CancellationToken),
                @"^(?:CREATE (?:UNIQUE )?(?<kind>TABLE|INDEX|TRIGGER) (?<name>\w+)|ALTER TABLE (?<table>\w+) ADD COLUMN (?<column>\w+))", RegexOptions.Multiline))
            {
                undo.Add(match.Groups["column"].Success
                    ? $"ALTER TABLE {match.Groups["table"]} DROP COLUMN {match.Groups["column"]};"
                    : $"DROP {match.Groups["kind"]} IF EXISTS {match.Groups["name"]};");
            }
        }
        undo.Reverse();
        return string.Join('\n', undo);
    }

    [Fact]
    public async Task A_database_of_the_first_format_keeps_its_schedules_and_their_runs()
    {
        await using Home home = await Home.OpenAsync();
        Deployment filled = await home.DeployAsync("filled", cron: "0 * * * *");
        await home.CatchUpAsync();
        await home.DeployAsync("not yet filled", cron: "30 * * * *");
        List<Guid> runs = [.. (await home.RunsAsync()).Select(run => run.Id)];
        await home.Api.DisposeAsync();
        // As the first format had it: its table, from its own script.
        string script = await new StreamReader(typeof(Migrator).Assembly.GetManifestResourceStream("Sluice.Server.Store.Migrations.001.sql")!).ReadToEndAsync(TestContext.Current.CancellationToken);
        string table = script[script.IndexOf("CREATE TABLE schedule", StringComparison.Ordinal)..];
        table = table[..(table.IndexOf("STRICT;", StringComparison.Ordinal) + "STRICT;".Length)];
        home.Sql($"""
            PRAGMA foreign_keys = OFF;
            DROP INDEX schedule_misfire;
            ALTER TABLE schedule RENAME TO newer;
            {table}
            INSERT INTO schedule SELECT id, created, updated, deployment_id, slug, active, schedule, max_scheduled_runs, parameters, since,
                CASE WHEN settled_until > since THEN settled_until - 1 END FROM newer;
            DROP TABLE newer;
            {await WithoutLaterFormatsAsync()}
            PRAGMA user_version = 1;
            """);
        EmbeddedStore store = await home.OpenAnotherAsync();
        home.Sql("PRAGMA user_version").ShouldBe(Migrator.Newest);
        DeploymentSchedule schedule = (await store.ReadDeploymentAsync(filled.Id, default))!.Schedules.ShouldHaveSingleItem();
        (schedule.Id, schedule.Schedule.Cron, schedule.Misfire, schedule.MaxMisfires, schedule.Dst).ShouldBe(
            (filled.Schedules[0].Id, "0 * * * *", ScheduleMisfire.Skip, null, ScheduleDst.PrefectCompatible));
        home.Clock.Advance(TimeSpan.FromSeconds(5));
        await home.CatchUpAsync(store);
        IReadOnlyList<FlowRun> now = await store.ListFlowRunsAsync(new() { Sort = "EXPECTED_START_TIME_ASC" }, default);
        now.Where(run => run.ExpectedStartTime!.Value.Minute == 0).Take(3).Select(run => run.Id).ShouldBe(runs);
        now.Select(run => run.ExpectedStartTime).ShouldBeUnique();
        now.Count(run => run.ExpectedStartTime!.Value.Minute == 30).ShouldBe(3);
        home.Sql("SELECT (SELECT integrity_check FROM pragma_integrity_check) || (SELECT COUNT(*) FROM pragma_foreign_key_check)").ShouldBe("ok0");
    }

    [Fact]
    public async Task A_migration_that_is_cut_off_leaves_nothing()
    {
        using var folder = new TempFolder();
        var home = new SluiceHome(folder.Path);
        // A table of that name makes the script fail in its middle; the mark makes the file ours.
        using (var connection = new SqliteConnection($"Data Source={home.Database};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA application_id = 0x534C5549; CREATE TABLE deployment (id INTEGER)";
            command.ExecuteNonQuery();
        }
        (await ErrorOfAsync(home)).Kind.ShouldBe(OrchestrationErrorKind.Storage);
        using (var connection = new SqliteConnection($"Data Source={home.Database};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "SELECT group_concat(name) FROM sqlite_master WHERE type = 'table'";
            command.ExecuteScalar().ShouldBe("deployment");
            command.CommandText = "PRAGMA user_version";
            command.ExecuteScalar().ShouldBe(0L);
        }
    }

    public static TheoryData<string> Damages => ["no database", "short header", "cut short", "overwritten start", "overwritten middle"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_database_is_said_to_be_one(string damage)
    {
        await using Home home = await Home.OpenAsync();
        for (int i = 0; i < 50; i++)
            await home.DeployAsync($"d{i}", cron: "0 * * * *");
        await home.Api.DisposeAsync();
        byte[] bytes = await File.ReadAllBytesAsync(home.Where.Database);
        byte[] damaged = damage switch
        {
            "no database" => "This is not a database at all, but a text of more than one hundred bytes, as an editor or a careless redirection leaves it."u8.ToArray(),
            "short header" => bytes[..50],
            "cut short" => bytes[..(bytes.Length / 2)],
            "overwritten start" => [.. new byte[4096], .. bytes[4096..]],
            _ => [.. bytes[..4096], .. Enumerable.Repeat((byte)0xAA, bytes.Length - 4096)],
        };
        await File.WriteAllBytesAsync(home.Where.Database, damaged);
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(async () =>
        {
            EmbeddedStore store = await home.OpenAnotherAsync();
            await store.ListDeploymentsAsync(new(), default);
        });
        error.Kind.ShouldBe(OrchestrationErrorKind.Storage);
        error.Message.ShouldContain("is damaged");
        error.Message.ShouldContain(home.Where.Database);
        error.Message.ShouldNotContain("\n");
        (await File.ReadAllBytesAsync(home.Where.Database)).ShouldBe(damaged);
    }

    [Fact]
    public async Task A_home_that_cannot_be_made_is_said_in_one_line()
    {
        using var folder = new TempFolder();
        string file = folder["file"];
        await File.WriteAllTextAsync(file, "");
        OrchestrationException error = await ErrorOfAsync(new(Path.Combine(file, "home")));
        error.Kind.ShouldBe(OrchestrationErrorKind.Storage);
        error.Message.ShouldContain("cannot be opened for writing");
        error.Message.ShouldContain("SLUICE_HOME");
        error.Message.ShouldNotContain("\n");
    }

    [Fact]
    public async Task A_read_only_home_is_said_in_one_line()
    {
        using Mount mount = Mount.Tmpfs("4m");
        await using (IOrchestrationApi api = await EmbeddedApi.OpenAsync(new(mount.Path), TimeProvider.System, default))
            await api.EnsureFlowAsync(new() { Name = "weather" }, default);
        mount.MakeReadOnly();
        OrchestrationException error = await ErrorOfAsync(new(mount.Path));
        error.Kind.ShouldBe(OrchestrationErrorKind.Storage);
        error.Message.ShouldContain("cannot be opened for writing");
    }

    [Fact]
    public async Task A_full_disk_changes_nothing_and_is_said_in_one_line()
    {
        using Mount mount = Mount.Tmpfs("2m");
        await using IOrchestrationApi api = await EmbeddedApi.OpenAsync(new(mount.Path), TimeProvider.System, default);
        Flow flow = await api.EnsureFlowAsync(new() { Name = "weather" }, default);
        string line = new('x', 20_000);
        int stored = 0;
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(async () =>
        {
            for (; ; stored++)
                await api.CreateLogsAsync([new() { Name = "a", Level = 20, Message = line, Timestamp = Home.Start }, new() { Name = "b", Level = 20, Message = line, Timestamp = Home.Start }], default);
        });
        error.Kind.ShouldBe(OrchestrationErrorKind.Storage);
        error.Message.ShouldContain("is full");
        error.Message.ShouldContain(mount.Path);
        IReadOnlyList<Log> logs = await api.ListLogsAsync(new() { Sort = "TIMESTAMP_DESC" }, default);
        logs.Count.ShouldBe(2 * stored);
        (await api.FindFlowAsync("weather", default))!.Id.ShouldBe(flow.Id);
    }

    [Fact]
    public async Task A_full_disk_at_first_open_leaves_no_half_database()
    {
        using Mount mount = Mount.Tmpfs("16k");
        OrchestrationException error = await ErrorOfAsync(new(mount.Path));
        error.Kind.ShouldBe(OrchestrationErrorKind.Storage);
        mount.Grow("4m");
        await using IOrchestrationApi api = await EmbeddedApi.OpenAsync(new(mount.Path), TimeProvider.System, default);
        (await api.FindWorkPoolAsync("default-agent-pool", default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_write_waits_for_another_process_and_can_be_cancelled_meanwhile()
    {
        await using Home home = await Home.OpenAsync();
        using var connection = new SqliteConnection($"Data Source={home.Where.Database};Pooling=False");
        connection.Open();
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        using var cancel = new CancellationTokenSource();
        Task<Flow> cancelled = home.Api.EnsureFlowAsync(new() { Name = "cancelled" }, cancel.Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(cancelled);
        Task<Flow> waiting = home.Api.EnsureFlowAsync(new() { Name = "waiting" }, default);
        (await home.Api.ListFlowsAsync(new(), default)).ShouldBeEmpty(); // readers do not wait
        waiting.IsCompleted.ShouldBeFalse();
        transaction.Rollback();
        (await waiting).Name.ShouldBe("waiting");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Killed_at_any_moment_a_writer_leaves_what_it_acknowledged_and_nothing_half(int seed)
    {
        using var folder = new TempFolder();
        var home = new SluiceHome(folder.Path);
        var random = new Random(seed);
        var created = new HashSet<Guid>();
        var completed = new HashSet<Guid>();
        for (int round = 0; round < 5; round++)
        {
            await using ProgramRun one = ProgramRun.Start(Child.Program, ["child", "write-forever", folder.Path, "a"]);
            await using ProgramRun two = ProgramRun.Start(Child.Program, ["child", "write-forever", folder.Path, "b"]);
            await one.WaitForLineAsync(line => line.StartsWith("completed", StringComparison.Ordinal), _bound);
            await two.WaitForLineAsync(line => line.StartsWith("completed", StringComparison.Ordinal), _bound);
            await Task.Delay(random.Next(200));
            one.Process.Kill();
            two.Process.Kill();
            await one.WaitForExitAsync(_bound);
            await two.WaitForExitAsync(_bound);
            foreach (string[] line in (one.Output + two.Output).Split('\n').Select(line => line.Split(' ')))
            {
                if (line is ["created", { Length: 36 } id])
                    created.Add(Guid.Parse(id));
                if (line is ["completed", { Length: 36 } done])
                    completed.Add(Guid.Parse(done));
            }
        }
        await using IOrchestrationApi api = await EmbeddedApi.OpenAsync(home, TimeProvider.System, default);
        foreach (Guid id in created)
        {
            FlowRun run = (await api.ReadFlowRunAsync(id, default)).ShouldNotBeNull();
            IReadOnlyList<State> states = await api.ListFlowRunStatesAsync(id, default);
            states[^1].Id.ShouldBe(run.StateId!.Value);
            if (completed.Contains(id))
                states.Select(state => state.Type).ShouldBe([StateType.Scheduled, StateType.Pending, StateType.Running, StateType.Completed]);
        }
        foreach (string flow in new[] { "a", "b" })
        {
            // Both deployments of one apply carry the same version: it was applied whole or not at all.
            Deployment first = (await api.FindDeploymentAsync(flow, "one", default))!, second = (await api.FindDeploymentAsync(flow, "two", default))!;
            first.Version.ShouldBe(second.Version);
            first.Schedules.Count.ShouldBe(1);
        }
        using var connection = new SqliteConnection($"Data Source={home.Database};Pooling=False");
        connection.Open();
        using SqliteCommand check = connection.CreateCommand();
        check.CommandText = "SELECT * FROM (SELECT integrity_check FROM pragma_integrity_check UNION ALL SELECT 'foreign key' FROM pragma_foreign_key_check)";
        check.ExecuteScalar().ShouldBe("ok");
    }

    [Fact]
    public async Task A_change_in_another_process_wakes_a_waiter()
    {
        await using Home home = await Home.OpenAsync();
        long change = (await home.Api.GetInfoAsync(default)).Change;
        Task<long> waiting = home.Api.WaitForChangeAsync(change, TimeSpan.FromMinutes(5), default);
        await using EmbeddedStore other = await home.OpenAnotherAsync();
        await other.EnsureFlowAsync(new() { Name = "news" }, default);
        (await waiting.WaitAsync(_bound)).ShouldBe(change + 1);
    }

    [Fact]
    public async Task A_commit_whose_writer_died_before_it_rang_wakes_a_waiter_too()
    {
        await using Home home = await Home.OpenAsync();
        long change = (await home.Api.GetInfoAsync(default)).Change;
        Task<long> waiting = home.Api.WaitForChangeAsync(change, TimeSpan.FromMinutes(5), default);
        await Until.QuietAsync(() => home.Api.Statements);
        home.Sql("UPDATE meta SET change = change + 1"); // no bell
        (await waiting.WaitAsync(_bound)).ShouldBe(change + 1);
    }

    [Fact]
    public async Task Waiting_ends_with_its_time()
    {
        await using Home home = await Home.OpenAsync();
        long change = (await home.Api.GetInfoAsync(default)).Change;
        Task<long> waiting = home.Api.WaitForChangeAsync(change, TimeSpan.FromSeconds(30), default);
        home.Clock.Advance(TimeSpan.FromSeconds(29));
        waiting.IsCompleted.ShouldBeFalse();
        home.Clock.Advance(TimeSpan.FromSeconds(2));
        (await waiting.WaitAsync(_bound)).ShouldBe(change);
    }

    private static async Task<OrchestrationException> ErrorOfAsync(SluiceHome home) =>
        await Should.ThrowAsync<OrchestrationException>(async () => await (await EmbeddedApi.OpenAsync(home, TimeProvider.System, default)).DisposeAsync());
}
