using System.Text;
using Sluice.Storage.Housekeeping;
using Sluice.Storage.Packages;
using Sluice.Storage.Tests.Housekeeping;
using Sluice.Storage.Tests.Packages;
using Sluice.Testing;

namespace Sluice.Storage.Tests;

/// <summary>What every store must do. A system's tests derive from it and open an empty store of its kind.</summary>
public abstract class PackageStoreContract
{
    /// <summary>Keys that every store refuses.</summary>
    public static TheoryData<string> RefusedKeys =>
    [
        "", "/rooted", "..", "../up", "a/../b", "a/./b", "a//b", "a/", ".", ".hidden", "a/.hidden/b", @"a\b", @"..\up", "C:/x", "C:", "a:stream", "a*", "a?b",
        "a\0b", "a\nb", "a./b", "a /b", "\"a\"", "<a>", "a|b",
    ];

    [Fact]
    public async Task Packages_are_listed_checked_and_cleaned()
    {
        await using IPackageStore store = await OpenAsync();
        using var folder = new TempFolder();
        var time = new FakeTimeProvider(new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));
        async Task<PackageWritten> PublishAsync(params string[] texts) =>
            await new PackageWriter(store, time).WriteAsync(Drafts.Of(await Shelf.ContentAsync(folder.Path, texts)), [], null, Cancel);
        PackageWritten used = await PublishAsync("shared", "used"), old = await PublishAsync("shared", "old");
        time.Advance(TimeSpan.FromHours(1));
        var housekeeping = new StoreHousekeeping(store, time);
        CleaningOptions options = new() { Grace = TimeSpan.Zero, Apply = true, UsedAsync = _ => Task.FromResult<IReadOnlySet<string>>(new HashSet<string> { used.Reference.Digest }) };

        (await housekeeping.ListAsync(null, Cancel)).Select(package => package.Digest).ShouldBe([used.Reference.Digest, old.Reference.Digest]);
        (await housekeeping.VerifyAsync(quick: false, null, Cancel)).Damages.ShouldBeEmpty();
        for (int again = 0; again < 2; again++)
        {
            CleaningReport report = await housekeeping.CleanAsync(options, null, Cancel);
            report.Packages.Select(package => package.Digest).ShouldBe(again == 0 ? [old.Reference.Digest] : []);
            (report.Blobs, report.Used).ShouldBe((again == 0 ? 1 : 0, 1));
        }
        VerifyReport verified = await housekeeping.VerifyAsync(quick: true, null, Cancel);
        (verified.Damages.Count, verified.Packages, verified.Blobs, verified.Orphans).ShouldBe((0, 1, 3, 0));
        (await PublishAsync("shared", "old")).UploadedFiles.ShouldBe(1, "after a cleaning only what it removed travels");

        await store.DeleteAsync(Shelf.BlobOf("used"), Cancel);
        (await housekeeping.VerifyAsync(quick: true, null, Cancel)).Damages.ShouldHaveSingleItem().Kind.ShouldBe("missing");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3 * 1024 * 1024 + 7)]
    public async Task What_is_put_is_read_back(int size)
    {
        await using IPackageStore store = await OpenAsync();
        byte[] content = new byte[size];
        new Random(1).NextBytes(content);

        await store.PutAsync("folder/some object.bin", new MemoryStream(content), Cancel);

        (await store.GetSizeAsync("folder/some object.bin", Cancel)).ShouldBe(size);
        (await ReadAsync(store, "folder/some object.bin")).ShouldBe(content);
    }

    [Fact]
    public async Task A_put_replaces_what_was_there()
    {
        await using IPackageStore store = await OpenAsync();
        await PutAsync(store, "key", "the first, longer text");
        await PutAsync(store, "key", "second");
        Encoding.UTF8.GetString(await ReadAsync(store, "key")).ShouldBe("second");
    }

    [Fact]
    public async Task What_is_missing_has_no_size_and_reading_it_is_NotFound()
    {
        await using IPackageStore store = await OpenAsync();
        await PutAsync(store, "there/object", "x");

        (await store.GetSizeAsync("missing", Cancel)).ShouldBeNull();
        (await store.GetSizeAsync("there", Cancel)).ShouldBeNull();
        (await store.GetSizeAsync("there/object/below", Cancel)).ShouldBeNull();
        StorageException e = await Should.ThrowAsync<StorageException>(() => store.GetAsync("missing/object", Cancel));
        e.Kind.ShouldBe(StorageErrorKind.NotFound);
        e.Message.ShouldContain("missing/object");
    }

    [Fact]
    public async Task Deleting_answers_whether_it_was_there()
    {
        await using IPackageStore store = await OpenAsync();
        await PutAsync(store, "a/b", "x");
        (await store.DeleteAsync("a/b", Cancel)).ShouldBeTrue();
        (await store.DeleteAsync("a/b", Cancel)).ShouldBeFalse();
        (await store.GetSizeAsync("a/b", Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task Listing_is_ordinal_and_by_the_characters_of_the_prefix()
    {
        await using IPackageStore store = await OpenAsync();
        // Where case does not tell files apart, a/B and a/b are one.
        string upper = TellsCaseApart ? "a/B" : "a/B2";
        foreach (string key in (string[])["b/2", "a/10", "a/9", "ab", upper, "a/b/c", "Z", "é"])
            await PutAsync(store, key, key);

        (await store.ListAsync("", Cancel).ToListAsync()).ShouldBe(["Z", "a/10", "a/9", upper, "a/b/c", "ab", "b/2", "é"]);
        (await store.ListAsync("a", Cancel).ToListAsync()).ShouldBe(["a/10", "a/9", upper, "a/b/c", "ab"]);
        (await store.ListAsync("a/b", Cancel).ToListAsync()).ShouldBe(["a/b/c"]);
        (await store.ListAsync("nothing/", Cancel).ToListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Sizes_told_in_one_answer_are_those_of_the_first_objects()
    {
        await using IPackageStore store = await OpenAsync();
        for (int size = 1; size <= 5; size++)
            await PutAsync(store, $"of/{size}", new('x', size));
        await PutAsync(store, "other", "x");

        foreach (int most in (int[])[2, 100])
        {
            StoredSizes? sizes = await store.ListSizesAsync("of/", most, Cancel);
            (sizes is not null).ShouldBe(ListsSizes);
            if (sizes is null)
                continue;
            sizes.Sizes.Count.ShouldBeInRange(1, Math.Min(most, 5));
            for (int size = 1; size <= 5; size++)
            {
                sizes.Covers($"of/{size}").ShouldBe(sizes.Sizes.ContainsKey($"of/{size}"));
                if (size <= sizes.Sizes.Count)
                    sizes.Sizes[$"of/{size}"].ShouldBe(size);
            }
        }
    }

    [Theory]
    [MemberData(nameof(RefusedKeys))]
    public async Task A_key_that_could_leave_the_store_is_refused_by_every_call(string key)
    {
        await using IPackageStore store = await OpenAsync();
        Func<Task>[] calls =
        [
            () => store.GetSizeAsync(key, Cancel), () => store.PutAsync(key, new MemoryStream(), Cancel), () => store.GetAsync(key, Cancel),
            () => store.DeleteAsync(key, Cancel),
        ];
        foreach (Func<Task> call in calls)
            (await Should.ThrowAsync<StorageException>(call)).Kind.ShouldBe(StorageErrorKind.Invalid);
    }

    [Fact]
    public async Task A_put_whose_content_fails_stores_nothing_and_keeps_what_was_there()
    {
        await using IPackageStore store = await OpenAsync();
        await PutAsync(store, "old", "kept");
        foreach (string key in (string[])["old", "new"])
        {
            var failing = new FailingStream(100_000, () => throw new StorageException(StorageErrorKind.Changed, "the source changed"));
            (await Should.ThrowAsync<StorageException>(() => store.PutAsync(key, failing, Cancel))).Message.ShouldBe("the source changed");
        }
        (await store.ListAsync("", Cancel).ToListAsync()).ShouldBe(["old"]);
        Encoding.UTF8.GetString(await ReadAsync(store, "old")).ShouldBe("kept");
    }

    [Fact]
    public async Task A_cancelled_put_stores_nothing()
    {
        await using IPackageStore store = await OpenAsync();
        await PutAsync(store, "other", "x");
        using var cancel = new CancellationTokenSource();
        var content = new FailingStream(100_000, cancel.Cancel);
        await Should.ThrowAsync<OperationCanceledException>(() => store.PutAsync("key", content, cancel.Token));
        (await store.ListAsync("", Cancel).ToListAsync()).ShouldBe(["other"]);
    }

    [Fact]
    public async Task Readers_see_whole_objects_while_many_write_the_same_key()
    {
        await using IPackageStore store = await OpenAsync();
        byte[][] contents = [.. Enumerable.Range(1, 4).Select(i => Enumerable.Repeat((byte)i, 200_000 + i).ToArray())];
        await store.PutAsync("key", new MemoryStream(contents[0]), Cancel);
        int seen = 0;

        Task writers = Task.WhenAll(contents.Select(content => Task.Run(async () =>
        {
            for (int i = 0; i < 10; i++)
                await store.PutAsync("key", new MemoryStream(content), Cancel);
        })));
        do
        {
            byte[] read = await ReadAsync(store, "key");
            read.ShouldBe(contents[read[0] - 1]);
            seen++;
        }
        while (!writers.IsCompleted);
        await writers;

        seen.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task An_object_is_created_once()
    {
        await using IPackageStore store = await OpenAsync();
        (await store.CreateAsync("a/key", new MemoryStream("first"u8.ToArray()), Cancel)).ShouldBeTrue();
        (await store.CreateAsync("a/key", new MemoryStream("second"u8.ToArray()), Cancel)).ShouldBeFalse();

        Encoding.UTF8.GetString(await ReadAsync(store, "a/key")).ShouldBe("first");
        (await store.ListAsync("", Cancel).ToListAsync()).ShouldBe(["a/key"]);
    }

    [Fact]
    public async Task A_presigned_URL_needs_no_credentials_and_does_one_thing()
    {
        await using IPackageStore store = await OpenAsync();
        await PutAsync(store, "a/b c+d", "there");
        Uri? read = await store.PresignAsync("a/b c+d", PresignedUse.Read, TimeSpan.FromMinutes(5), Cancel);
        Uri? write = await store.PresignAsync("new", PresignedUse.Write, TimeSpan.FromMinutes(5), Cancel);
        (read is not null).ShouldBe(SignsUrls);
        (write is not null).ShouldBe(SignsUrls);
        if (!SignsUrls)
            return;

        using var http = new HttpClient();
        (await http.GetStringAsync(read, Cancel)).ShouldBe("there");
        (await http.PutAsync(read, new StringContent("other"), Cancel)).IsSuccessStatusCode.ShouldBeFalse();
        (await PutTo(http, write!, "written")).IsSuccessStatusCode.ShouldBeTrue();
        Encoding.UTF8.GetString(await ReadAsync(store, "new")).ShouldBe("written");
        Encoding.UTF8.GetString(await ReadAsync(store, "a/b c+d")).ShouldBe("there");
    }

    [Fact]
    public async Task The_location_opens_the_same_store()
    {
        await using IPackageStore store = await OpenAsync();
        await PutAsync(store, "key", "x");
        await using IPackageStore again = PackageStores.Open(store.Location, Sources);
        (await again.ListAsync("", Cancel).ToListAsync()).ShouldBe(["key"]);
    }

    /// <summary>Opens an empty store; called once a test.</summary>
    protected abstract Task<IPackageStore> OpenAsync();

    /// <summary>The secrets and blocks that the store was opened with.</summary>
    protected virtual StorageSources? Sources => null;

    /// <summary>Whether the system has presigned URLs.</summary>
    protected virtual bool SignsUrls => true;

    /// <summary>Whether the system tells keys apart by their case.</summary>
    protected virtual bool TellsCaseApart => true;

    /// <summary>Whether the system tells the sizes of many objects in one answer.</summary>
    protected virtual bool ListsSizes => false;

    /// <summary>Sends content to a presigned URL.</summary>
    protected virtual Task<HttpResponseMessage> PutTo(HttpClient http, Uri url, string text) => http.PutAsync(url, new ByteArrayContent(Encoding.UTF8.GetBytes(text)), Cancel);

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected static Task PutAsync(IPackageStore store, string key, string text) => store.PutAsync(key, new MemoryStream(Encoding.UTF8.GetBytes(text)), Cancel);

    protected static async Task<byte[]> ReadAsync(IPackageStore store, string key)
    {
        await using Stream stream = await store.GetAsync(key, Cancel);
        var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Cancel);
        return bytes.ToArray();
    }

    /// <summary>Gives zeros for a while, then acts; endless where the act does not throw.</summary>
    private sealed class FailingStream(int good, Action act) : MemoryStream
    {
        private int _read;

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_read >= good)
                act();
            buffer.Clear();
            _read += buffer.Length;
            return buffer.Length;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new(Read(buffer.Span));
        }

        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            byte[] buffer = new byte[bufferSize];
            while (await ReadAsync(buffer, cancellationToken) is > 0 and var count)
                await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }
}
