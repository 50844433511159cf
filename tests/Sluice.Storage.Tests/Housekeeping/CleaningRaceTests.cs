using Sluice.Storage.Housekeeping;
using Sluice.Storage.Packages;
using Sluice.Storage.Tests.Packages;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Housekeeping;

/// <summary>Cleanings and publishes of one store at the same time: no package is ever visible that misses a blob.</summary>
public sealed class CleaningRaceTests : IAsyncDisposable
{
    private static readonly TimeSpan s_bound = TimeSpan.FromMinutes(2);
    private readonly Shelf _shelf = new();
    private readonly TempFolder _temp = new();

    public async ValueTask DisposeAsync()
    {
        await _shelf.DisposeAsync();
        _temp.Dispose();
    }

    [Fact]
    public async Task A_cleaning_between_the_look_for_a_blob_and_the_manifest_is_made_good()
    {
        await LeftOverAsync("reused");
        bool cleaned = false;
        var store = new InterruptedStore(_shelf.Store, async (call, key) =>
        {
            if (call == "create" && key.EndsWith("manifest.json", StringComparison.Ordinal) && !cleaned)
            {
                cleaned = true;
                (await _shelf.CleanAsync(TimeSpan.Zero, apply: true)).Blobs.ShouldBeGreaterThan(0);
                File.Exists(_shelf[Shelf.BlobOf("reused")]).ShouldBeFalse();
            }
        });
        PackageWritten written = await _shelf.PublishAsync(store, null, "reused");

        cleaned.ShouldBeTrue();
        (await _shelf.VerifyAsync()).Damages.ShouldBeEmpty();
        (written.IsNew, written.UploadedFiles, (await _shelf.FoldersAsync()).Length).ShouldBe((true, 3, 1), "once the program; then it and the reused file again");
    }

    [Fact]
    public async Task A_publish_waits_for_a_cleaning_that_listed_before_its_manifest_and_deletes_after()
    {
        await LeftOverAsync("reused");
        Task<PackageWritten>? publish = null;
        var manifest = new TaskCompletionSource();
        var cleaning = new InterruptedStore(_shelf.Store, async (call, key) =>
        {
            if (call == "delete" && key == Shelf.BlobOf("reused"))
            {
                publish = _shelf.PublishAsync(new InterruptedStore(_shelf.Store, (c, k) =>
                {
                    // The second look at the marks: the manifest is visible.
                    if (c == "list" && k == CleaningState.Prefix && Directory.EnumerateFiles(_shelf["."], "manifest.json", SearchOption.AllDirectories).Any())
                        manifest.TrySetResult();
                    return Task.CompletedTask;
                }), null, "reused");
                await manifest.Task.WaitAsync(s_bound);
            }
        });
        (await _shelf.CleanAsync(cleaning, TimeSpan.Zero, apply: true)).Blobs.ShouldBeGreaterThan(0);
        // It watches in steps of its own clock.
        while (!publish!.IsCompleted)
        {
            _shelf.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(publish, Task.Delay(10));
        }
        await publish;
        (await _shelf.VerifyAsync()).Damages.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cleaning_that_was_killed_is_out_of_the_way_after_its_lease()
    {
        await _shelf.Store.CreateAsync(CleaningState.Key(7, CleaningState.Run), new MemoryStream(), default);
        var lines = new List<string>();
        var progress = new TransferProgress("Uploading", TimeSpan.FromDays(1), lines.Add, _shelf.Time);
        Task<PackageWritten> publish = new PackageWriter(_shelf.Store, _shelf.Time).WriteAsync(Drafts.Of(await Shelf.ContentAsync(_temp.Path, "one")), [], progress, Cancel);
        int seconds = 0;
        for (; !publish.IsCompleted; seconds++)
        {
            _shelf.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(publish, Task.Delay(10));
        }
        await publish;
        lines.ShouldBe([$"Uploading: waiting for a cleaning of {_shelf.Store.Location.GetLeftPart(UriPartial.Path)} to end"]);
        seconds.ShouldBeGreaterThanOrEqualTo((int)CleaningMarks.DefaultLease.TotalSeconds);
        (await new CleaningMarks(_shelf.Store, _shelf.Time, CleaningMarks.DefaultLease).ReadAsync(default)).ShouldBe(new CleaningState(8, false, $"{CleaningState.Key(8, CleaningState.Done)} {CleaningState.Key(8, CleaningState.Run)}"));
        await _shelf.PublishAsync("two").WaitAsync(s_bound);
    }

    [Fact]
    public async Task A_cleaning_that_slept_longer_than_its_lease_deletes_nothing_more()
    {
        await LeftOverAsync("left");
        bool slept = false;
        var cleaning = new InterruptedStore(_shelf.Store, async (call, key) =>
        {
            // It listed and decided; before it deletes, it sleeps, and somebody takes it for dead.
            if (call == "size" && key == Shelf.BlobOf("left") && !slept)
            {
                slept = true;
                await _shelf.Store.CreateAsync(CleaningState.Key(2, CleaningState.Done), new MemoryStream(), default);
                _shelf.Time.Advance(CleaningMarks.DefaultLease);
            }
        });
        StorageException e = await Should.ThrowAsync<StorageException>(() => _shelf.CleanAsync(cleaning, TimeSpan.Zero, apply: true));
        e.Message.ShouldContain("it had shown no sign of life for 60 s");
        File.Exists(_shelf[Shelf.BlobOf("left")]).ShouldBeTrue();
    }

    [Fact]
    public async Task A_publish_under_a_fixed_key_puts_back_the_manifest_that_a_cleaning_took_for_the_old_one()
    {
        await _shelf.PublishAsync(_shelf.Store, "fixed", "old");
        _shelf.Time.Advance(StoreHousekeeping.Youth);
        Task<PackageWritten>? publish = null;
        var manifest = new TaskCompletionSource();
        int looks = 0;
        var cleaning = new InterruptedStore(_shelf.Store, async (call, key) =>
        {
            if (call == "delete" && key == "fixed/manifest.json" && publish is null)
            {
                publish = _shelf.PublishAsync(new InterruptedStore(_shelf.Store, (c, k) =>
                {
                    // The second look at the marks: both manifests are written.
                    if (c == "list" && k == CleaningState.Prefix && Interlocked.Increment(ref looks) == 2)
                        manifest.TrySetResult();
                    return Task.CompletedTask;
                }), "fixed", "new");
                await manifest.Task.WaitAsync(s_bound);
            }
        });
        await _shelf.CleanAsync(cleaning, TimeSpan.Zero, apply: true);
        while (!publish!.IsCompleted)
        {
            _shelf.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(publish, Task.Delay(10));
        }
        PackageWritten written = await publish;
        File.Exists(_shelf["fixed/manifest.json"]).ShouldBeTrue();
        (await new PackageCache(_temp["cache"], StorageSources.Environment).GetAsync(written.Reference, Cancel)).Manifest.Digest.ShouldBe(written.Reference.Digest);
        (await _shelf.VerifyAsync()).Damages.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_fixed_key_that_lost_its_manifest_is_read_by_the_digest_and_mended_by_the_next_publish()
    {
        PackageWritten live = await _shelf.PublishAsync(_shelf.Store, "fixed", "one");
        File.Delete(_shelf["fixed/manifest.json"]);
        (await new PackageCache(_temp["cache"], StorageSources.Environment).GetAsync(live.Reference, Cancel)).Manifest.Digest.ShouldBe(live.Reference.Digest);

        PackageDraft draft = Drafts.Of(await Shelf.ContentAsync(_temp.Path, "one")) with { StorageKey = "fixed" };
        PackageWritten again = await new PackageWriter(_shelf.Store, _shelf.Time).WriteAsync(draft, [live.Reference], null, Cancel);
        (again.Reference, File.Exists(_shelf["fixed/manifest.json"])).ShouldBe((live.Reference, true));
        (await new PackageWriter(_shelf.Store, _shelf.Time).WriteAsync(draft, [live.Reference], null, Cancel)).IsNew.ShouldBeFalse();
    }

    [Fact]
    public async Task A_cleaning_whose_sign_of_life_came_too_late_deletes_nothing_more()
    {
        await LeftOverAsync("left");
        bool slow = false;
        var cleaning = new InterruptedStore(_shelf.Store, async (call, key) =>
        {
            if (call == "size" && key == Shelf.BlobOf("left"))
                _shelf.Time.Advance(CleaningMarks.DefaultLease / 6);
            // The marks were read; the sign of life takes so long that somebody takes it for dead meanwhile.
            if (call == "create" && key.Contains(".beat-", StringComparison.Ordinal) && !slow)
            {
                slow = true;
                _shelf.Time.Advance(CleaningMarks.DefaultLease);
                await FenceAsync();
            }
        });
        (await Should.ThrowAsync<StorageException>(() => _shelf.CleanAsync(cleaning, TimeSpan.Zero, apply: true))).Message.ShouldContain("it had shown no sign of life for 60 s");
        (slow, File.Exists(_shelf[Shelf.BlobOf("left")])).ShouldBe((true, true));
    }

    [Fact]
    public async Task A_cleaning_looks_again_before_every_few_deletions_whether_it_was_fenced_off()
    {
        for (int i = 0; i < 100; i++)
            await LeftOverAsync($"left {i}");
        int deleted = 0;
        var cleaning = new InterruptedStore(_shelf.Store, async (call, key) =>
        {
            if (call == "delete" && PackageDigest.IsBlobKey(key) && Interlocked.Increment(ref deleted) == 1)
                await FenceAsync();
        });
        (await Should.ThrowAsync<StorageException>(() => _shelf.CleanAsync(cleaning, TimeSpan.Zero, apply: true))).Message.ShouldContain("was given up");
        deleted.ShouldBeLessThanOrEqualTo(32);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("delete")]
    public async Task A_cleaning_whose_calls_eat_up_its_lease_stops(string slow)
    {
        for (int i = 0; i < 40; i++)
            await LeftOverAsync($"left {i}");
        int deleted = 0;
        var cleaning = new InterruptedStore(_shelf.Store, (call, key) =>
        {
            bool isBlob = call == "delete" && PackageDigest.IsBlobKey(key);
            if (isBlob)
                Interlocked.Increment(ref deleted);
            if (call == "size" || (call == slow && (isBlob || key.Contains(".beat-", StringComparison.Ordinal))))
                _shelf.Time.Advance(CleaningMarks.DefaultLease / 5);
            return Task.CompletedTask;
        });
        (await Should.ThrowAsync<StorageException>(() => _shelf.CleanAsync(cleaning, TimeSpan.Zero, apply: true))).Message.ShouldContain("too slow to be cleaned safely");
        deleted.ShouldBeLessThanOrEqualTo(slow == "create" ? 0 : 12, "eight at once, while their first few use up two thirds of the lease");
    }

    [Fact]
    public async Task Whoever_fences_off_a_cleaning_that_gave_a_sign_of_life_just_then_waits_for_its_deletions()
    {
        await _shelf.PublishAsync("one");
        await _shelf.Store.CreateAsync(CleaningState.Key(7, CleaningState.Run), new MemoryStream(), default);
        DateTimeOffset fenced = default;
        var store = new InterruptedStore(_shelf.Store, async (call, key) =>
        {
            if (call == "create" && key == CleaningState.Key(8, CleaningState.Run))
            {
                fenced = _shelf.Time.GetUtcNow();
                await _shelf.Store.CreateAsync(CleaningState.Key(7, "beat-000001"), new MemoryStream(), default);
            }
        });
        Task<CleaningState> end = new CleaningMarks(store, _shelf.Time, CleaningMarks.DefaultLease).WaitForEndAsync(Cancel);
        while (!end.IsCompleted)
        {
            _shelf.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(end, Task.Delay(10, Cancel));
        }
        (await end).Epoch.ShouldBe(8);
        (_shelf.Time.GetUtcNow() - fenced).ShouldBeGreaterThanOrEqualTo(CleaningMarks.DefaultLease);
    }

    [Fact]
    public async Task A_number_that_was_taken_to_fence_off_a_dead_cleaning_is_no_other_cleanings()
    {
        await _shelf.PublishAsync("one");
        await _shelf.Store.CreateAsync(CleaningState.Key(7, CleaningState.Run), new MemoryStream(), default);
        bool fenced = false;
        var store = new InterruptedStore(_shelf.Store, async (call, key) =>
        {
            if (call == "create" && key == CleaningState.Key(8, CleaningState.Run) && !fenced)
            {
                fenced = true;
                await _shelf.Store.CreateAsync(key, new MemoryStream("fence"u8.ToArray()), default);
                await _shelf.Store.CreateAsync(CleaningState.Key(8, CleaningState.Done), new MemoryStream(), default);
            }
        });
        Task<CleaningReport> cleaning = _shelf.CleanAsync(store, TimeSpan.Zero, apply: true);
        while (!cleaning.IsCompleted)
        {
            _shelf.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(cleaning, Task.Delay(10));
        }
        await cleaning;
        fenced.ShouldBeTrue();
        (await _shelf.Store.ListAsync(CleaningState.Prefix, default).ToListAsync()).ShouldBe([CleaningState.Key(9, CleaningState.Done)]);
    }

    [Fact]
    public async Task Two_cleanings_at_once_are_refused()
    {
        await _shelf.PublishAsync("one");
        Cleaning first = await Cleaning.BeginAsync(_shelf.Store, _shelf.Time, CleaningMarks.DefaultLease, default);
        Task<CleaningReport> second = _shelf.CleanAsync(TimeSpan.Zero, apply: true);
        for (int seconds = 0; !second.IsCompleted && seconds < 600; seconds++)
        {
            _shelf.Time.Advance(TimeSpan.FromSeconds(1));
            await first.KeepAsync(default);
            await Task.WhenAny(second, Task.Delay(10));
        }
        (await Should.ThrowAsync<StorageException>(() => second)).Message.ShouldContain("Another cleaning of");
        await first.EndAsync([], default);
        await _shelf.CleanAsync(TimeSpan.Zero, apply: true);
    }

    [Fact]
    public async Task A_cleaning_that_is_cancelled_is_no_hindrance_for_publishes()
    {
        using var stop = new CancellationTokenSource();
        for (int i = 0; i < 100; i++)
            await LeftOverAsync($"left {i}");
        int deleted = 0;
        var store = new InterruptedStore(_shelf.Store, (call, key) =>
        {
            if (call == "delete" && PackageDigest.IsBlobKey(key) && Interlocked.Increment(ref deleted) == 5)
                stop.Cancel();
            return Task.CompletedTask;
        });
        await Should.ThrowAsync<OperationCanceledException>(() => new StoreHousekeeping(store, _shelf.Time).CleanAsync(
            new() { Apply = true, UsedAsync = _ => Task.FromResult<IReadOnlySet<string>>(new HashSet<string>()) }, null, stop.Token));
        deleted.ShouldBeLessThan(100);
        await _shelf.PublishAsync("one").WaitAsync(s_bound);
        (await _shelf.CleanAsync(TimeSpan.Zero, apply: true)).Blobs.ShouldBe(100 - deleted);
    }

    /// <summary>
    /// Real processes: publishes of a few contents that share blobs, and cleanings whose clock is far ahead, so that they take every package for old
    /// and unused. Some of both are killed.
    /// </summary>
    [Fact]
    public async Task Publishes_and_cleanings_in_many_processes_never_leave_a_package_that_misses_a_blob()
    {
        var random = new Random(Fuzz.Seed);
        int rounds = Fuzz.Count(1);
        await _shelf.PublishAsync("first");
        for (int round = 0; round < rounds; round++)
        {
            string[] publishes = [.. Enumerable.Range(0, 3).Select(i => $"publish {i}")];
            ProgramRun[] running = [.. publishes.Select((_, i) => ProgramRun.Start(Child.Program, ["child", "publish-some", _shelf["."], _temp.Path, "30", $"{round * 10 + i}"]))];
            await using ProgramRun first = ProgramRun.Start(Child.Program, ["child", "clean-some", _shelf["."], "30"]);
            await first.WaitForLineAsync(line => line.StartsWith("removed ", StringComparison.Ordinal), s_bound);
            await running[0].WaitForLineAsync(line => line.StartsWith("published ", StringComparison.Ordinal), s_bound);
            await Task.Delay(random.Next(400), Cancel); // The moments of the kills, not waits for something.
            first.Process.Kill();
            running[0].Process.Kill();
            await using ProgramRun second = ProgramRun.Start(Child.Program, ["child", "clean-some", _shelf["."], "30"]);
            foreach (ProgramRun publish in running[1..])
                (await publish.WaitForExitAsync(s_bound)).ShouldBe(0, publish.Error);
            (await second.WaitForExitAsync(s_bound)).ShouldBe(0, second.Error);
            foreach (ProgramRun publish in running)
                await publish.DisposeAsync();

            VerifyReport report = await _shelf.VerifyAsync();
            report.Damages.Where(damage => damage.Kind != "unreadable").ShouldBeEmpty($"seed {Fuzz.Seed}, round {round}");
            report.Damages.ShouldBeEmpty($"seed {Fuzz.Seed}, round {round}");
        }
        // What is left over is cleaned, and nothing else remains.
        await _shelf.PublishAsync("last").WaitAsync(s_bound);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task FenceAsync()
    {
        await _shelf.Store.CreateAsync(CleaningState.Key(2, CleaningState.Run), new MemoryStream(), default);
        await _shelf.Store.CreateAsync(CleaningState.Key(2, CleaningState.Done), new MemoryStream(), default);
    }

    private Task LeftOverAsync(string text) => _shelf.Store.PutAsync(Shelf.BlobOf(text), new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), default);
}
