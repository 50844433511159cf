using Sluice.Storage.Git;
using Sluice.Storage.Packages;
using Sluice.Storage.Tests.Packages;

namespace Sluice.Storage.Tests;

/// <summary>What the test program does as a child process: uses a store as another process would.</summary>
internal static class Child
{
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
            case ["publish", var store, var folder, var live]:
                Console.WriteLine(await PublishAsync(store, folder, live));
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
            // Uses a store once and keeps it open until it is killed.
            case ["hold", var store]:
                await using (IPackageStore opened = PackageStores.Open(store))
                {
                    await opened.GetSizeAsync("key", default);
                    Console.WriteLine("holding");
                    await Task.Delay(Timeout.Infinite);
                }
                return 0;
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
    public static async Task<string> PublishAsync(string store, string folder, string live)
    {
        await using IPackageStore opened = PackageStores.Open(store);
        PackageContent content = await PackageContent.ReadAsync(
            [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => new PackageSource(Path.GetRelativePath(folder, path).Replace('\\', '/'), path))], default);
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
