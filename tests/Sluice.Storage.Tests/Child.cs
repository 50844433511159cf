using Sluice.Storage.Git;
using Sluice.Storage.Housekeeping;
using Sluice.Storage.Packages;
using Sluice.Storage.Tests.Housekeeping;
using Sluice.Storage.Tests.Packages;

namespace Sluice.Storage.Tests;

/// <summary>What the test program does as a child process: uses a store as another process would.</summary>
internal static class Child
{
    // Long enough for a busy machine: one that sleeps longer between a sign of life and a deletion breaks the promise.
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(10);

    /// <summary>The running test program.</summary>
    public static string Program => Environment.ProcessPath!;

    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            // Uploads ever new packages until it is killed.
            case ["upload-forever", var store, var sources]:
                Console.WriteLine("uploading");
                for (int i = 0; ; i++)
                    await UploadAsync(store, sources, $"{Environment.ProcessId} {i}");
            case ["upload", var store, var sources, var times]:
                for (int i = 0; i < int.Parse(times); i++)
                    Console.WriteLine(await UploadAsync(store, sources, "the same"));
                return 0;
            case ["publish", var store, var folder, var live, var digests]:
                Console.WriteLine(await PublishAsync(store, folder, live, digests));
                return 0;
            case ["pull", var package, var cache]:
                Console.WriteLine((await new PackageCache(cache).GetAsync(PackageReference.TryParse(package)!, default)).Folder);
                return 0;
            case ["size", var store, var key]:
                try
                {
                    await using IPackageStore opened = PackageStores.Open(store);
                    Console.WriteLine(await opened.GetSizeAsync(key, default));
                }
                catch (StorageException e)
                {
                    Console.WriteLine($"{e.Kind}: {e.Message}");
                }
                return 0;
            // Says what a presigned URL looks like, for which no server is asked.
            case ["presign", var store, var key]:
                await using (IPackageStore opened = PackageStores.Open(store))
                    Console.WriteLine(await opened.PresignAsync(key, PresignedUse.Read, TimeSpan.FromMinutes(1), default));
                return 0;
            // Says how a fetch of source ended.
            case ["fetch", var source, var commit, var folder]:
                try
                {
                    await CodeSources.Open(new Uri(source)).FetchAsync(commit, folder, default);
                    Console.WriteLine("fetched");
                }
                catch (StorageException e)
                {
                    Console.WriteLine($"{e.Kind}: {e.Message}");
                }
                return 0;
            // Says how the check of a working tree ended.
            case ["check", var source, var folder]:
                try
                {
                    Console.WriteLine($"checked {(await CodeSources.Open(new Uri(source)).CheckAsync(folder, default)).Branch}");
                }
                catch (StorageException e)
                {
                    Console.WriteLine($"{e.Kind}: {e.Message}");
                }
                return 0;
            // Uses a store once and keeps it open until it is killed.
            case ["hold", var store]:
                await using (IPackageStore opened = PackageStores.Open(store))
                {
                    await opened.GetSizeAsync("key", default);
                    Console.WriteLine("holding");
                    await Task.Delay(Timeout.Infinite);
                }
                return 0;
            // Publishes contents that share blobs with those of others.
            case ["publish-some", var store, var folder, var times, var seed]:
            {
                var random = new Random(int.Parse(seed));
                for (int i = 0; i < int.Parse(times); i++)
                {
                    await using IPackageStore opened = PackageStores.Open(store);
                    PackageContent content = await Shelf.ContentAsync(folder, [.. Enumerable.Range(0, 60).Where(_ => random.Next(2) == 0).Select(text => $"text {text}")]);
                    PackageWritten written = await new PackageWriter(opened, TimeProvider.System) { Lease = s_lease }.WriteAsync(Drafts.Of(content), [], null, default);
                    Console.WriteLine($"published {written.Reference}");
                    // A manifest that is seen after a blob was missed: the next cleaning would hide that.
                    string manifest = $"{StoreUri.KeyIn(opened.Location, written.Reference.Location)}/manifest.json";
                    foreach (PackageFile file in content.Files)
                    {
                        if (await opened.GetSizeAsync(PackageDigest.BlobKey(file.Sha256), default) is null && await opened.GetSizeAsync(manifest, default) is not null)
                        {
                            Console.Error.WriteLine($"BROKEN: {manifest} misses {file.Sha256}");
                            return 1;
                        }
                    }
                }
                return 0;
            }
            // Removes all packages, since its clock is an hour ahead and nobody uses any.
            case ["clean-some", var store, var times]:
            {
                await using IPackageStore opened = PackageStores.Open(store);
                for (int i = 0; i < int.Parse(times); i++)
                {
                    try
                    {
                        CleaningReport report = await new StoreHousekeeping(opened, new Ahead()) { Lease = s_lease }.CleanAsync(
                            new() { Grace = TimeSpan.Zero, Apply = true, UsedAsync = _ => Task.FromResult<IReadOnlySet<string>>(new HashSet<string>()) }, null, default);
                        Console.WriteLine($"removed {report.Packages.Count} packages, {report.Blobs} blobs");
                    }
                    catch (StorageException e) when (e.Kind == StorageErrorKind.Unavailable)
                    {
                        // On a machine that stands still for a lease it is taken for dead, and stops as it should.
                        Console.WriteLine(e.Message);
                    }
                    // The next publish is to meet the next cleaning, and not only to wait for it.
                    await Task.Delay(Random.Shared.Next(150));
                }
                return 0;
            }
            // Says how a put ended, then what the store's folder holds.
            case ["put", var store, var key, var bytes]:
                try
                {
                    await using IPackageStore opened = PackageStores.Open(store);
                    await opened.PutAsync(key, new MemoryStream(new byte[int.Parse(bytes)]), default);
                    Console.WriteLine("stored");
                }
                catch (StorageException e)
                {
                    Console.WriteLine($"{e.Kind}: {e.Message}");
                }
                foreach (string file in Directory.EnumerateFiles(store, "*", SearchOption.AllDirectories))
                    Console.WriteLine(Path.GetRelativePath(store, file));
                return 0;
            default:
                return 2;
        }
    }

    /// <summary>Packages a folder as a publish does.</summary>
    public static async Task<string> PublishAsync(string store, string folder, string live, string digests)
    {
        await using IPackageStore opened = PackageStores.Open(store);
        PackageContent content = await PackageContent.ReadAsync(
            [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => new PackageSource(Path.GetRelativePath(folder, path).Replace('\\', '/'), path))],
            default, KnownDigests.Of(digests, folder, TimeProvider.System));
        PackageReference[] before = PackageReference.TryParse(live) is { } reference ? [reference] : [];
        return (await new PackageWriter(opened, TimeProvider.System).WriteAsync(Drafts.Of(content), before, null, default)).Reference.ToString();
    }

    private static async Task<string> UploadAsync(string store, string sources, string marker)
    {
        string changed = Path.Combine(sources, $"changed-{Environment.ProcessId}.txt");
        await File.WriteAllTextAsync(changed, marker);
        await using IPackageStore opened = PackageStores.Open(store);
        string[] files = ["a.dll", "data/b.csv", "data/c.csv"];
        PackageContent content = await PackageContent.ReadAsync(
            [.. files.Select(f => new PackageSource(f, Path.Combine(sources, f))), new PackageSource("changed.txt", changed)], default);
        return (await new PackageWriter(opened, TimeProvider.System).WriteAsync(Drafts.Of(content), [], null, default)).Reference.ToString();
    }
}

/// <summary>A clock that is an hour ahead.</summary>
internal sealed class Ahead : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow.AddHours(1);
}
