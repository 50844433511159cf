using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Sluice.Storage.Packages;
using Sluice.Storage.Tests.Packages;
using Sluice.Testing;

namespace Sluice.Storage.Tests;

/// <summary>What a store behind a network must do as well: large objects, broken connections, overloaded servers. A system's tests give it a real server.</summary>
public abstract class RemoteStoreContract : NetworkStoreContract
{
    /// <summary>The server's port on 127.0.0.1.</summary>
    protected abstract int ServerPort { get; }

    /// <summary>The URI of a store in it that may replace objects, at the server or at a proxy before it.</summary>
    protected abstract string Location(string placeAndPrefix, int port);

    /// <summary>How the first lines of the requests look that an upload in parts is made of, one pattern for each stage.</summary>
    protected abstract string[] StagesOfParts { get; }

    /// <summary>A server error that clients may try again, as the system words it.</summary>
    protected virtual string Overloaded(int status) => $"HTTP/1.1 {status} Not now\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    protected override Task<int> PortAsync() => Task.FromResult(ServerPort);

    protected override Task<string> LocationAsync(string place, int port) => Task.FromResult(Location(place, port));

    protected override async Task<IPackageStore> OpenAsync() => PackageStores.Open(Location(await PlaceAsync() + "/a prefix/below", ServerPort));

    [Theory]
    [InlineData(8 * 1024 * 1024)]
    [InlineData(8 * 1024 * 1024 + 1)]
    [InlineData(37 * 1024 * 1024)]
    public async Task A_large_object_is_read_back(int size)
    {
        await using IPackageStore store = await OpenAsync();
        byte[] content = new byte[size];
        new Random(2).NextBytes(content);

        await store.PutAsync("large", new MemoryStream(content), Cancel);

        (await store.GetSizeAsync("large", Cancel)).ShouldBe(size);
        (await ReadAsync(store, "large")).ShouldBe(content);
    }

    [Fact]
    public async Task A_large_upload_whose_answer_is_lost_at_any_stage_is_done_again()
    {
        byte[] content = Bytes(20_000_000, 14);
        foreach (string stage in StagesOfParts)
        {
            string place = await PlaceAsync();
            int cuts = 0;
            await using var proxy = new FaultProxy(ServerPort, _ => null) { CutAnswerTo = head => Regex.IsMatch(head, stage) && Interlocked.Increment(ref cuts) <= 2 };
            await using (IPackageStore store = PackageStores.Open(Location(place, proxy.Port)))
                await store.PutAsync("large", new MemoryStream(content), Cancel);

            cuts.ShouldBeGreaterThan(1, stage);
            await using IPackageStore direct = PackageStores.Open(Location(place, ServerPort));
            (await ReadAsync(direct, "large")).AsSpan().SequenceEqual(content).ShouldBeTrue(stage);
        }
    }

    [Fact]
    public async Task A_large_upload_that_fails_shows_nothing()
    {
        await using IPackageStore store = await OpenAsync();
        await Should.ThrowAsync<StorageException>(() => store.PutAsync("large", new FailingAfter(20 * 1024 * 1024), Cancel));
        (await store.GetSizeAsync("large", Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task Of_sixteen_that_create_an_object_one_succeeds()
    {
        await using IPackageStore store = await OpenAsync();
        bool[] made = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => store.CreateAsync("key", new MemoryStream(Encoding.UTF8.GetBytes($"writer {i}")), Cancel)));

        made.Count(m => m).ShouldBe(1);
        Encoding.UTF8.GetString(await ReadAsync(store, "key")).ShouldBe($"writer {Array.IndexOf(made, true)}");
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_Unavailable_and_asked_after()
    {
        await using IPackageStore store = PackageStores.Open(Location("place", FreePort.Take(1)[0]));
        StorageException e = await Should.ThrowAsync<StorageException>(() => store.GetAsync("key", Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Unavailable, e.Message);
        e.Message.ShouldContain("Is the address right, and the server up?");
        e.Message.ShouldNotContain('\n');
    }

    [Fact]
    public async Task A_download_goes_on_where_the_connection_was_cut()
    {
        string place = await PlaceAsync();
        byte[] content = new byte[3_000_000];
        new Random(3).NextBytes(content);
        await using (IPackageStore direct = PackageStores.Open(Location(place, ServerPort)))
            await direct.PutAsync("key", new MemoryStream(content), Cancel);

        await using var proxy = new FaultProxy(ServerPort, connection => connection <= 3 ? new Fault(CutAfterDown: 700_000) : null);
        await using IPackageStore store = PackageStores.Open(Location(place, proxy.Port));
        (await ReadAsync(store, "key")).ShouldBe(content);

        proxy.Connections.ShouldBe(4);
        proxy.BytesDown.ShouldBeLessThan(content.Length + 100_000, "what had arrived was not asked for again");
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task An_overloaded_server_is_asked_again(int status)
    {
        string place = await PlaceAsync();
        await using var proxy = new FaultProxy(ServerPort, connection => connection <= 2 ? new Fault(Answer: Overloaded(status)) : null);
        await using IPackageStore store = PackageStores.Open(Location(place, proxy.Port));

        await PutAsync(store, "key", "x");

        (await ReadAsync(store, "key")).ShouldBe("x"u8.ToArray());
    }

    [Fact]
    public async Task A_presigned_URL_lapses()
    {
        await using IPackageStore store = await OpenAsync();
        await PutAsync(store, "key", "x");
        Uri? url = await store.PresignAsync("key", PresignedUse.Read, TimeSpan.FromSeconds(2), Cancel);
        (url is not null).ShouldBe(SignsUrls);
        if (url is null)
            return;
        using var http = new HttpClient();
        HttpStatusCode status;
        var clock = Stopwatch.StartNew();
        do
            status = (await http.GetAsync(url, Cancel)).StatusCode;
        while (status == HttpStatusCode.OK && clock.Elapsed < TimeSpan.FromSeconds(30));
        status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_package_with_a_flipped_byte_is_never_pulled()
    {
        using var temp = new TempFolder();
        string place = await PlaceAsync();
        File.WriteAllBytes(temp["a.dll"], Enumerable.Repeat((byte)'a', 200_000).ToArray());
        PackageReference package;
        await using (IPackageStore direct = PackageStores.Open(Location(place, ServerPort)))
            package = (await new PackageWriter(direct, TimeProvider.System).WriteAsync(Drafts.Of(await PackageContent.ReadAsync([new("a.dll", temp["a.dll"])], Cancel)), [], null, Cancel)).Reference;

        // The manifest is small; what is flipped lies in the blob's body, each time that it is asked for.
        await using var proxy = new FaultProxy(ServerPort, _ => new Fault(FlipEveryDown: 50_000));
        var flipped = new PackageReference(new(Location(place, proxy.Port).Replace("?", package.Location.AbsolutePath + "?", StringComparison.Ordinal)), package.Digest);
        StorageException e = await Should.ThrowAsync<StorageException>(() => new PackageCache(temp["cache"]).GetAsync(flipped, Cancel));

        e.Kind.ShouldBe(StorageErrorKind.Damaged, e.Message);
        Directory.EnumerateFileSystemEntries(temp["cache"]).ShouldBeEmpty();
        (await new PackageCache(temp["cache"]).GetAsync(package, Cancel)).Manifest.Digest.ShouldBe(package.Digest);
    }

    [Fact]
    public async Task A_package_is_pulled_by_presigned_URLs_alone_and_verified()
    {
        using var temp = new TempFolder();
        string place = await PlaceAsync();
        for (int i = 0; i < 20; i++)
            File.WriteAllBytes(temp[$"{i}.dll"], Enumerable.Repeat((byte)i, 50_000 + i).ToArray());
        await using IPackageStore store = PackageStores.Open(Location(place + "/a prefix", ServerPort));
        PackageContent content = await PackageContent.ReadAsync([.. Enumerable.Range(0, 20).Select(i => new PackageSource(i == 0 ? "a.dll" : $"{i}.dll", temp[$"{i}.dll"]))], Cancel);
        PackageReference package = (await new PackageWriter(store, TimeProvider.System).WriteAsync(Drafts.Of(content), [], null, Cancel)).Reference;

        PullList? list = await PullList.CreateAsync(package, StorageSources.Environment, TimeSpan.FromMinutes(5), Cancel);
        (list is not null).ShouldBe(SignsUrls);
        if (list is null)
            return;

        // A reference that nobody could open: what is asked is the list alone.
        var closed = new PackageReference(new($"s3://no-such-bucket{package.Location.AbsolutePath}"), package.Digest);
        CachedPackage pulled = await new PackageCache(temp["cache"], new Secrets(), list.Url).GetAsync(closed, Cancel);
        pulled.Manifest.Files.Count.ShouldBe(20);
        File.ReadAllBytes(Path.Combine(pulled.Folder, "7.dll")).ShouldBe(File.ReadAllBytes(temp["7.dll"]));
        (await store.ListAsync("pulls/", Cancel).ToListAsync()).Count.ShouldBe(1);

        // A list of another package gives nothing.
        StorageException other = await Should.ThrowAsync<StorageException>(() => new PackageCache(temp["other"], new Secrets(), list.Url).GetAsync(closed with { Digest = new string('0', 64) }, Cancel));
        other.Kind.ShouldBe(StorageErrorKind.Damaged, other.Message);

        await list.DisposeAsync();
        (await store.ListAsync("pulls/", Cancel).ToListAsync()).ShouldBeEmpty();
        StorageException gone = await Should.ThrowAsync<StorageException>(() => new PackageCache(temp["gone"], new Secrets(), list.Url).GetAsync(closed, Cancel));
        gone.Message.ShouldContain("The store answered 404");
        gone.Message.ShouldNotContain("ignature=");
    }

    [Fact]
    public async Task A_presigned_package_whose_URLs_lapsed_says_so()
    {
        using var temp = new TempFolder();
        string place = await PlaceAsync();
        File.WriteAllText(temp["a.dll"], "assembly");
        await using IPackageStore store = PackageStores.Open(Location(place, ServerPort));
        PackageReference package = (await new PackageWriter(store, TimeProvider.System).WriteAsync(
            Drafts.Of(await PackageContent.ReadAsync([new("a.dll", temp["a.dll"])], Cancel)), [], null, Cancel)).Reference;
        await using PullList? list = await PullList.CreateAsync(package, StorageSources.Environment, TimeSpan.FromSeconds(1), Cancel);
        if (list is null)
        {
            SignsUrls.ShouldBeFalse();
            return;
        }
        using var http = new HttpClient();
        for (var clock = Stopwatch.StartNew(); (await http.GetAsync(list.Url, Cancel)).IsSuccessStatusCode && clock.Elapsed < TimeSpan.FromSeconds(30);)
            await Task.Delay(50, Cancel);

        StorageException e = await Should.ThrowAsync<StorageException>(() => new PackageCache(temp["cache"], new Secrets(), list.Url).GetAsync(package, Cancel));

        e.Kind.ShouldBe(StorageErrorKind.Forbidden, e.Message);
        e.Message.ShouldContain("The URL that the worker signed has lapsed");
        e.Message.ShouldNotContain('\n');
        Directory.EnumerateFileSystemEntries(temp["cache"]).ShouldBeEmpty();
    }

    /// <summary>Gives zeros, then fails.</summary>
    protected sealed class FailingAfter(int good) : MemoryStream
    {
        private int _read;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_read >= good)
                throw new StorageException(StorageErrorKind.Changed, "the source changed");
            buffer.Span.Clear();
            _read += buffer.Length;
            return new(buffer.Length);
        }
    }
}
