using Sluice.Storage.Housekeeping;
using Sluice.Storage.Packages;

namespace Sluice.Storage.Tests.Housekeeping;

public sealed class StoreHousekeepingTests : IAsyncDisposable
{
    private static readonly TimeSpan s_week = TimeSpan.FromDays(7);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private readonly Shelf _shelf = new();

    public ValueTask DisposeAsync() => _shelf.DisposeAsync();

    [Fact]
    public async Task Packages_are_listed_with_what_they_hold()
    {
        await _shelf.PublishAsync("one");
        await _shelf.PublishAsync("one", "two!");
        IReadOnlyList<StoredPackage> packages = await new StoreHousekeeping(_shelf.Store, _shelf.Time).ListAsync(null, default);
        packages.Select(package => (package.Folder, package.Files, package.Bytes, package.Created)).ShouldBe(
        [
            ("test-flow/2026-11-22t08-00-00-000000-00-00", 2, 8, _shelf.Time.GetUtcNow()),
            ("test-flow/2026-11-22t08-00-00-000001-00-00", 3, 12, _shelf.Time.GetUtcNow().AddMicroseconds(1)),
        ]);
    }

    [Fact]
    public async Task A_store_that_does_not_exist_is_said_so_and_not_made()
    {
        (await Should.ThrowAsync<StorageException>(() => _shelf.VerifyAsync())).Kind.ShouldBe(StorageErrorKind.NotFound);
        (await Should.ThrowAsync<StorageException>(() => _shelf.CleanAsync(TimeSpan.Zero, apply: true))).Kind.ShouldBe(StorageErrorKind.NotFound);
        Directory.Exists(_shelf["."]).ShouldBeFalse();
    }

    [Fact]
    public async Task A_store_of_archives_cannot_be_looked_after()
    {
        await using IPackageStore store = PackageStores.Open("webhook+https://files.example/packages/{sha256}", StorageSources.Environment);
        (await Should.ThrowAsync<StorageException>(() => _shelf.CleanAsync(store, TimeSpan.Zero, apply: true))).Message.ShouldContain("keeps one archive for each package");
    }

    [Fact]
    public async Task A_whole_store_verifies()
    {
        await _shelf.PublishAsync("one");
        await _shelf.PublishAsync("one", "two!");
        VerifyReport report = await _shelf.VerifyAsync();
        report.Damages.ShouldBeEmpty();
        (report.Packages, report.Blobs, report.Bytes, report.Orphans).ShouldBe((2, 3, 12, 0));
    }

    [Fact]
    public async Task What_is_missing_damaged_or_unreadable_is_named_with_who_needs_it()
    {
        string folder = "test-flow/2026-11-22t08-00-00-000000-00-00";
        await _shelf.PublishAsync("missing", "flipped", "cut short", "whole");
        await _shelf.PublishAsync("whole");
        File.Delete(_shelf[Shelf.BlobOf("missing")]);
        await File.WriteAllTextAsync(_shelf[Shelf.BlobOf("flipped")], "Flipped");
        await File.WriteAllTextAsync(_shelf[Shelf.BlobOf("cut short")], "cut");
        await File.WriteAllTextAsync(_shelf["other/manifest.json"].Also(path => Directory.CreateDirectory(Path.GetDirectoryName(path)!)), "{");

        VerifyReport report = await _shelf.VerifyAsync();
        report.Damages.Select(damage => (damage.Kind, damage.Key, string.Join(' ', damage.Packages))).Order().ShouldBe(new[]
        {
            ("unreadable", "other/manifest.json", "other"),
            ("missing", Shelf.BlobOf("missing"), folder),
            ("damaged", Shelf.BlobOf("flipped"), folder),
            ("damaged", Shelf.BlobOf("cut short"), folder),
        }.Order());
        report.Damages.Single(damage => damage.Key == Shelf.BlobOf("flipped")).Message.ShouldBe(
            $"{Shelf.BlobOf("flipped")} is damaged, which {folder} needs: delete {Shelf.BlobOf("flipped")} from the store, then publish the projects again.");
        (await _shelf.VerifyAsync(quick: true)).Damages.Select(damage => damage.Key).ShouldNotContain(Shelf.BlobOf("flipped"));

        // The mend that it names.
        await _shelf.Store.DeleteAsync("other/manifest.json", default);
        await _shelf.Store.DeleteAsync(Shelf.BlobOf("flipped"), default);
        await _shelf.PublishAsync("missing", "flipped", "cut short", "whole");
        (await _shelf.VerifyAsync()).Damages.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_package_goes_when_it_has_been_in_no_use_for_the_grace()
    {
        PackageWritten live = await _shelf.PublishAsync("shared", "live");
        await _shelf.PublishAsync("shared", "old");
        _shelf.Time.Advance(TimeSpan.FromDays(30));

        CleaningReport first = await _shelf.CleanAsync(s_week, apply: true, live);
        first.Packages.ShouldBeEmpty("nobody knows since when it is in no use");
        first.Waiting.ShouldHaveSingleItem().Since.ShouldBe(_shelf.Time.GetUtcNow());
        _shelf.Time.Advance(TimeSpan.FromDays(6));
        (await _shelf.CleanAsync(s_week, apply: true, live)).Packages.ShouldBeEmpty();
        _shelf.Time.Advance(TimeSpan.FromDays(2));
        CleaningReport dry = await _shelf.CleanAsync(s_week, apply: false, live);
        (dry.Packages.Count, dry.Blobs, dry.Bytes, dry.Used).ShouldBe((1, 1, 3, 1));
        (await _shelf.FoldersAsync()).Length.ShouldBe(2, "a dry run removes nothing");

        CleaningReport done = await _shelf.CleanAsync(s_week, apply: true, live);
        (done.Packages.Count, done.Blobs, done.Bytes, done.Used).ShouldBe((1, 1, 3, 1));
        (await _shelf.FoldersAsync()).ShouldBe(["test-flow/2026-11-22t08-00-00-000000-00-00"]);
        VerifyReport verified = await _shelf.VerifyAsync();
        (verified.Damages.Count, verified.Blobs, verified.Orphans).ShouldBe((0, 3, 0));
        (await _shelf.CleanAsync(s_week, apply: true, live)).Packages.ShouldBeEmpty("again changes nothing");
        (await _shelf.Store.ListAsync("blobs/gc/", default).ToListAsync()).ShouldBe(["blobs/gc/0000000004.done"]);
    }

    [Fact]
    public async Task A_package_that_is_used_again_begins_its_grace_anew()
    {
        PackageWritten package = await _shelf.PublishAsync("one");
        _shelf.Time.Advance(TimeSpan.FromDays(1));
        await _shelf.CleanAsync(s_week, apply: true);
        _shelf.Time.Advance(TimeSpan.FromDays(6));
        await _shelf.CleanAsync(s_week, apply: true, package);
        _shelf.Time.Advance(TimeSpan.FromDays(6));
        (await _shelf.CleanAsync(s_week, apply: true)).Packages.ShouldBeEmpty();
        _shelf.Time.Advance(s_week);
        (await _shelf.CleanAsync(s_week, apply: true)).Packages.ShouldHaveSingleItem();
        (await _shelf.FoldersAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_grace_all_go_but_the_youngest_which_a_publish_may_be_about_to_name()
    {
        await _shelf.PublishAsync("old");
        _shelf.Time.Advance(StoreHousekeeping.Youth);
        await _shelf.PublishAsync("young");
        CleaningReport report = await _shelf.CleanAsync(TimeSpan.Zero, apply: true);
        (report.Packages.Count, report.Waiting.Count).ShouldBe((1, 1));
        (await _shelf.VerifyAsync()).Damages.ShouldBeEmpty();
        File.Exists(_shelf[Shelf.BlobOf("young")]).ShouldBeTrue();
        File.Exists(_shelf[Shelf.BlobOf("old")]).ShouldBeFalse();
    }

    [Fact]
    public async Task Blobs_of_publishes_that_did_not_end_go_at_once()
    {
        PackageWritten live = await _shelf.PublishAsync("live");
        await _shelf.Store.PutAsync(Shelf.BlobOf("left over"), new MemoryStream("left over"u8.ToArray()), default);
        CleaningReport report = await _shelf.CleanAsync(s_week, apply: true, live);
        (report.Packages.Count, report.Blobs, report.Bytes).ShouldBe((0, 1, 9));
        (await _shelf.VerifyAsync()).Orphans.ShouldBe(0);
    }

    [Fact]
    public async Task Under_a_fixed_storage_key_the_newest_manifest_stays_as_the_way_to_the_others()
    {
        PackageWritten old = await _shelf.PublishAsync(_shelf.Store, "fixed", "old");
        PackageWritten middle = await _shelf.PublishAsync(_shelf.Store, "fixed", "middle");
        PackageWritten newest = await _shelf.PublishAsync(_shelf.Store, "fixed", "newest");
        _shelf.Time.Advance(s_hour);
        CleaningReport report = await _shelf.CleanAsync(TimeSpan.Zero, apply: true, old);
        report.Packages.ShouldHaveSingleItem().Digest.ShouldBe(middle.Reference.Digest);
        (await new PackageCache(_shelf["../cache"], StorageSources.Environment).GetAsync(old.Reference, default)).Manifest.Digest.ShouldBe(old.Reference.Digest);
        (await new PackageCache(_shelf["../cache"], StorageSources.Environment).GetAsync(newest.Reference, default)).Manifest.Digest.ShouldBe(newest.Reference.Digest);

        (await _shelf.CleanAsync(TimeSpan.Zero, apply: true)).Packages.Count.ShouldBe(2);
        (await _shelf.Store.ListAsync("", default).ToListAsync()).ShouldBe(["blobs/gc/0000000002.done"]);
    }

    [Fact]
    public async Task Nothing_goes_while_a_manifest_cannot_be_read_and_publishes_need_not_wait()
    {
        PackageWritten package = await _shelf.PublishAsync("one");
        string manifest = package.Reference.Location.LocalPath + "/manifest.json";
        await File.WriteAllTextAsync(manifest, "{}");
        _shelf.Time.Advance(TimeSpan.FromDays(30));
        StorageException e = await Should.ThrowAsync<StorageException>(() => _shelf.CleanAsync(TimeSpan.Zero, apply: true));
        (e.Kind, File.Exists(_shelf[Shelf.BlobOf("one")])).ShouldBe((StorageErrorKind.Damaged, true));
        e.Message.ShouldContain("test-flow/2026-11-22t08-00-00-000000-00-00/manifest.json");
        await _shelf.PublishAsync("two").WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Pull_lists_that_lapsed_more_than_a_day_ago_go()
    {
        await _shelf.PublishAsync("one");
        string[] keys = [.. new[] { -25, -23, 1 }.Select(hours => PullList.KeyOf("test-flow", _shelf.Time.GetUtcNow().AddHours(hours))), "pulls/by-hand.json"];
        foreach (string key in keys)
            await _shelf.Store.PutAsync(key, new MemoryStream([1]), default);
        await _shelf.CleanAsync(s_week, apply: false);
        (await _shelf.Store.ListAsync("pulls/", default).ToListAsync()).Count.ShouldBe(4);
        await _shelf.CleanAsync(s_week, apply: true);
        (await _shelf.Store.ListAsync("pulls/", default).ToListAsync()).ShouldBe(keys[1..], ignoreOrder: true);
    }

    [Fact]
    public async Task Results_go_with_their_runs_when_that_is_asked_for()
    {
        Guid alive = Guid.NewGuid(), dead = Guid.NewGuid();
        foreach (string key in new[] { $"results/test-flow/{alive:D}.json", $"results/test-flow/{dead:D}.json", $"results/{dead:D}", "results/by-hand.json" })
            await _shelf.Store.PutAsync(key, new MemoryStream([1]), default);
        CleaningOptions options = new() { Apply = true, UsedAsync = _ => Task.FromResult<IReadOnlySet<string>>(new HashSet<string>()) };
        (await new StoreHousekeeping(_shelf.Store, _shelf.Time).CleanAsync(options, null, default)).Results.ShouldBeEmpty();
        CleaningReport report = await new StoreHousekeeping(_shelf.Store, _shelf.Time).CleanAsync(options with { RunsAsync = (_, _) => Task.FromResult<IReadOnlySet<Guid>>(new HashSet<Guid> { alive }) }, null, default);
        report.Results.ShouldBe([$"results/{dead:D}", $"results/test-flow/{dead:D}.json"], ignoreOrder: true);
        (await _shelf.Store.ListAsync("results/", default).ToListAsync()).ShouldBe([$"results/by-hand.json", $"results/test-flow/{alive:D}.json"], ignoreOrder: true);
    }
}

/// <summary>Small words for tests.</summary>
internal static class Words
{
    public static T Also<T>(this T value, Action<T> action)
    {
        action(value);
        return value;
    }
}
