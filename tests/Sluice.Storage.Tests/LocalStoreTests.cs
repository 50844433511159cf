using Sluice.Storage.Packages;
using Sluice.Storage.Tests.Packages;
using Sluice.Testing;

namespace Sluice.Storage.Tests;

public sealed class LocalStoreTests : PackageStoreContract, IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    protected override bool SignsUrls => false;

    protected override Task<IPackageStore> OpenAsync() => Task.FromResult(PackageStores.Open(StoreUri.OfFolder(_temp["store"])));

    [Theory]
    [InlineData("plain")]
    [InlineData("with space")]
    [InlineData("hash#percent%20question?é")]
    public async Task A_folder_of_any_name_can_be_a_store(string name)
    {
        string folder = _temp[name];
        await using IPackageStore store = PackageStores.Open(StoreUri.OfFolder(folder));
        await PutAsync(store, "a/b", "x");
        File.Exists(Path.Combine(folder, "a", "b")).ShouldBeTrue();
        store.Location.AbsoluteUri.ShouldBe(PackageStores.Open(folder).Location.AbsoluteUri);
    }

    [Theory]
    [InlineData("gopher://bucket/prefix", "The scheme 'gopher'")]
    [InlineData("nonsense", "neither a URI, nor an absolute folder")]
    [InlineData("relative/folder", "neither a URI, nor an absolute folder")]
    public void A_location_that_nobody_serves_is_Invalid_and_the_known_schemes_are_named(string location, string says)
    {
        StorageException e = Should.Throw<StorageException>(() => PackageStores.Open(location));
        e.Kind.ShouldBe(StorageErrorKind.Invalid);
        e.Message.ShouldContain(says);
        e.Message.ShouldContain("Known schemes: file");
    }

    [Fact]
    public void A_file_URI_with_a_host_is_Invalid_on_Unix()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A host is a share there.");
        Should.Throw<StorageException>(() => PackageStores.Open("file://home/me")).Message.ShouldContain("file:///home/me");
    }

    [Fact]
    public async Task A_store_that_vanished_is_said_so_and_a_put_brings_it_back()
    {
        await using IPackageStore store = await OpenAsync();
        await PutAsync(store, "key", "x");
        Directory.Delete(_temp["store"], recursive: true);

        StorageException get = await Should.ThrowAsync<StorageException>(() => store.GetAsync("key", Cancel));
        get.Kind.ShouldBe(StorageErrorKind.NotFound);
        get.Message.ShouldContain($"The store {_temp["store"]} does not exist");
        (await Should.ThrowAsync<StorageException>(() => store.ListAsync("", Cancel).ToListAsync().AsTask())).Kind.ShouldBe(StorageErrorKind.NotFound);
        (await store.GetSizeAsync("key", Cancel)).ShouldBeNull();

        await PutAsync(store, "key", "y");
        (await store.GetSizeAsync("key", Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task A_store_that_is_a_file_is_Invalid()
    {
        _temp.Write("store", "a file");
        await using IPackageStore store = await OpenAsync();
        (await Should.ThrowAsync<StorageException>(() => PutAsync(store, "key", "x"))).Kind.ShouldBe(StorageErrorKind.Invalid);
    }

    [Fact]
    public async Task Old_leftovers_of_killed_uploads_are_removed_by_a_put_and_young_ones_stay_unseen()
    {
        string old = _temp.Write("store/.uploads/1-old", "x"), young = _temp.Write("store/.uploads/2-young", "x");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-2));
        await using IPackageStore store = await OpenAsync();

        await PutAsync(store, "key", "x");

        File.Exists(old).ShouldBeFalse();
        File.Exists(young).ShouldBeTrue();
        (await store.ListAsync("", Cancel).ToListAsync()).ShouldBe(["key"]);
    }

    [Fact]
    public async Task A_full_disk_is_Full_and_leaves_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a mount namespace or a file size limit.");
        Directory.CreateDirectory(_temp["store"]);
        string put = $"\"{Child.Program}\" child put \"{_temp["store"]}\" key 600000";
        // A small tmpfs of the child's own where namespaces are allowed, else a limit on the size of its files.
        ProgramRun result = await RunAsync("unshare", "-rm", "sh", "-c", $"mount -t tmpfs -o size=256k none \"{_temp["store"]}\" && {put}");
        if (result.Process.ExitCode != 0)
            result = await RunAsync("bash", "-c", $"export DOTNET_EnableWriteXorExecute=0; trap '' XFSZ; ulimit -f 256; {put}");

        result.Process.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldStartWith($"Full: Cannot write key to the store {_temp["store"]}: ");
        result.Output.Trim().ShouldNotContain("\n", customMessage: "Nothing is left in the store.");
    }

    [Fact]
    public async Task A_file_size_limit_is_Full_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs ulimit.");
        Directory.CreateDirectory(_temp["store"]);
        ProgramRun result = await RunAsync(
            "bash", "-c", $"export DOTNET_EnableWriteXorExecute=0; trap '' XFSZ; ulimit -f 256; \"{Child.Program}\" child put \"{_temp["store"]}\" key 600000");
        result.Output.ShouldStartWith("Full: ", customMessage: result.Error);
        result.Output.Trim().ShouldNotContain("\n");
    }

    [Fact]
    public async Task A_folder_that_may_not_be_written_is_Forbidden()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Needs Unix permissions.");
            return;
        }
        Directory.CreateDirectory(_temp["store"]);
        File.SetUnixFileMode(_temp["store"], (UnixFileMode)0b101_101_101);
        File.SetUnixFileMode(_temp.Path, (UnixFileMode)0b111_101_101);
        string[] put = [Child.Program, "child", "put", _temp["store"], "key", "1"];
        // Root may write everywhere, so it sheds that capability first.
        ProgramRun result = Environment.IsPrivilegedProcess
            ? await RunAsync("setpriv", ["--bounding-set=-dac_override", "--inh-caps=-dac_override", .. put])
            : await RunAsync(put[0], put[1..]);
        result.Output.Trim().ShouldBe($"Forbidden: Cannot write key to the store {_temp["store"]}: not allowed. Give this user access to it, or choose another folder.", result.Error);
    }

    [Fact]
    public async Task A_killed_upload_leaves_no_visible_package_that_is_not_whole()
    {
        WriteSources("sources");
        var random = new Random(20261122);
        // On a machine that is busy it takes a later kill until one upload came to its end.
        for (int kill = 0; kill < 12 || (kill < 60 && !IsAnyVisible()); kill++)
        {
            await using ProgramRun child = ProgramRun.Start(Child.Program, ["child", "upload-forever", _temp["store"], _temp["sources"]]);
            await child.WaitForLineAsync(line => line == "uploading", TimeSpan.FromMinutes(1));
            await Task.Delay(random.Next(250 + 20 * kill), Cancel); // The moment of the kill, not a wait for something.
            child.Process.Kill();
            await child.WaitForExitAsync(TimeSpan.FromMinutes(1));
        }

        (await VerifyAllAsync()).ShouldBeGreaterThan(0);
    }

    private bool IsAnyVisible() => Directory.Exists(_temp["store"]) && Directory.EnumerateFiles(_temp["store"], "manifest.json", SearchOption.AllDirectories).Any();

    [Fact]
    public async Task Many_processes_upload_at_once_and_every_package_is_whole()
    {
        ProgramRun[] results = await Task.WhenAll(Enumerable.Range(0, 4).Select(i =>
        {
            WriteSources($"sources{i}");
            return RunAsync(Child.Program, "child", "upload", _temp["store"], _temp[$"sources{i}"], "15");
        }));

        results.ShouldAllBe(r => r.Process.ExitCode == 0);
        (await VerifyAllAsync()).ShouldBe(60);
        await using IPackageStore store = await OpenAsync();
        (await store.ListAsync("blobs/", Cancel).ToListAsync()).Count.ShouldBe(4);
        Directory.EnumerateFiles(_temp["store/.uploads"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task Many_processes_pull_at_once_and_the_cache_holds_one_package()
    {
        WriteSources("sources");
        ProgramRun uploaded = await RunAsync(Child.Program, "child", "upload", _temp["store"], _temp["sources"], "1");
        ProgramRun[] results = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ =>
            RunAsync(Child.Program, "child", "pull", uploaded.Output.Trim(), _temp["cache"])));

        results.Select(r => r.Output.Trim()).Distinct().ShouldHaveSingleItem();
        File.ReadAllText(Path.Combine(results[0].Output.Trim(), "data", "b.csv")).ShouldBe("b;" + new string('b', 100_000));
        Directory.EnumerateDirectories(_temp["cache"]).ShouldHaveSingleItem();
    }

    private static Task<ProgramRun> RunAsync(string program, params string[] arguments) => ProgramRun.CompleteAsync(program, arguments);

    private void WriteSources(string folder)
    {
        _temp.Write(folder + "/a.dll", "a" + new string('a', 300_000));
        _temp.Write(folder + "/data/b.csv", "b;" + new string('b', 100_000));
        _temp.Write(folder + "/data/c.csv", "");
    }

    /// <summary>Pulls every visible package, which verifies it, and counts them.</summary>
    private async Task<int> VerifyAllAsync()
    {
        await using IPackageStore store = await OpenAsync();
        int packages = 0;
        await foreach (string key in store.ListAsync("test-flow/", Cancel))
        {
            key.ShouldEndWith("/manifest.json");
            Uri location = StoreUri.Append(store.Location, key[..^"/manifest.json".Length]);
            string digest = PackageVerifier.DigestOf(await ReadAsync(store, key)).ShouldNotBeNull();
            await new PackageCache(_temp["verify"]).GetAsync(new(location, digest), Cancel);
            packages++;
        }
        return packages;
    }
}
