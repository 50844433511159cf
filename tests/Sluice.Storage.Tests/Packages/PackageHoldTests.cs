using Sluice.Storage.Housekeeping;
using Sluice.Storage.Packages;
using Sluice.Storage.Tests.Housekeeping;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Packages;

/// <summary>A package that a rollback is about to name, while the store is cleaned.</summary>
public sealed class PackageHoldTests : IDisposable
{
    private readonly TempFolder _temp = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_cleaning_takes_no_package_that_is_held_and_takes_it_when_it_is_let_go()
    {
        (PackageReference package, StoreHousekeeping housekeeping) = await StoreAsync();
        await using (PackageHold hold = await PackageHold.TakeAsync(package, looksOnly: false, null, TimeProvider.System, Cancel))
        {
            hold.Manifest!.Digest.ShouldBe(package.Digest);
            (await CleanAsync(housekeeping)).Packages.ShouldBeEmpty();
            await hold.ConfirmAsync(Cancel);
        }
        (await CleanAsync(housekeeping)).Packages.Count.ShouldBe(1);
        (await MarksAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_hold_is_seen_before_deployments_are_asked_so_that_one_of_both_names_the_package()
    {
        (PackageReference package, StoreHousekeeping housekeeping) = await StoreAsync();
        PackageHold hold = await PackageHold.TakeAsync(package, looksOnly: false, null, TimeProvider.System, Cancel);
        (await housekeeping.CleanAsync(
            new()
            {
                Grace = TimeSpan.Zero,
                Apply = true,
                // The deployments are read, then the rollback applies and ends.
                UsedAsync = async _ =>
                {
                    await hold.DisposeAsync();
                    return new HashSet<string>();
                },
            }, null, Cancel)).Packages.ShouldBeEmpty();
        (await PackageHold.IsSignedAsync(package, null, Cancel)).ShouldBe(false, "it is still there");
    }

    [Fact]
    public async Task The_mark_of_one_who_was_killed_lapses_an_hour_after_a_cleaning_saw_it_first()
    {
        (PackageReference package, _) = await StoreAsync();
        await PackageHold.TakeAsync(package, looksOnly: false, null, TimeProvider.System, Cancel);
        var time = new FakeTimeProvider(new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var housekeeping = new StoreHousekeeping(PackageStores.Open(StoreUri.OfFolder(_temp["store"])), time);

        (await CleanAsync(housekeeping)).Packages.ShouldBeEmpty();
        time.Advance(TimeSpan.FromMinutes(59));
        (await CleanAsync(housekeeping)).Packages.ShouldBeEmpty();
        time.Advance(TimeSpan.FromMinutes(1));
        (await CleanAsync(housekeeping)).Packages.Count.ShouldBe(1);
        (await MarksAsync()).ShouldBeEmpty();
    }

    /// <summary>Where nothing may be deleted, the mark could not be taken away either.</summary>
    [Fact]
    public async Task A_mark_lapses_too_where_the_cleaning_that_saw_it_first_failed_at_its_deletions()
    {
        (PackageReference package, _) = await StoreAsync();
        await PackageHold.TakeAsync(package, looksOnly: false, null, TimeProvider.System, Cancel);
        _temp.Write("store/blobs/sha256/" + new string('a', 2) + "/" + new string('a', 64), "of a publish that was killed");
        bool mayDelete = false;
        var store = new InterruptedStore(PackageStores.Open(StoreUri.OfFolder(_temp["store"])), (method, _) =>
            method == "delete" && !mayDelete ? throw new StorageException(StorageErrorKind.Forbidden, "Nothing may be deleted here.") : Task.CompletedTask);
        var time = new ShiftedTime { Shift = TimeSpan.FromDays(365) };
        // The second one waits for a sign of life of the first one, which gave none of its end.
        var housekeeping = new StoreHousekeeping(store, time) { Lease = TimeSpan.FromSeconds(3) };
        (await Should.ThrowAsync<StorageException>(() => CleanAsync(housekeeping))).Kind.ShouldBe(StorageErrorKind.Forbidden);

        mayDelete = true;
        time.Shift += TimeSpan.FromHours(1);
        (await CleanAsync(housekeeping)).Packages.Count.ShouldBe(1);
        (await MarksAsync()).ShouldBeEmpty();
        Directory.GetFiles(_temp["store/blobs/gc"]).ShouldHaveSingleItem("what was noted goes with the end");
    }

    [Fact]
    public async Task A_cleaning_that_passes_over_marks_and_took_the_package_is_found_out()
    {
        (PackageReference package, StoreHousekeeping housekeeping) = await StoreAsync();
        await using PackageHold hold = await PackageHold.TakeAsync(package, looksOnly: false, null, TimeProvider.System, Cancel);
        foreach (string mark in await MarksAsync())
            File.Delete(_temp["store", mark]);
        (await CleanAsync(housekeeping)).Packages.Count.ShouldBe(1);

        (await Should.ThrowAsync<StorageException>(() => hold.ConfirmAsync(Cancel))).Kind.ShouldBe(StorageErrorKind.NotFound);
    }

    [Fact]
    public async Task A_look_leaves_no_mark_and_a_package_that_is_not_there_none_either()
    {
        (PackageReference package, _) = await StoreAsync();
        await using PackageHold hold = await PackageHold.TakeAsync(package, looksOnly: true, null, TimeProvider.System, Cancel);
        (await MarksAsync()).ShouldBeEmpty();
        await Should.ThrowAsync<StorageException>(() => PackageHold.TakeAsync(new(StoreUri.Append(package.Location, "no"), package.Digest), looksOnly: false, null, TimeProvider.System, Cancel));
        foreach (string blob in Directory.GetFiles(_temp["store/blobs/sha256"], "*", SearchOption.AllDirectories))
            File.Delete(blob);
        await Should.ThrowAsync<StorageException>(() => PackageHold.TakeAsync(package, looksOnly: false, null, TimeProvider.System, Cancel));
        (await MarksAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("parts", "its parts list is missing")]
    [InlineData("provenance", "its provenance is missing")]
    public async Task A_package_whose_document_is_lost_is_not_whole(string document, string said)
    {
        (PackageReference package, _) = await StoreAsync(new("parts"u8.ToArray(), "provenance"u8.ToArray()));
        File.Delete(_temp["store", PackageDigest.BlobKey(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(document))))]);
        StorageException e = await Should.ThrowAsync<StorageException>(() => PackageHold.TakeAsync(package, looksOnly: true, null, TimeProvider.System, Cancel));
        (e.Kind, e.Message.Contains(said, StringComparison.Ordinal)).ShouldBe((StorageErrorKind.NotFound, true), e.Message);
    }

    private static Task<CleaningReport> CleanAsync(StoreHousekeeping housekeeping) =>
        housekeeping.CleanAsync(new() { Grace = TimeSpan.Zero, Apply = true, UsedAsync = _ => Task.FromResult<IReadOnlySet<string>>(new HashSet<string>()) }, null, Cancel);

    private async Task<IReadOnlyList<string>> MarksAsync() => await HoldMarks.ListAsync(PackageStores.Open(StoreUri.OfFolder(_temp["store"])), Cancel);

    private async Task<(PackageReference Package, StoreHousekeeping Housekeeping)> StoreAsync(PackageDocuments? documents = null)
    {
        string file = _temp.Write("App.dll", "the program");
        IPackageStore store = PackageStores.Open(StoreUri.OfFolder(_temp["store"]));
        PackageContent content = await PackageContent.ReadAsync([new("App.dll", file)], Cancel);
        // Packaged long ago, so that it is not one that a publish is about to name.
        PackageWritten written = await new PackageWriter(store, new FakeTimeProvider(new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero))).WriteAsync(
            new() { Content = content, Name = "App", Manifest = System.Text.Json.JsonDocument.Parse("{}").RootElement, Launch = new(null, "App.dll"), TargetFramework = "net10.0", DeploymentMode = "framework-dependent", DocumentsAsync = documents is null ? null : _ => Task.FromResult(documents) }, [], null, Cancel);
        return (written.Reference, new(store, TimeProvider.System));
    }

    /// <summary>The system's clock, at another time.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}
