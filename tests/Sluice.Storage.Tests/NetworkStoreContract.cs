using System.Security.Cryptography;
using Sluice.Storage.Packages;
using Sluice.Storage.Tests.Packages;
using Sluice.Testing;

namespace Sluice.Storage.Tests;

/// <summary>What networks do to every store that is not on this machine: connections are cut at each stage, bytes flip, bodies crawl.</summary>
public abstract class NetworkStoreContract : PackageStoreContract
{
    private protected static readonly Dictionary<string, Fault> s_cutsUp = new()
    {
        ["as it opens"] = new(Refuse: true),
        ["in the request's head"] = new(CutAfterUp: 60),
        ["in the middle of the body"] = new(CutAfterUp: 400_000),
        ["before the answer"] = new(CutAfterDown: 0),
        ["in the answer's head"] = new(CutAfterDown: 30),
    };

    private static readonly Dictionary<string, Fault> s_cutsDown = new()
    {
        ["as it opens"] = new(Refuse: true),
        ["in the request's head"] = new(CutAfterUp: 60),
        ["before the answer"] = new(CutAfterDown: 0),
        ["in the answer's head"] = new(CutAfterDown: 30),
        ["in the middle of the body"] = new(CutAfterDown: 400_000),
    };

    public static TheoryData<string> CutsUp => [.. s_cutsUp.Keys];

    public static TheoryData<string> CutsDown => [.. s_cutsDown.Keys];

    /// <summary>The server's port on 127.0.0.1.</summary>
    protected abstract Task<int> PortAsync();

    /// <summary>Makes a new bucket, container or folder and returns its name.</summary>
    protected abstract Task<string> PlaceAsync();

    /// <summary>The URI of a store in it that may replace objects, at the server or at a proxy before it.</summary>
    protected abstract Task<string> LocationAsync(string place, int port);

    /// <summary>Whether what flips on its way up is found out by the system, and not only by whoever reads it.</summary>
    protected virtual bool ChecksUploads => true;

    /// <summary>Whether bytes flip where the random test does not know what they mean.</summary>
    protected virtual bool FlipsAtRandom => true;

    [Theory]
    [MemberData(nameof(CutsUp))]
    public async Task An_upload_whose_connection_is_cut_is_done_again(string where)
    {
        byte[] content = Bytes(1_000_000, 11);
        string place = await PlaceAsync();
        await using var proxy = new FaultProxy(await PortAsync(), connection => connection <= 2 ? s_cutsUp[where] : null);
        await using (IPackageStore store = PackageStores.Open(await LocationAsync(place, proxy.Port)))
            await store.PutAsync("key", new MemoryStream(content), Cancel);

        await using IPackageStore direct = PackageStores.Open(await LocationAsync(place, await PortAsync()));
        (await ReadAsync(direct, "key")).ShouldBe(content);
        (await direct.ListAsync("", Cancel).ToListAsync()).ShouldBe(["key"]);
        proxy.Connections.ShouldBeGreaterThan(2);
    }

    [Theory]
    [MemberData(nameof(CutsDown))]
    public async Task A_download_whose_connection_is_cut_is_done_again(string where)
    {
        byte[] content = Bytes(1_000_000, 12);
        string place = await PlaceAsync();
        await using (IPackageStore direct = PackageStores.Open(await LocationAsync(place, await PortAsync())))
            foreach (string key in (string[])["key", PackageDigest.BlobKey(new string('a', 64))])
                await direct.PutAsync(key, new MemoryStream(content), Cancel);

        foreach (string key in (string[])["key", PackageDigest.BlobKey(new string('a', 64))])
        {
            await using var proxy = new FaultProxy(await PortAsync(), connection => connection <= 2 ? s_cutsDown[where] : null);
            await using IPackageStore store = PackageStores.Open(await LocationAsync(place, proxy.Port));
            (await ReadAsync(store, key)).ShouldBe(content);
            proxy.Connections.ShouldBeGreaterThan(2);
        }
    }

    [Fact]
    public async Task Creating_through_a_connection_that_is_cut_before_the_answer_stores_one_whole_object()
    {
        string place = await PlaceAsync();
        await using var proxy = new FaultProxy(await PortAsync(), connection => connection <= 2 ? new(CutAfterDown: 0) : null);
        await using (IPackageStore store = PackageStores.Open(await LocationAsync(place, proxy.Port)))
            // The first attempt may have arrived, and the second found it.
            await store.CreateAsync("key", new MemoryStream("created"u8.ToArray()), Cancel);

        await using IPackageStore direct = PackageStores.Open(await LocationAsync(place, await PortAsync()));
        (await ReadAsync(direct, "key")).ShouldBe("created"u8.ToArray());
    }

    [Fact]
    public async Task A_byte_that_flips_on_the_way_up_becomes_no_package()
    {
        using var temp = new TempFolder();
        string place = await PlaceAsync();
        File.WriteAllBytes(temp["a.dll"], Bytes(200_000, 13));
        await using var proxy = new FaultProxy(await PortAsync(), connection => connection == 1 || !ChecksUploads ? new(FlipAtUp: 100_000) : null);
        PackageReference package;
        await using (IPackageStore store = PackageStores.Open(await LocationAsync(place, proxy.Port)))
            package = await WriteAsync(store, temp["a.dll"]);

        await using IPackageStore direct = PackageStores.Open(await LocationAsync(place, await PortAsync()));
        var here = new PackageReference(StoreUri.Append(direct.Location, (await ManifestsAsync(direct)).ShouldHaveSingleItem()), package.Digest);
        if (ChecksUploads)
        {
            (await new PackageCache(temp["cache"]).GetAsync(here, Cancel)).Manifest.Digest.ShouldBe(package.Digest);
            return;
        }
        (await Should.ThrowAsync<StorageException>(() => new PackageCache(temp["cache"]).GetAsync(here, Cancel))).Kind.ShouldBe(StorageErrorKind.Damaged);
    }

    [Fact]
    public async Task A_package_through_a_network_that_faults_at_random_is_right_or_refused()
    {
        int port = await PortAsync();
        for (int round = 0; round < Fuzz.Count(2); round++)
        {
            int seed = Fuzz.Seed + round;
            using var temp = new TempFolder();
            var random = new Random(seed);
            PackageSource[] files = [.. Enumerable.Range(0, 10).Select(i => new PackageSource(i == 0 ? "a.dll" : $"data/f{i}.bin", temp[$"f{i}"]))];
            foreach (PackageSource file in files)
                File.WriteAllBytes(file.FullPath, Bytes(file.Path == "data/f1.bin" ? 9_000_000 : random.Next(300_000), random.Next()));
            PackageContent content = await PackageContent.ReadAsync(files, Cancel);
            string place = await PlaceAsync();
            await using var proxy = new FaultProxy(port, Plan(random, FlipsAtRandom));
            await using IPackageStore direct = PackageStores.Open(await LocationAsync(place, port));
            string said = $"seed {seed}";

            PackageReference? written = null;
            await using (IPackageStore store = PackageStores.Open(await LocationAsync(place, proxy.Port)))
            {
                try
                {
                    written = (await new PackageWriter(store, TimeProvider.System).WriteAsync(Drafts.Of(content), [], null, Cancel)).Reference;
                }
                catch (StorageException e)
                {
                    e.Message.ShouldNotContain('\n', said);
                }
                if (written is not null)
                    written = new(StoreUri.Append(direct.Location, StoreUri.KeyIn(store.Location, written.Location)!), written.Digest);
            }

            string[] manifests = await ManifestsAsync(direct);
            // A refused upload may have arrived whole at its very end; a package that is to be seen is the right one.
            foreach (string folder in manifests)
                await ShouldBeRightAsync(new(StoreUri.Append(direct.Location, folder), content.Digest), temp[$"direct-{folder.GetHashCode()}"]);
            if (written is not null)
            {
                manifests.ShouldNotBeEmpty(said);
                await using var down = new FaultProxy(port, Plan(random, FlipsAtRandom));
                await using IPackageStore through = PackageStores.Open(await LocationAsync(place, down.Port));
                var package = new PackageReference(StoreUri.Append(through.Location, StoreUri.KeyIn(direct.Location, written.Location)!), written.Digest);
                try
                {
                    await ShouldBeRightAsync(package, temp["through"]);
                }
                catch (StorageException e)
                {
                    e.Message.ShouldNotContain('\n', said);
                    Directory.EnumerateFileSystemEntries(temp["through"]).ShouldBeEmpty(said);
                }
            }

            async Task ShouldBeRightAsync(PackageReference package, string cache)
            {
                CachedPackage pulled;
                try
                {
                    pulled = await new PackageCache(cache).GetAsync(package, Cancel);
                }
                catch (StorageException e) when (!ChecksUploads && e.Kind == StorageErrorKind.Damaged)
                {
                    return;
                }
                foreach (PackageSource file in files)
                    SHA256.HashData(File.ReadAllBytes(Path.Combine(pulled.Folder, file.Path))).ShouldBe(SHA256.HashData(File.ReadAllBytes(file.FullPath)), said);
            }
        }
    }

    // The first connections fault in every way there is, so that an attempt sees several; what comes after passes.
    private static Func<int, Fault?> Plan(Random random, bool flips)
    {
        Fault?[] faults = [.. Enumerable.Range(0, 14).Select(_ => random.Next(flips ? 8 : 6) switch
        {
            0 => new Fault(Refuse: true),
            1 => new Fault(CutAfterUp: random.Next(2000)),
            2 => new Fault(CutAfterUp: random.Next(500_000)),
            3 => new Fault(CutAfterDown: random.Next(2000)),
            4 => new Fault(CutAfterDown: random.Next(500_000)),
            5 => new Fault(FlipAtUp: 2000 + random.Next(300_000)),
            6 => new Fault(FlipAtDown: 2000 + random.Next(300_000)),
            _ => null,
        })];
        return connection => connection <= faults.Length ? faults[connection - 1] : null;
    }

    private static async Task<PackageReference> WriteAsync(IPackageStore store, string file) =>
        (await new PackageWriter(store, TimeProvider.System).WriteAsync(Drafts.Of(await PackageContent.ReadAsync([new("a.dll", file)], Cancel)), [], null, Cancel)).Reference;

    private static async Task<string[]> ManifestsAsync(IPackageStore store)
    {
        try
        {
            return [.. (await store.ListAsync("test-flow/", Cancel).ToListAsync()).Where(key => key.EndsWith("/manifest.json", StringComparison.Ordinal)).Select(key => key[..^"/manifest.json".Length])];
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            return []; // Nothing arrived, and so there is no store yet.
        }
    }

    protected static byte[] Bytes(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
