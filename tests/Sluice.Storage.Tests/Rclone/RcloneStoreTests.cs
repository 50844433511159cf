using System.Diagnostics;
using System.Security.Cryptography;
using Sluice.Storage.Rclone;
using Sluice.Storage.Tests.Blocks;
using Sluice.Storage.Tests.Servers;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Rclone;

[CollectionDefinition("FileServers")]
public sealed class FileServersCollection : ICollectionFixture<FileServers>;

/// <summary>What holds for each system that is reached by rclone.</summary>
public abstract class RcloneStoreTests : NetworkStoreContract
{
    private readonly FileServers _servers;
    private readonly string _system;

    protected RcloneStoreTests(FileServers servers, string system)
    {
        Assert.SkipUnless(FileServers.AreInstalled, FileServers.Missing);
        _servers = servers;
        _system = system;
    }

    protected override bool SignsUrls => false;

    /// <summary>Whether rclone knows what of an upload has left this machine: by HTTP it waits for the answer from when the system's buffers have all of it.</summary>
    protected virtual bool SeesUploadsMove => true;

    protected override Task<int> PortAsync() => _servers.PortAsync(_system);

    protected override Task<string> PlaceAsync() => Task.FromResult(Guid.NewGuid().ToString("N"));

    protected override Task<string> LocationAsync(string place, int port) => _servers.StoreAsync(_system, port, place);

    protected override async Task<IPackageStore> OpenAsync() => PackageStores.Open(await _servers.StoreAsync(_system));

    [Fact]
    public async Task A_large_object_is_read_back()
    {
        await using IPackageStore store = await OpenAsync();
        byte[] content = new byte[19 * 1024 * 1024 + 1];
        new Random(6).NextBytes(content);
        await store.PutAsync("large", new MemoryStream(content), Cancel);
        (await ReadAsync(store, "large")).ShouldBe(content);
    }

    // Each store has an rclone of its own and knows nothing of the others, as in processes of their own.
    [Fact]
    public async Task A_reader_sees_whole_objects_while_stores_elsewhere_replace_them()
    {
        string location = await _servers.StoreAsync(_system);
        byte[][] contents = [.. Enumerable.Range(1, 2).Select(i => Enumerable.Repeat((byte)i, 32_768 * i + i).ToArray())];
        await using IPackageStore reader = PackageStores.Open(location);
        await reader.PutAsync("key", new MemoryStream(contents[0]), Cancel);

        Task writers = Task.WhenAll(contents.Select(content => Task.Run(async () =>
        {
            await using IPackageStore store = PackageStores.Open(location);
            for (int i = 0; i < 8; i++)
                await store.PutAsync("key", new MemoryStream(content), Cancel);
        })));
        do
        {
            try
            {
                byte[] read = await ReadAsync(reader, "key");
                read.ShouldBe(contents[read[0] - 1]);
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.Unavailable && e.Message.Contains("replaced while it was read", StringComparison.Ordinal))
            {
                // On a loaded machine each attempt may meet another replacement; what counts is that none gives a mixture.
            }
        }
        while (!writers.IsCompleted);
        await writers;
        byte[] last = await ReadAsync(reader, "key");
        last.ShouldBe(contents[last[0] - 1]);
        (await reader.ListAsync("", Cancel).ToListAsync()).ShouldBe(["key"]);
    }

    [Fact]
    public async Task A_transfer_takes_as_long_as_it_needs_while_something_moves()
    {
        TimeSpan silence = TimeSpan.FromSeconds(2);
        byte[] content = Bytes(600_000, 15);
        string place = await PlaceAsync();
        // Each way rests for more than the silence in all.
        await using var proxy = new FaultProxy(await PortAsync(), _ => new(Crawl: TimeSpan.FromMilliseconds(65)));
        await using var store = new RcloneStore(new(await LocationAsync(place, proxy.Port)), StorageSources.Environment.Secrets, TimeProvider.System, silence);

        if (SeesUploadsMove)
        {
            await store.PutAsync("key", new MemoryStream(content), Cancel);
        }
        else
        {
            await using IPackageStore direct = PackageStores.Open(await LocationAsync(place, await PortAsync()));
            await direct.PutAsync("key", new MemoryStream(content), Cancel);
        }

        (await ReadAsync(store, "key")).ShouldBe(content);
    }

    [Fact]
    public async Task A_connection_on_which_nothing_moves_any_more_is_given_up_and_opened_again()
    {
        byte[] content = Bytes(1_000_000, 16);
        string place = await PlaceAsync();
        // Of what is sent an answer is missing, of what is read the rest.
        foreach (long passed in (long[])[0, 400_000])
        {
            await using var proxy = new FaultProxy(await PortAsync(), connection => connection == 1 ? new(HoldAfterDown: passed) : null);
            await using var store = new RcloneStore(new(await LocationAsync(place, proxy.Port)), StorageSources.Environment.Secrets, TimeProvider.System, TimeSpan.FromSeconds(2));
            if (passed == 0)
                await store.PutAsync("key", new MemoryStream(content), Cancel);
            (await ReadAsync(store, "key")).ShouldBe(content);
            proxy.Held.ShouldBe(1);
            proxy.Connections.ShouldBeGreaterThan(1);
        }
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_Unavailable_and_asked_after()
    {
        await using IPackageStore store = PackageStores.Open(await _servers.StoreAsync(_system, FreePort.Take(1)[0]));
        StorageException e = await Should.ThrowAsync<StorageException>(() => store.GetAsync("key", Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Unavailable, e.Message);
        e.Message.ShouldContain("Is the address right, and the server up?", customMessage: e.Message);
    }
}

[Collection("FileServers")]
public sealed class SftpStoreTests(FileServers servers) : RcloneStoreTests(servers, "sftp");

[Collection("FileServers")]
public sealed class WebDavStoreTests(FileServers servers) : RcloneStoreTests(servers, "webdav")
{
    // Plain WebDAV has no checksums.
    protected override bool ChecksUploads => false;

    protected override bool SeesUploadsMove => false;

    [Theory]
    [InlineData("429 Too Many Requests")]
    [InlineData("500 Internal Server Error")]
    [InlineData("503 Service Unavailable")]
    public async Task An_overloaded_server_is_asked_again_and_told_when_it_stays_so(string status)
    {
        string place = await PlaceAsync();
        bool stays = false;
        var busy = new Fault(Answer: $"HTTP/1.1 {status}\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        await using var proxy = new FaultProxy(await PortAsync(), connection => connection <= 2 || Volatile.Read(ref stays) ? busy : null);
        await using (IPackageStore store = PackageStores.Open(await LocationAsync(place, proxy.Port)))
        {
            await PutAsync(store, "key", "x");
            (await ReadAsync(store, "key")).ShouldBe("x"u8.ToArray());
        }
        proxy.Connections.ShouldBeGreaterThan(2);

        Volatile.Write(ref stays, true);
        await using IPackageStore refused = PackageStores.Open(await LocationAsync(place, proxy.Port));
        StorageException e = await Should.ThrowAsync<StorageException>(() => ReadAsync(refused, "key"));
        e.Kind.ShouldBe(StorageErrorKind.Unavailable, e.Message);
        e.Message.ShouldContain("the server is overloaded or failing. Try again later");
    }
}

[Collection("FileServers")]
public sealed class SmbStoreTests(FileServers servers) : RcloneStoreTests(servers, "smb")
{
    private readonly FileServers _servers = servers;

    protected override bool TellsCaseApart => false;

    // A flip in a frame's length leaves both sides waiting, until rclone gives up after a minute.
    protected override bool FlipsAtRandom => false;

    [Fact]
    public async Task A_wrong_password_and_a_missing_share_are_told_apart()
    {
        int port = await _servers.PortAsync("smb");
        (string Share, string Password, StorageErrorKind Kind, string Says)[] cases =
        [
            ("data", "wrong", StorageErrorKind.Forbidden, "the server refused user or password"),
            ("no-such-share", FileServers.Password, StorageErrorKind.NotFound, "no such share"),
        ];
        foreach (var (share, password, kind, says) in cases)
        {
            await using IPackageStore store = PackageStores.Open($"smb://127.0.0.1/{share}?smb_username=root&smb_port={port}&smb_password=${{P}}", new Secrets(("P", password)));
            StorageException e = await Should.ThrowAsync<StorageException>(() => PutAsync(store, "key", "x"));
            e.Kind.ShouldBe(kind, e.Message);
            e.Message.ShouldContain(says);
            e.Message.ShouldNotContain(FileServers.Password);
        }
    }
}

[Collection("FileServers")]
public sealed class RcloneProgramTests(FileServers servers)
{
    [Fact]
    public async Task A_remote_that_nobody_configured_is_said_so()
    {
        Assert.SkipUnless(FileServers.AreInstalled, FileServers.Missing);
        await using IPackageStore store = PackageStores.Open("rclone://nobody/folder");
        StorageException e = await Should.ThrowAsync<StorageException>(() => store.GetSizeAsync("key", TestContext.Current.CancellationToken));
        e.Kind.ShouldBe(StorageErrorKind.Invalid, e.Message);
        e.Message.ShouldContain("no such remote. Run 'rclone listremotes'");
    }

    [Theory]
    [InlineData("sftp")]
    [InlineData("webdav")]
    public async Task A_wrong_password_is_refused_with_what_is_wrong_and_not_shown(string system)
    {
        Assert.SkipUnless(FileServers.AreInstalled, FileServers.Missing);
        int port = await servers.PortAsync(system);
        string to = system == "sftp" ? $"host=127.0.0.1&port={port}&user=root" : $"url=http://127.0.0.1:{port}/&vendor=other&user=dav";
        await using IPackageStore store = PackageStores.Open($"rclone://files/folder?type={system}&{to}&pass=${{P}}", new Secrets(("P", "canary-wrong")));
        StorageException e = await Should.ThrowAsync<StorageException>(() => store.PutAsync("key", new MemoryStream([1]), TestContext.Current.CancellationToken));
        e.Kind.ShouldBe(StorageErrorKind.Forbidden, e.Message);
        e.Message.ShouldContain("the server refused user or password");
        e.ToString().ShouldNotContain("canary");
    }

    [Theory]
    [InlineData("smb")]
    [InlineData("webdav")]
    public async Task A_folder_that_may_only_be_read_is_said_so(string system)
    {
        Assert.SkipUnless(FileServers.AreInstalled, FileServers.Missing);
        string folder = Guid.NewGuid().ToString("N");
        string location = await servers.StoreAsync(system, folder: folder);
        string place = Directory.CreateDirectory(Path.Combine(servers.FolderOf(system), folder, "below")).FullName;
        await using IPackageStore store = PackageStores.Open(system == "smb" ? location.Replace("/data/", "/readonly/", StringComparison.Ordinal) : location);
        StorageException e = await Should.ThrowAsync<StorageException>(() => store.PutAsync("key", new MemoryStream([1]), TestContext.Current.CancellationToken));
        e.Kind.ShouldBe(StorageErrorKind.Forbidden, e.Message);
        e.Message.ShouldContain("the server does not allow it");
        Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("smb")]
    [InlineData("webdav")]
    public async Task A_full_disk_is_said_so_and_leaves_nothing_to_see(string system)
    {
        Assert.SkipUnless(FileServers.AreInstalled && OperatingSystem.IsLinux(), FileServers.Missing);
        CancellationToken cancel = TestContext.Current.CancellationToken;
        string folder = Guid.NewGuid().ToString("N");
        string location = await servers.StoreAsync(system, folder: folder);
        string place = Directory.CreateDirectory(Path.Combine(servers.FolderOf(system), folder)).FullName;
        await using (ProgramRun mount = await ProgramRun.CompleteAsync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs", place]))
            Assert.SkipUnless(mount.Process.ExitCode == 0, "mounting is not allowed here");
        try
        {
            await using IPackageStore store = PackageStores.Open(location);
            StorageException e = await Should.ThrowAsync<StorageException>(() => store.PutAsync("key", new MemoryStream(new byte[3_000_000]), cancel));
            e.Kind.ShouldBe(StorageErrorKind.Full, e.Message);
            e.Message.ShouldContain("no space is left");
            (await store.ListAsync("", cancel).ToListAsync(cancel)).ShouldBeEmpty();
        }
        finally
        {
            await using ProgramRun unmount = await ProgramRun.CompleteAsync("umount", ["-l", place]);
            unmount.Process.ExitCode.ShouldBe(0, unmount.Error);
        }
    }

    [Fact]
    public async Task A_remote_is_made_of_a_URIs_options_or_of_a_blocks_settings()
    {
        Assert.SkipUnless(FileServers.AreInstalled, FileServers.Missing);
        int port = await servers.PortAsync("sftp");
        string folder = servers.FolderOf("sftp") + "/" + Guid.NewGuid().ToString("N");
        await using IPackageStore byOptions = PackageStores.Open($"rclone://my-files.2/{folder}?type=sftp&host=127.0.0.1&port={port}&user=root&key_file={servers.SftpKey}");
        await byOptions.PutAsync("a/key", new MemoryStream([1, 2, 3]), TestContext.Current.CancellationToken);
        File.ReadAllBytes(Path.Combine(folder, "a", "key")).ShouldBe([1, 2, 3]);

        var blocks = new NamedBlocks(("remote-file-system/files", $$"""{"basepath":"sftp://root@127.0.0.1:{{port}}{{folder}}","settings":{"key_filename":"{{servers.SftpKey}}"} }"""));
        await using IPackageStore byBlock = PackageStores.Open("remote-file-system/files/a", new(new Secrets(), blocks));
        (await byBlock.GetSizeAsync("key", TestContext.Current.CancellationToken)).ShouldBe(3);

        await using IPackageStore refused = PackageStores.Open($"rclone://files/{folder}?type=sftp&host=127.0.0.1&port={port}&user=root&pass=${{P}}", new Secrets(("P", "canary-wrong")));
        StorageException e = await Should.ThrowAsync<StorageException>(() => refused.GetSizeAsync("a/key", TestContext.Current.CancellationToken));
        e.ToString().ShouldNotContain("canary");
        await using IPackageStore half = PackageStores.Open("rclone://files/folder?host=127.0.0.1");
        (await Should.ThrowAsync<StorageException>(() => half.GetSizeAsync("key", TestContext.Current.CancellationToken))).Message.ShouldContain("needs type=… as well");
    }

    [Fact]
    public async Task A_reader_who_waits_for_an_object_does_not_keep_its_writer_out()
    {
        Assert.SkipUnless(FileServers.AreInstalled, FileServers.Missing);
        CancellationToken cancel = TestContext.Current.CancellationToken;
        int port = await servers.PortAsync("sftp");
        string folder = servers.FolderOf("sftp") + "/" + Guid.NewGuid().ToString("N");
        // A killed writer's upload: whoever reads waits for it to be moved.
        string mark = Convert.ToHexStringLower(SHA256.HashData("key"u8))[..16] + "-";
        Directory.CreateDirectory(Path.Combine(folder, ".uploads"));
        await File.WriteAllTextAsync(Path.Combine(folder, ".uploads", mark + "left"), "left over", cancel);
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var store = new RcloneStore(new($"rclone://files/{folder}?type=sftp&host=127.0.0.1&port={port}&user=root&key_file={servers.SftpKey}"), new Secrets(), time);

        Task<Stream> read = store.GetAsync("key", cancel);
        for (var clock = Stopwatch.StartNew(); time.WaitingTimers == 0; await Task.Delay(10, cancel))
            clock.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1), "nobody waits");
        // The clock stands still, so that the reader waits on.
        await store.PutAsync("key", new MemoryStream([1, 2, 3]), cancel).WaitAsync(TimeSpan.FromMinutes(1), cancel);
        while (!read.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(read, Task.Delay(10, cancel));
        }
        await using Stream stream = await read;
        var content = new MemoryStream();
        await stream.CopyToAsync(content, cancel);
        content.ToArray().ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_look_for_what_is_not_there_does_not_list_the_whole_store()
    {
        Assert.SkipUnless(FileServers.AreInstalled, FileServers.Missing);
        CancellationToken cancel = TestContext.Current.CancellationToken;
        int port = await servers.PortAsync("sftp");
        string folder = servers.FolderOf("sftp") + "/" + Guid.NewGuid().ToString("N");
        for (int i = 0; i < 300; i++)
            await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "packages", $"{i:D64}")).FullName, "manifest.json"), "x", cancel);
        await using var proxy = new FaultProxy(port, _ => null);
        await using IPackageStore store = PackageStores.Open($"rclone://files/{folder}?type=sftp&host=127.0.0.1&port={proxy.Port}&user=root&key_file={servers.SftpKey}");
        (await store.GetSizeAsync("packages/none", cancel)).ShouldBeNull();
        long before = proxy.BytesDown;
        (await store.ListAsync("blobs/gc/", cancel).ToListAsync()).ShouldBeEmpty();
        long missing = proxy.BytesDown - before;
        (await store.ListAsync("packages/", cancel).ToListAsync()).Count.ShouldBe(300);
        long all = proxy.BytesDown - before - missing;
        (missing * 5).ShouldBeLessThan(all);
    }

    [Fact]
    public async Task Without_rclone_on_PATH_the_store_says_what_to_install()
    {
        using var empty = new TempFolder();
        ProgramRun run = await ProgramRun.CompleteAsync(Child.Program, ["child", "size", "rclone://remote/folder", "key"], new Dictionary<string, string?> { ["PATH"] = empty.Path });
        run.Output.Trim().ShouldBe("Invalid: This storage needs the program rclone, which is not on PATH: install it (rclone.org/install), on the worker's machine as well.");
    }

    [Fact]
    public async Task No_secret_is_in_an_argument_and_a_killed_program_takes_rclone_along()
    {
        Assert.SkipUnless(FileServers.AreInstalled && OperatingSystem.IsLinux(), FileServers.Missing);
        string location = await servers.StoreAsync("smb");
        await using ProgramRun child = ProgramRun.Start(Child.Program, ["child", "hold", location]);
        await child.WaitForLineAsync(line => line == "holding", TimeSpan.FromMinutes(1));
        int rclone = Descendants(child.Process.Id).Single(process => Words(process)[0] == "rclone");

        string.Join(' ', Words(rclone)).ShouldNotContain(FileServers.Password[..5]);
        string.Join(' ', Words(rclone)).ShouldNotContain("pass", Case.Insensitive);
        child.Process.Kill();
        await child.WaitForExitAsync(TimeSpan.FromMinutes(1));
        for (var clock = Stopwatch.StartNew(); Directory.Exists($"/proc/{rclone}"); await Task.Delay(20))
            clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30), "rclone still runs");
    }

    private static IEnumerable<int> Descendants(int parent) => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), out int id) ? id : 0).Where(id => id > 0 && ParentOf(id) == parent)
        .SelectMany(id => Descendants(id).Prepend(id));

    private static int ParentOf(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // It ended meanwhile.
        }
    }

    private static string[] Words(int process) => File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
}
