using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Orchestration.Json;
using Sluice.Runtime.Services;
using Sluice.Testing;

namespace Sluice.Tests;

/// <summary>What flow code gets from its server by <see cref="FlowContext"/>: artifacts, variables, secrets, limits. Over HTTP, against a real server.</summary>
public sealed class FlowServicesTests : IAsyncLifetime
{
    private readonly Lines _log = new();
    private TestServer _server = null!;
    private HttpOrchestrationApi _client = null!;
    private FlowRun _run = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        _client = new(_server.Endpoint);
        _run = await _server.CreateRunAsync("Some flow");
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Artifacts_are_kept_as_prefects_own_library_keeps_them()
    {
        FlowContext context = Context();
        await context.Artifacts.MarkdownAsync("# Rain \"much\"\nÜber 3 mm", "report", "A *report*");
        await context.Artifacts.LinkAsync("https://example.org/a?b=c", "the source");
        await context.Artifacts.LinkAsync("https://example.org");
        await context.Artifacts.ImageAsync("https://example.org/map.png", "map");
        await context.Artifacts.TableAsync(["city", "mm", "dry", "day", "none"], [["Paris", 3.5m, false, new DateOnly(2026, 1, 31), null], ["Oslo", double.NaN, true, Guid.Empty, 7L]], "rain");
        await context.Artifacts.TableAsync([_run.State!.Type, StateType.Running], OrchestrationTexts.Default.StateType);

        IReadOnlyList<Artifact> artifacts = await _server.Api.ListArtifactsAsync(new() { Artifacts = new() { FlowRunId = new() { Any = [_run.Id] } } }, default);
        artifacts.OrderBy(artifact => artifact.Created).ThenBy(artifact => artifact.Id).Select(artifact => $"{artifact.Type} {artifact.Key} {artifact.Description} {artifact.Data!.Value.GetString()}").Order().ShouldBe(
            new[]
            {
                "markdown report A *report* # Rain \"much\"\nÜber 3 mm",
                "markdown   [the source](https://example.org/a?b=c)",
                "markdown   [https://example.org](https://example.org)",
                "image map  https://example.org/map.png",
                """table rain  [{"city":"Paris","mm":3.5,"dry":false,"day":"2026-01-31","none":null},{"city":"Oslo","mm":null,"dry":true,"day":"00000000-0000-0000-0000-000000000000","none":7}]""",
                """table   ["PENDING","RUNNING"]""",
            }.Order());
    }

    [Fact]
    public async Task The_newest_artifact_of_a_key_is_the_one_that_is_shown()
    {
        FlowContext context = Context();
        Guid? first = await context.Artifacts.MarkdownAsync("one", "report"), second = await context.Artifacts.MarkdownAsync("two", "report");

        first.ShouldNotBe(second);
        (await _server.Api.FindLatestArtifactAsync("report", default)).ShouldNotBeNull().Id.ShouldBe(second!.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Report")]
    [InlineData("a_b")]
    [InlineData("a b")]
    [InlineData("ä")]
    public async Task A_key_has_lower_case_letters_digits_and_dashes_only(string key) =>
        (await Should.ThrowAsync<ArgumentException>(() => Context().Artifacts.MarkdownAsync("text", key))).Message.ShouldStartWith($"'{key}' is no key of an artifact: it has lower-case letters, digits and dashes only.");

    [Fact]
    public async Task A_table_that_is_none_is_refused_before_anything_is_sent()
    {
        FlowArtifacts artifacts = Context().Artifacts;
        (await Should.ThrowAsync<ArgumentException>(() => artifacts.TableAsync(["a", "b"], [["1", "2"], ["3"]]))).Message.ShouldStartWith("Row 2 has 1 cells, and there are 2 columns.");
        (await Should.ThrowAsync<ArgumentException>(() => artifacts.TableAsync(["a", "a"], []))).Message.ShouldStartWith("A column is there twice.");
        (await _server.Api.ListArtifactsAsync(new(), default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_progress_is_sent_once_a_second_at_most_and_its_last_value_at_the_end()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        int updates = 0;
        FlowContext context = Context(clock, (name, _) =>
        {
            if (name == nameof(IOrchestrationApi.UpdateArtifactAsync))
                Interlocked.Increment(ref updates);
            return null;
        });
        FlowProgress progress = await context.Artifacts.ProgressAsync("Loading", "load");
        for (int i = 1; i <= 1000; i++)
            progress.Report(i / 20.0);
        await UntilAsync(() => Volatile.Read(ref updates) == 1);
        await UntilAsync(() => clock.WaitingTimers > 0);
        progress.Report(99.5);
        clock.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(() => Volatile.Read(ref updates) == 2);
        progress.Report(100);
        await progress.DisposeAsync();
        await progress.DisposeAsync();

        updates.ShouldBe(3);
        Artifact artifact = (await _server.Api.ReadArtifactAsync(progress.Id!.Value, default)).ShouldNotBeNull();
        (artifact.Type, artifact.Key, artifact.Description, artifact.Data!.Value.GetDouble(), artifact.FlowRunId).ShouldBe(("progress", "load", "Loading", 100, _run.Id));
        Should.Throw<ObjectDisposedException>(() => progress.Report(1));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(100.1)]
    [InlineData(double.NaN)]
    public async Task A_progress_is_from_0_to_100_percent(double value)
    {
        await using FlowProgress progress = await Context().Artifacts.ProgressAsync();
        Should.Throw<ArgumentOutOfRangeException>(() => progress.Report(value)).Message.ShouldStartWith("A progress is from 0 to 100 percent.");
    }

    [Fact]
    public async Task No_flow_fails_for_its_progress()
    {
        FlowContext context = Context(before: (name, _) => name == nameof(IOrchestrationApi.UpdateArtifactAsync) ? Task.FromException(new OrchestrationException(OrchestrationErrorKind.Invalid, "no")) : null);
        await using (FlowProgress progress = await context.Artifacts.ProgressAsync("Loading"))
            progress.Report(50);

        _log.ShouldContain("Warning The progress of Loading could not be sent: no");
    }

    [Fact]
    public async Task Variables_are_read_with_their_types_and_set()
    {
        FlowVariables variables = Context().Variables;
        await variables.SetAsync("text", "ü \"q\"");
        await variables.SetAsync("text", "again");
        await variables.SetAsync("number", JsonElement.Parse("12"));
        await variables.SetAsync("flag", JsonElement.Parse("true"));
        await variables.SetAsync("digits", "42");
        await variables.SetAsync("state", StateType.Running, OrchestrationTexts.Default.StateType);

        (await variables.GetAsync("text", "")).ShouldBe("again");
        (await variables.GetAsync("number", 0)).ShouldBe(12);
        (await variables.GetAsync("number", 0.5)).ShouldBe(12.0);
        (await variables.GetAsync("number", "")).ShouldBe("12");
        (await variables.GetAsync("flag", false)).ShouldBeTrue();
        (await variables.GetAsync("digits", 0L)).ShouldBe(42);
        (await variables.GetAsync("nothing", DateOnly.MaxValue)).ShouldBe(DateOnly.MaxValue);
        (await variables.ReadAsync("state", OrchestrationTexts.Default.StateType)).ShouldBe(StateType.Running);
        (await variables.ReadAsync("digits", OrchestrationTexts.Default.Int32)).ShouldBe(42);
        (await variables.ReadAsync("number", OrchestrationTexts.Default.Int32)).ShouldBe(12);
        await Should.ThrowAsync<JsonException>(() => variables.ReadAsync("text", OrchestrationTexts.Default.Int32));
        (await variables.FindAsync("nothing")).ShouldBeNull();
        (await Should.ThrowAsync<FormatException>(() => variables.GetAsync("text", 0))).Message.ShouldBe("The variable 'text' is \"again\", which is no Int32: set it to one, or read it as it is.");
        (await variables.DeleteAsync("text")).ShouldBeTrue();
        (await variables.DeleteAsync("text")).ShouldBeFalse();
        (await Should.ThrowAsync<OrchestrationException>(() => variables.SetAsync("No Name", "x"))).Kind.ShouldBe(OrchestrationErrorKind.Invalid);
    }

    [Fact]
    public async Task A_secret_comes_from_the_environment_or_else_from_the_servers_block()
    {
        const string Canary = "canary-91cc";
        await SetSecretAsync("services-token-b", Canary);
        FlowSecrets secrets = Context().Secrets;
        Environment.SetEnvironmentVariable("SERVICES_TOKEN_A", "of the environment");

        (await secrets.GetAsync("SERVICES_TOKEN_A")).ShouldBe("of the environment");
        (await secrets.GetAsync("SERVICES_TOKEN_B")).ShouldBe(Canary);
        (await secrets.FindAsync("SERVICES_TOKEN_C")).ShouldBeNull();
        (await Should.ThrowAsync<InvalidOperationException>(() => secrets.GetAsync("SERVICES_TOKEN_C"))).Message.ShouldBe(
            "The secret SERVICES_TOKEN_C is neither an environment variable nor with the server: set it where the flow runs, or store it with 'sluice block create secret/services-token-c'.");
        _log.ToString().ShouldNotContain(Canary);
    }

    [Fact]
    public async Task Slots_are_held_until_they_are_disposed_of_and_others_wait()
    {
        await _server.Api.CreateConcurrencyLimitAsync(new() { Name = "database", Limit = 1 }, default);
        FlowContext context = Context();
        ConcurrencySlots first = await context.Concurrency.AcquireAsync("database");
        (await ActiveAsync()).ShouldBe(1);
        Task<ConcurrencySlots> second = context.Concurrency.AcquireAsync("database");
        await UntilAsync(() => _log.Contains("Information Waiting for a slot of the concurrency limit database"));
        (await Should.ThrowAsync<TimeoutException>(() => context.Concurrency.AcquireAsync("database", timeout: TimeSpan.Zero))).Message.ShouldBe("No 1 of the slots of database became free within 0 seconds.");

        await first.DisposeAsync();
        await using (await second.WaitAsync(TestServer.Bound))
            (await ActiveAsync()).ShouldBe(1);
        await first.DisposeAsync();
        (await ActiveAsync()).ShouldBe(0);

        async Task<int?> ActiveAsync() => (await _server.Api.FindConcurrencyLimitAsync("database", default))!.ActiveSlots;
    }

    [Fact]
    public async Task A_run_that_is_cancelled_waits_no_longer_for_slots_and_gives_back_those_it_has()
    {
        await _server.Api.CreateConcurrencyLimitAsync(new() { Name = "database", Limit = 1 }, default);
        using var cancel = new CancellationTokenSource();
        FlowContext context = Context(cancellation: cancel.Token);
        ConcurrencySlots held = await context.Concurrency.AcquireAsync("database");
        Task<ConcurrencySlots> waiting = context.Concurrency.AcquireAsync("database");
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => waiting.WaitAsync(TestServer.Bound));
        await held.DisposeAsync();
        (await _server.Api.FindConcurrencyLimitAsync("database", default))!.ActiveSlots.ShouldBe(0);
    }

    [Fact]
    public async Task The_lease_of_slots_is_renewed_and_code_learns_when_it_is_lost()
    {
        await _server.Api.CreateConcurrencyLimitAsync(new() { Name = "database", Limit = 1 }, default);
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        int renewals = 0;
        FlowContext context = Context(clock, (name, _) =>
        {
            if (name == nameof(IOrchestrationApi.RenewSlotsAsync))
                Interlocked.Increment(ref renewals);
            return null;
        });
        await using ConcurrencySlots slots = await context.Concurrency.AcquireAsync("database");
        for (int i = 1; i <= 3; i++)
        {
            await UntilAsync(() => clock.WaitingTimers == 2);
            clock.Advance(TimeSpan.FromSeconds(i == 1 ? 15 : 75));
            await UntilAsync(() => Volatile.Read(ref renewals) == i);
        }
        await UntilAsync(() => clock.WaitingTimers == 2);
        slots.Lost.IsCancellationRequested.ShouldBeFalse();

        // Somebody frees them behind its back.
        await _server.Api.ReleaseSlotsAsync(slots.LeaseId!.Value, default);
        clock.Advance(TimeSpan.FromSeconds(75));
        await UntilAsync(() => slots.Lost.IsCancellationRequested);
        _log.ShouldContain("Error The slots of database are lost: their lease is over, and others may hold them");
    }

    [Fact]
    public async Task Code_learns_that_its_slots_are_lost_while_the_server_does_not_answer()
    {
        await _server.Api.CreateConcurrencyLimitAsync(new() { Name = "database", Limit = 1 }, default);
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        int renewals = 0;
        FlowContext context = Context(clock, (name, arguments) =>
        {
            if (name != nameof(IOrchestrationApi.RenewSlotsAsync))
                return null;
            Interlocked.Increment(ref renewals);
            return NeverAsync((CancellationToken)arguments[2]!);
        });
        await using ConcurrencySlots slots = await context.Concurrency.AcquireAsync("database");
        await UntilAsync(() => clock.WaitingTimers == 2);
        clock.Advance(TimeSpan.FromSeconds(15));
        await UntilAsync(() => Volatile.Read(ref renewals) == 1);
        slots.Lost.IsCancellationRequested.ShouldBeFalse();
        clock.Advance(TimeSpan.FromSeconds(45));
        await UntilAsync(() => slots.Lost.IsCancellationRequested);

        static async Task<bool> NeverAsync(CancellationToken token)
        {
            await Task.Delay(Timeout.Infinite, token);
            return true;
        }
    }

    [Fact]
    public async Task Slots_whose_answer_is_lost_on_the_way_are_held_by_nobody_for_a_minute_at_most()
    {
        await _server.Api.CreateConcurrencyLimitAsync(new() { Name = "database", Limit = 1 }, default);
        double? asked = null;
        FlowContext context = Context(before: (name, arguments) =>
        {
            if (name == nameof(IOrchestrationApi.AcquireSlotsAsync))
                asked = ((SlotsAcquire)arguments[0]!).LeaseDuration;
            return null;
        });
        await using ConcurrencySlots slots = await context.Concurrency.AcquireAsync("database");

        asked.ShouldBe(60);
    }

    [Fact]
    public async Task An_artifact_whose_answer_was_lost_is_made_once()
    {
        int asked = 0;
        FlowContext context = Context(before: (name, arguments) => name == nameof(IOrchestrationApi.CreateArtifactAsync) && Interlocked.Increment(ref asked) == 1
            ? LoseAsync((ArtifactCreate)arguments[0]!)
            : null);

        Guid? id = await context.Artifacts.MarkdownAsync("# Rain", "report", "A report");

        Artifact made = (await _server.Api.ListArtifactsAsync(new(), default)).ShouldHaveSingleItem();
        made.Id.ShouldBe(id!.Value);

        // Another one with other contents is another one.
        (await context.Artifacts.MarkdownAsync("# Snow", "report", "A report")).ShouldNotBe(id);

        async Task<Artifact> LoseAsync(ArtifactCreate create)
        {
            await _client.CreateArtifactAsync(create, default);
            throw new OrchestrationException(OrchestrationErrorKind.Unavailable, "The connection broke.");
        }
    }

    [Fact]
    public async Task A_limit_that_does_not_exist_holds_nobody_back_and_the_log_says_so()
    {
        await using ConcurrencySlots slots = await Context().Concurrency.AcquireAsync("nothing");
        _log.ShouldContain("Warning There is no concurrency limit nothing, so nobody is held back: 'sluice concurrency-limit create nothing N' makes it");
    }

    [Fact]
    public async Task More_slots_than_the_limit_has_and_a_rate_without_decay_are_refused_at_once()
    {
        await _server.Api.CreateConcurrencyLimitAsync(new() { Name = "database", Limit = 2 }, default);
        FlowConcurrency concurrency = Context().Concurrency;
        (await Should.ThrowAsync<OrchestrationException>(() => concurrency.AcquireAsync("database", 3))).Kind.ShouldBe(OrchestrationErrorKind.Invalid);
        (await Should.ThrowAsync<OrchestrationException>(() => concurrency.RateLimitAsync("database"))).Kind.ShouldBe(OrchestrationErrorKind.Invalid);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => concurrency.AcquireAsync("database", 0));
    }

    [Fact]
    public async Task A_limit_of_rate_lets_one_after_the_other_pass()
    {
        await _server.Api.CreateConcurrencyLimitAsync(new() { Name = "api", Limit = 1, SlotDecayPerSecond = 20 }, default);
        FlowContext context = Context();
        for (int i = 0; i < 3; i++)
            await context.Concurrency.RateLimitAsync("api").WaitAsync(TestServer.Bound);
    }

    [Fact]
    public async Task A_flow_uses_all_of_it_in_its_run()
    {
        await _server.Api.CreateConcurrencyLimitAsync(new() { Name = "database", Limit = 1 }, default);
        await _server.Api.CreateVariableAsync(new() { Name = "region", Value = JsonElement.Parse("\"eu\"") }, default);
        await SetSecretAsync("services-token", "12345");
        FlowRun run = await _server.CreateRunAsync("Use services");

        await using ProgramRun program = _server.StartProgram(run.Id);
        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(0, program.Error);
        (await _server.StatesAsync(run.Id)).ShouldBe("Pending Running Completed");
        program.Output.ShouldBe("holds True\nregion eu, secret 5\n");
        (await _server.Api.ListArtifactsAsync(new() { Artifacts = new() { FlowRunId = new() { Any = [run.Id] } } }, default)).Select(artifact => $"{artifact.Type} {artifact.Key}").Order()
            .ShouldBe(["markdown report", "progress ", "table rain"]);
        (await _server.Api.FindVariableAsync("last-run", default))!.Value.GetString().ShouldBe("today");
        (await _server.Api.FindConcurrencyLimitAsync("database", default))!.ActiveSlots.ShouldBe(0);
    }

    [Fact]
    public async Task A_local_run_without_a_server_logs_its_artifacts_is_held_back_by_nobody_and_can_set_no_variable()
    {
        using TempFolder home = new();
        await using ProgramRun program = TestServer.StartLocally(["Use services"], ("SLUICE_HOME", home.Path), ("SERVICES_TOKEN", "123"));

        (await program.WaitForExitAsync(TestServer.Bound)).ShouldBe(1);
        program.Output.ShouldBe("holds False\nregion nowhere, secret 3\n");
        program.Error.ShouldContain("Artifact (markdown report, What came of it): # Done");
        program.Error.ShouldContain("""Artifact (table rain): [{"city":"Paris","mm":3.5},{"city":"Oslo","mm":null}]""");
        program.Error.ShouldContain("Loading: 100 %");
        program.Error.ShouldContain("Setting a variable needs a server, and this local run has none: start one with `sluice dev`, or set PREFECT_API_URL.");
    }

    private FlowContext Context(TimeProvider? time = null, Func<string, object?[], object?>? before = null, CancellationToken cancellation = default) =>
        new("Some flow", _run.Id, _log, cancellation)
        {
            Services = new(before is null ? _client : InterceptedApi.Over(_client, before), _log, time ?? TimeProvider.System),
        };

    private async Task SetSecretAsync(string name, string value)
    {
        BlockType type = await _server.Api.CreateBlockTypeAsync(new() { Name = "Secret", Slug = "secret" }, default);
        BlockSchema schema = await _server.Api.EnsureBlockSchemaAsync(
            new() { BlockTypeId = type.Id, Fields = JsonElement.Parse("""{"type":"object","properties":{"value":{"type":"string"}},"secret_fields":["value"]}""") }, default);
        await _server.Api.CreateBlockDocumentAsync(
            new() { Name = name, BlockTypeId = type.Id, BlockSchemaId = schema.Id, Data = new Dictionary<string, JsonElement> { ["value"] = JsonSerializer.SerializeToElement(value) } }, default);
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        using var bound = new CancellationTokenSource(TestServer.Bound);
        while (!condition())
        {
            await Task.Delay(10, CancellationToken.None);
            bound.IsCancellationRequested.ShouldBeFalse(_log.ToString());
        }
    }

    /// <summary>A run's log.</summary>
    private sealed class Lines : ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public bool Contains(string line) => _lines.Contains(line);

        public void ShouldContain(string line) => _lines.ShouldContain(line);

        public override string ToString() => string.Join('\n', _lines);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{logLevel} {formatter(state, exception)}");
    }
}

/// <summary>A source-generated context, as users have one.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(StateType))]
[System.Text.Json.Serialization.JsonSerializable(typeof(int))]
internal sealed partial class OrchestrationTexts : System.Text.Json.Serialization.JsonSerializerContext;
