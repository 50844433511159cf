using Sluice.Orchestration.Http;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>
/// An apply to a Prefect server that is cut or refused at each of its requests: afterwards all is as it was, or all as it was to be, in every field but ids
/// and times of the server.
/// </summary>
public sealed class ApplyFaultTests : IAsyncLifetime
{
    private readonly Dictionary<int, (PrefectServer Server, string Old, string New, int Requests)> _servers = [];

    public static TheoryData<int> Generations => [2, 3];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var (server, _, _, _) in _servers.Values)
            await server.DisposeAsync();
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task An_apply_does_all_of_it_and_leaves_no_journal(int generation)
    {
        PrefectServer server = await StartAsync(generation);
        (string old, string next) = (_servers[generation].Old, _servers[generation].New);

        next.ShouldNotBe(old);
        next.ShouldContain("\"name\":\"moved\"");
        next.ShouldNotContain("\"name\":\"old\"");
        next.ShouldNotContain("\"name\":\"gone\"");
        next.ShouldContain("queue pool-#/etl");
        string moved = next.Split('\n').Single(line => line.Contains("\"name\":\"moved\"", StringComparison.Ordinal));
        moved.ShouldContain("\"description\":\"hers\"", customMessage: "what the code does not say is the old one's");
        moved.ShouldContain(generation == 2 ? "\"is_schedule_active\":false" : "\"paused\":true", customMessage: "and so is its pause");
        next.Split('\n').Single(line => line.Contains("\"name\":\"changed\"", StringComparison.Ordinal)).ShouldContain("\"entrypoint\":null");
        server.TakeMisfits().ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task Cut_or_refused_at_any_request_it_leaves_everything_as_it_was(int generation)
    {
        PrefectServer server = await StartAsync(generation);
        var (_, old, next, requests) = _servers[generation];
        Random random = new(Fuzz.Seed);
        (int At, string Fault)[] all = [.. Enumerable.Range(1, requests).SelectMany(at => new[] { "cut before", "cut after", "stalled before", "stalled after", "500", "503" }.Select(fault => (at, fault)))];
        foreach ((int at, string fault) in Share(all, 6, random))
        {
            string told = $"{fault} at request {at} of {requests}, seed {Fuzz.Seed}";
            ApplyScene scene = await ApplyScene.CreateAsync(server);
            MemoryJournal journal = new();
            int count = 0;
            FakeTimeProvider time = new(DateTimeOffset.UtcNow);
            server.Fault = _ => Interlocked.Increment(ref count) == at ? Fault(fault, time) : null;
            await using HttpOrchestrationApi api = Client(server, time);

            OrchestrationException? error = null;
            try
            {
                await api.ApplyAsync(scene.Changes, journal, Cancel);
            }
            catch (OrchestrationException caught)
            {
                error = caught;
            }

            server.Fault = null;
            journal.Entry.ShouldBeNull(told);
            string picture = await scene.PictureAsync();
            if (error is null)
            {
                // The last answers of an apply may be lost without harm: what was to be deleted is deleted.
                ShouldBeSame(picture, next, told);
                continue;
            }

            ShouldBeSame(picture, old, $"{told}: {error.Message}");
            error.Undo.ShouldBe(journal.Begun == 0 || !error.Message.Contains("as it was before", StringComparison.Ordinal) ? null : ApplyUndo.Done, told);
            (await scene.LostBlocksAsync()).ShouldBe(0, told);
        }
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task Killed_at_any_request_it_is_completed_or_undone_from_the_journal(int generation)
    {
        PrefectServer server = await StartAsync(generation);
        var (_, old, next, requests) = _servers[generation];
        Random random = new(Fuzz.Seed);
        (int At, bool Before, bool? Complete)[] all = [.. Enumerable.Range(1, requests).SelectMany(at => new[] { true, false }.SelectMany(before => new bool?[] { null, true, false }.Select(complete => (at, before, complete))))];
        foreach ((int at, bool before, bool? complete) in Share(all, 6, random))
        {
            string told = $"dead {(before ? "before" : "after")} request {at} of {requests}, complete {complete}, seed {Fuzz.Seed}";
            ApplyScene scene = await ApplyScene.CreateAsync(server);
            MemoryJournal journal = new();
            await DieAsync(server, scene, journal, at, before);
            if (journal.Entry is not { } entry)
            {
                ShouldBeSame(await scene.PictureAsync(), old, told);
                continue;
            }

            await using HttpOrchestrationApi another = Client(server);
            MemoryJournal kept = new();
            await kept.BeginAsync(entry, Cancel);
            ApplyRecovery recovery = await another.RecoverAsync(entry, complete, kept, Cancel);

            kept.Entry.ShouldBeNull(told);
            recovery.Completed.ShouldBe(complete ?? true, told);
            recovery.Kept.ShouldBeEmpty(told);
            ShouldBeSame(await scene.PictureAsync(), recovery.Completed ? next : old, told);
        }
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task An_undo_that_is_cut_at_any_request_is_finished_from_the_journal(int generation)
    {
        PrefectServer server = await StartAsync(generation);
        var (_, old, _, requests) = _servers[generation];
        Random random = new(Fuzz.Seed);
        for (int i = 0; i < Fuzz.Count(16); i++)
        {
            // Late faults leave much to undo.
            int at = requests - random.Next(requests / 2), second = at + 1 + random.Next(20);
            string told = $"failed at request {at} of {requests}, and the undo from {second} on, seed {Fuzz.Seed}";
            ApplyScene scene = await ApplyScene.CreateAsync(server);
            MemoryJournal journal = new();
            int count = 0;
            server.Fault = _ => Interlocked.Increment(ref count) is var now && (now == at || now >= second) ? Fault(now % 2 == 0 ? "cut before" : "cut after") : null;
            await using HttpOrchestrationApi api = Client(server);
            Exception? failure = await Record.ExceptionAsync(() => api.ApplyAsync(scene.Changes, journal, Cancel));
            server.Fault = null;
            if (journal.Entry is not { } entry)
                continue;

            failure.ShouldBeOfType<OrchestrationException>(told).Undo.ShouldBe(ApplyUndo.Left, told);
            failure.Message.ShouldContain("Its journal keeps what is to be undone.");
            ApplyRecovery recovery = await api.RecoverAsync(entry, null, journal, Cancel);
            recovery.Completed.ShouldBeFalse(told);
            recovery.Because.ShouldNotBeNullOrEmpty(told);
            ShouldBeSame(await scene.PictureAsync(), old, told);
        }
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task An_undo_that_the_server_only_says_it_did_is_left_to_the_journal(int generation)
    {
        PrefectServer server = await StartAsync(generation);
        var (_, old, _, requests) = _servers[generation];
        ApplyScene scene = await ApplyScene.CreateAsync(server);
        MemoryJournal journal = new();
        int count = 0, ignored = 0;
        server.Fault = request => Interlocked.Increment(ref count) is var now && now == requests * 3 / 4 ? Fault("500") : now > requests * 3 / 4 && IsIgnored(request, null, ref ignored) ? Fault("204") : null;
        await using HttpOrchestrationApi api = Client(server);

        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => api.ApplyAsync(scene.Changes, journal, Cancel));

        server.Fault = null;
        ignored.ShouldBeGreaterThan(0);
        error.Undo.ShouldBe(ApplyUndo.Left);
        error.Message.ShouldContain("could not be undone: read back, ");
        string entry = journal.Entry.ShouldNotBeNull("the journal keeps what is to be undone");
        (await api.RecoverAsync(entry, null, journal, Cancel)).Completed.ShouldBeFalse();
        journal.Entry.ShouldBeNull();
        ShouldBeSame(await scene.PictureAsync(), old, error.Message);
    }

    public static TheoryData<int, string, string> Ignored => new()
    {
        { 2, "PATCH", "has another " }, { 3, "PATCH", "has another " },
        { 2, "POST", "gone is missing" }, { 3, "POST", "gone is missing" },
        { 2, "DELETE", "is still there" }, { 3, "DELETE", "is still there" },
    };

    [Theory, MemberData(nameof(Ignored))]
    public async Task What_a_recovery_reads_back_decides_and_not_what_the_server_answered(int generation, string method, string names)
    {
        PrefectServer server = await StartAsync(generation);
        var (_, old, _, requests) = _servers[generation];
        ApplyScene scene = await ApplyScene.CreateAsync(server);
        MemoryJournal dead = new(), journal = new();
        await DieAsync(server, scene, dead, requests, before: false);
        await journal.BeginAsync(dead.Entry.ShouldNotBeNull(), Cancel);
        int ignored = 0;
        server.Fault = request => IsIgnored(request, method, ref ignored) ? Fault("204") : null;
        await using HttpOrchestrationApi api = Client(server);

        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => api.RecoverAsync(journal.Entry!, false, journal, Cancel));

        server.Fault = null;
        ignored.ShouldBeGreaterThan(0);
        error.Message.ShouldContain("read back, ");
        error.Message.ShouldContain(names);
        string entry = journal.Entry.ShouldNotBeNull("the journal keeps what is to be undone");
        (await api.RecoverAsync(entry, false, journal, Cancel)).Completed.ShouldBeFalse();
        journal.Entry.ShouldBeNull();
        ShouldBeSame(await scene.PictureAsync(), old, error.Message);
    }

    /// <summary>Whether it is a write of a deployment, which the server answers and does not do.</summary>
    private static bool IsIgnored(SentRequest request, string? method, ref int ignored)
    {
        bool isIt = request.IsWrite && request.Path.StartsWith("/deployments/", StringComparison.Ordinal) && (method ?? request.Method) == request.Method;
        if (isIt)
            Interlocked.Increment(ref ignored);
        return isIt;
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task It_is_undone_though_the_journal_takes_no_word_of_it(int generation)
    {
        PrefectServer server = await StartAsync(generation);
        var (_, old, _, requests) = _servers[generation];
        ApplyScene scene = await ApplyScene.CreateAsync(server);
        MemoryJournal journal = new();
        int count = 0;
        server.Fault = _ =>
        {
            if (Interlocked.Increment(ref count) != requests * 3 / 4)
                return null;
            journal.Full = true;
            return Fault("500");
        };
        await using HttpOrchestrationApi api = Client(server);

        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => api.ApplyAsync(scene.Changes, journal, Cancel));

        server.Fault = null;
        error.Undo.ShouldBe(ApplyUndo.Done);
        journal.Entry.ShouldBeNull();
        ShouldBeSame(await scene.PictureAsync(), old, error.Message);
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task A_write_that_is_sent_again_is_not_sent_where_the_journal_was_taken_over_meanwhile(int generation)
    {
        PrefectServer server = await StartAsync(generation);
        ApplyScene scene = await ApplyScene.CreateAsync(server);
        using CancellationTokenSource lost = new();
        string? broken = null;
        var late = new List<string>();
        server.Fault = request =>
        {
            if (!request.IsWrite || request.Method == "POST")
                return null;
            if (broken is null)
            {
                broken = request.Path;
                return Fault("cut before");
            }
            late.Add($"{request.Method} {request.Path}");
            return null;
        };
        MemoryJournal journal = new() { Lost = lost.Token };
        // Nobody tells the apply: it sees it when it looks, as one that slept.
        journal.Checking = () =>
        {
            if (broken is not null)
                lost.Cancel();
        };
        await using HttpOrchestrationApi api = new(server.Endpoint, TimeProvider.System, new() { MaxRetries = 1 });

        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => api.ApplyAsync(scene.Changes, journal, Cancel));

        server.Fault = null;
        error.Undo.ShouldBe(ApplyUndo.Left);
        error.Message.ShouldContain("Another publisher took this apply over");
        broken.ShouldNotBeNull();
        late.ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task An_apply_that_was_taken_over_after_its_last_request_is_no_success(int generation)
    {
        PrefectServer server = await StartAsync(generation);
        int requests = _servers[generation].Requests;
        ApplyScene scene = await ApplyScene.CreateAsync(server);
        using CancellationTokenSource lost = new();
        int count = 0;
        server.Fault = _ =>
        {
            Interlocked.Increment(ref count);
            return null;
        };
        MemoryJournal journal = new() { Lost = lost.Token };
        journal.Checking = () =>
        {
            if (Volatile.Read(ref count) >= requests)
                lost.Cancel();
        };
        await using HttpOrchestrationApi api = Client(server);
        await api.GetInfoAsync(Cancel);
        Volatile.Write(ref count, 0);

        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => api.ApplyAsync(scene.Changes, journal, Cancel));

        server.Fault = null;
        error.Undo.ShouldBe(ApplyUndo.Left);
        error.Message.ShouldContain("Another publisher took this apply over");
        count.ShouldBe(requests, "nothing is written after it was seen");
        journal.Entry.ShouldNotBeNull("the journal is another's now");
    }

    private static void ShouldBeSame(string picture, string expected, string told)
    {
        string[] now = picture.Split('\n'), then = expected.Split('\n');
        string.Join('\n', now.Except(then).Select(line => "+ " + line).Concat(then.Except(now).Select(line => "- " + line))).ShouldBe("", told);
        now.Length.ShouldBe(then.Length, told);
    }

    /// <summary>Each request once, with another of its cases than its neighbours; as many of all cases as somebody asked for.</summary>
    private static IEnumerable<T> Share<T>(T[] all, int casesOfEach, Random random)
    {
        if (Fuzz.Count(0) is 0)
            return all.Chunk(casesOfEach).Select((cases, i) => cases[(int)(((uint)Fuzz.Seed + i) % cases.Length)]);
        random.Shuffle(all);
        return all.Take(Fuzz.Count(0));
    }

    /// <summary>A fault; a request that is stalled is waited for by a clock that moves when the server has it.</summary>
    private static RequestFault Fault(string fault, FakeTimeProvider time)
    {
        if (!fault.StartsWith("stalled", StringComparison.Ordinal))
            return Fault(fault);
        RequestFault stalled = new() { Before = fault == "stalled before", Holds = true };
        _ = stalled.Reached.Task.ContinueWith(_ => time.Advance(TimeSpan.FromSeconds(61)), TaskScheduler.Default);
        return stalled;
    }

    private static RequestFault Fault(string fault) => fault switch
    {
        "cut before" => new() { Before = true },
        "cut after" => new(),
        _ => new() { Answer = int.Parse(fault, System.Globalization.CultureInfo.InvariantCulture) },
    };

    private static HttpOrchestrationApi Client(PrefectServer server, TimeProvider? time = null) => new(server.Endpoint, time ?? TimeProvider.System, new() { MaxRetries = 0 });

    /// <summary>From one request on, nothing of this client arrives any more, and its journal stays as it is.</summary>
    private static async Task DieAsync(PrefectServer server, ApplyScene scene, MemoryJournal journal, int at, bool before)
    {
        int count = 0;
        server.Fault = _ =>
        {
            int now = Interlocked.Increment(ref count);
            journal.Dead |= now >= at;
            return now < at ? null : new() { Before = before || now > at };
        };
        await using HttpOrchestrationApi api = Client(server);
        await Record.ExceptionAsync(() => api.ApplyAsync(scene.Changes, journal, Cancel));
        server.Fault = null;
    }

    private async Task<PrefectServer> StartAsync(int generation)
    {
        PrefectServer server = generation == 2 ? await Prefect2Server.StartAsync(cancellationToken: Cancel) : await Prefect3Server.StartAsync(cancellationToken: Cancel);
        if (generation == 2)
        {
            // What a server of Prefect 2.10 has of itself: agents start by it.
            BlockType type = await server.Store.FindBlockTypeAsync("process", Cancel) ?? await server.Store.CreateBlockTypeAsync(new() { Name = "process", Slug = "process" }, Cancel);
            await server.Store.EnsureBlockSchemaAsync(
                new() { BlockTypeId = type.Id, Version = "2.10.21", Capabilities = ["run-infrastructure"], Fields = System.Text.Json.JsonElement.Parse("""{"title":"Process","type":"object","properties":{"command":{"type":"array","items":{"type":"string"}}}}""") }, Cancel);
            BlockType storage = await server.Store.FindBlockTypeAsync("s3", Cancel) ?? await server.Store.CreateBlockTypeAsync(new() { Name = "s3", Slug = "s3" }, Cancel);
            BlockSchema schema = await server.Store.EnsureBlockSchemaAsync(new() { BlockTypeId = storage.Id, Fields = System.Text.Json.JsonElement.Parse("""{"title":"S3","type":"object","properties":{},"block_type_slug":"s3"}""") }, Cancel);
            await server.Store.CreateBlockDocumentAsync(new() { Name = "prod", BlockTypeId = storage.Id, BlockSchemaId = schema.Id, Data = new Dictionary<string, System.Text.Json.JsonElement>() }, Cancel);
        }

        ApplyScene scene = await ApplyScene.CreateAsync(server);
        string old = await scene.PictureAsync();
        MemoryJournal journal = new();
        await using HttpOrchestrationApi api = Client(server);
        await api.GetInfoAsync(Cancel);
        server.Forget();
        await api.ApplyAsync(scene.Changes, journal, Cancel);
        int requests = server.Requests.Count;
        journal.Entry.ShouldBeNull();
        journal.Begun.ShouldBe(1);
        _servers[generation] = (server, old, await scene.PictureAsync(), requests);
        TestContext.Current.TestOutputHelper!.WriteLine($"Prefect {generation}: {requests} requests");
        return server;
    }
}
