using Sluice.Storage.Housekeeping;
using Sluice.Storage.Packages;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Packages;

/// <summary>A package that a rollback is about to name, while the store is cleaned.</summary>
public sealed class PackageHoldTests : IDisposable
{
    private readonly TempFolder _temp = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_cleaning_that_came_between_and_took_the_package_is_found_out()
    {
        (PackageReference package, StoreHousekeeping housekeeping) = await StoreAsync();
        PackageHold hold = await PackageHold.TakeAsync(package, null, TimeProvider.System, Cancel);
        hold.Manifest!.Digest.ShouldBe(package.Digest);

        (await housekeeping.CleanAsync(new() { Grace = TimeSpan.Zero, Apply = true, UsedAsync = _ => Used() }, null, Cancel)).Packages.Count.ShouldBe(1);

        (await Should.ThrowAsync<StorageException>(() => hold.ConfirmAsync(Cancel))).Kind.ShouldBe(StorageErrorKind.NotFound);
    }

    [Fact]
    public async Task A_cleaning_that_left_the_package_or_none_at_all_is_no_matter()
    {
        (PackageReference package, StoreHousekeeping housekeeping) = await StoreAsync();
        PackageHold hold = await PackageHold.TakeAsync(package, null, TimeProvider.System, Cancel);
        await hold.ConfirmAsync(Cancel);
        await housekeeping.CleanAsync(new() { Grace = TimeSpan.Zero, Apply = true, UsedAsync = _ => Used(package.Digest) }, null, Cancel);
        await hold.ConfirmAsync(Cancel);
    }

    private static Task<IReadOnlySet<string>> Used(params string[] digests) => Task.FromResult<IReadOnlySet<string>>(digests.ToHashSet());

    private async Task<(PackageReference Package, StoreHousekeeping Housekeeping)> StoreAsync()
    {
        string file = _temp.Write("App.dll", "the program");
        IPackageStore store = PackageStores.Open(StoreUri.OfFolder(_temp["store"]));
        PackageContent content = await PackageContent.ReadAsync([new("App.dll", file)], Cancel);
        // Packaged long ago, so that it is not one that a publish is about to name.
        PackageWritten written = await new PackageWriter(store, new FakeTimeProvider(new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero))).WriteAsync(
            new() { Content = content, Name = "App", Manifest = System.Text.Json.JsonDocument.Parse("{}").RootElement, Launch = new(null, "App.dll"), TargetFramework = "net10.0", DeploymentMode = "framework-dependent" }, [], null, Cancel);
        return (written.Reference, new(store, TimeProvider.System));
    }
}
