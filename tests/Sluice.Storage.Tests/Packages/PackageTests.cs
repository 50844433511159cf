using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Storage.Packages;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Packages;

public sealed class PackageTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly IPackageStore _store;

    public PackageTests()
    {
        _store = PackageStores.Open(Directory.CreateDirectory(_temp["store"]).FullName);
        _temp.Write("bin/a.dll", "assembly");
        _temp.Write("bin/data/cities.csv", "Seattle;Paris");
        _temp.Write("bin/data/empty.txt", "");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void The_digest_is_that_of_sorted_lines_and_stays_what_it_was()
    {
        PackageFile[] files = [new("b/c", 3, "644", new string('1', 64)), new("a", 5, "755", new string('2', 64))];
        // printf '755 2{64} a\n644 1{64} b/c\n' | sha256sum
        PackageDigest.Compute(files).ShouldBe("5a20beb4878d86708e665d80dd08cca575b52b1e769b3f9759b7d6619a16687c");
        PackageDigest.Compute(files.Reverse()).ShouldBe(PackageDigest.Compute(files));
        PackageDigest.Compute([files[0], files[1] with { Mode = "644" }]).ShouldNotBe(PackageDigest.Compute(files));
        PackageDigest.Compute([files[0], files[1] with { Path = "A" }]).ShouldNotBe(PackageDigest.Compute(files));
    }

    [Fact]
    public async Task The_manifest_says_what_the_package_is()
    {
        var time = new FakeTimeProvider(new(2022, 12, 5, 23, 6, 27, 123, 456, TimeSpan.Zero));
        PackageWritten written = await WriteAsync(time: time);

        written.Reference.Location.AbsoluteUri.ShouldBe(_store.Location.AbsoluteUri + "/test-flow/2022-12-05t23-06-27-123456-00-00");
        (await KeysAsync("test-flow/")).ShouldBe(["test-flow/2022-12-05t23-06-27-123456-00-00/manifest.json"]);
        JsonNode manifest = JsonNode.Parse(await File.ReadAllTextAsync(_temp["store/test-flow/2022-12-05t23-06-27-123456-00-00/manifest.json"], Cancel))!;
        manifest["package_version"]!.GetValue<int>().ShouldBe(1);
        manifest["folder"]!.GetValue<string>().ShouldBe("test-flow/2022-12-05t23-06-27-123456-00-00");
        manifest["digest"]!.GetValue<string>().ShouldBe(written.Reference.Digest);
        manifest["files"]!.AsArray().Select(f => f!["path"]!.GetValue<string>()).ShouldBe(["a.dll", "data/cities.csv", "data/empty.txt"]);
        manifest["files"]![1]!.ToJsonString().ShouldBe(
            """{"path":"data/cities.csv","size":13,"mode":"644","sha256":"354f89be23b351cfcd79acf9475ac5c79faa2aeb7d150af3c481ebb3ea0b6aa1"}""");
        manifest["launch"]!["assembly"]!.GetValue<string>().ShouldBe("a.dll");
        manifest["commit"]!.GetValue<string>().ShouldBe("abcdef");
    }

    [Fact]
    public async Task The_first_upload_sends_every_blob_once_and_a_change_sends_what_changed()
    {
        _temp.Write("bin/data/copy.csv", "Seattle;Paris");
        PackageWritten first = await WriteAsync();
        (first.IsNew, first.UploadedFiles, first.UploadedBytes, first.ReusedFiles, first.ReusedBytes).ShouldBe((true, 3, 21, 1, 13));

        _temp.Write("bin/a.dll", "assembly 2");
        PackageWritten second = await WriteAsync(live: first.Reference);
        (second.IsNew, second.UploadedFiles, second.UploadedBytes, second.ReusedFiles, second.ReusedBytes).ShouldBe((true, 1, 10, 3, 26));
        second.Reference.Digest.ShouldNotBe(first.Reference.Digest);
    }

    [Fact]
    public async Task The_live_package_is_kept_when_the_files_are_the_same()
    {
        PackageWritten first = await WriteAsync();
        string[] before = await KeysAsync("");

        PackageWritten second = await WriteAsync(live: first.Reference, change: d => d with { Version = "2.0.0", Commit = "fedcba" });

        (second.IsNew, second.UploadedFiles, second.ReusedFiles).ShouldBe((false, 0, 3));
        second.Reference.ShouldBe(first.Reference);
        (await KeysAsync("")).ShouldBe(before);
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("cut")]
    public async Task A_blob_that_is_lost_or_cut_short_is_mended_by_the_next_upload(string how)
    {
        PackageWritten first = await WriteAsync();
        string blob = BlobOf(first, "data/cities.csv");
        if (how == "lost")
            File.Delete(blob);
        else
            File.WriteAllText(blob, "Seat");

        PackageWritten second = await WriteAsync(live: first.Reference);

        (second.IsNew, second.UploadedFiles).ShouldBe((false, 1));
        File.ReadAllText(blob).ShouldBe("Seattle;Paris");
    }

    [Fact]
    public async Task A_live_package_whose_manifest_is_gone_is_written_again()
    {
        PackageWritten first = await WriteAsync();
        Directory.Delete(_temp["store/test-flow"], recursive: true);
        PackageWritten second = await WriteAsync(live: first.Reference);
        second.IsNew.ShouldBeTrue();
        await PullAsync(second.Reference);
    }

    [Fact]
    public async Task Two_packages_of_the_same_microsecond_have_folders_of_their_own()
    {
        var time = new FakeTimeProvider(new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        PackageWritten first = await WriteAsync(time: time), second = await WriteAsync(time: time, change: d => d with { Commit = "another" });
        second.Reference.Location.AbsoluteUri.ShouldEndWith("2026-01-02t03-04-05-000001-00-00");
        (await WriteAsync(time: time)).Reference.ShouldBe(first.Reference, "one that is the same in all is the same package, as after an answer that was lost");
        await PullAsync(first.Reference);
        await PullAsync(second.Reference);
    }

    [Fact]
    public async Task Under_a_storage_key_every_digest_stays_readable()
    {
        PackageWritten first = await WriteAsync(change: d => d with { StorageKey = "flows/weather" });
        _temp.Write("bin/a.dll", "assembly 2");
        PackageWritten second = await WriteAsync(change: d => d with { StorageKey = "flows/weather" });

        first.Reference.Location.ShouldBe(second.Reference.Location);
        first.Reference.Location.AbsoluteUri.ShouldEndWith("/store/flows/weather");
        File.ReadAllText(_temp["store/flows/weather/manifest.json"]).ShouldContain(second.Reference.Digest);
        File.ReadAllText(Path.Combine((await PullAsync(first.Reference)).Folder, "a.dll")).ShouldBe("assembly");
        File.ReadAllText(Path.Combine((await PullAsync(second.Reference)).Folder, "a.dll")).ShouldBe("assembly 2");
        (await WriteAsync(live: second.Reference, change: d => d with { StorageKey = "flows/weather" })).IsNew.ShouldBeFalse();
        (await WriteAsync(live: second.Reference)).IsNew.ShouldBeTrue();
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/rooted")]
    [InlineData("blobs/sha256")]
    [InlineData("results/mine")]
    [InlineData("pulls")]
    public async Task A_storage_key_that_leaves_its_place_is_refused(string key) =>
        (await Should.ThrowAsync<StorageException>(() => WriteAsync(change: d => d with { StorageKey = key }))).Kind.ShouldBe(StorageErrorKind.Invalid);

    [Theory]
    [InlineData("Results", "results-package")]
    [InlineData("blobs", "blobs-package")]
    [InlineData("Pulls!", "pulls-package")]
    [InlineData("Results of today", "results-of-today")]
    [InlineData("!", "package")]
    public async Task A_flow_named_as_a_folder_of_the_store_gets_one_beside_it(string name, string folder) =>
        (await WriteAsync(change: d => d with { Name = name })).Reference.Location.AbsoluteUri.ShouldStartWith($"{_store.Location.AbsoluteUri}/{folder}/");

    [Theory]
    [InlineData("other text")]
    [InlineData("assemblY")]
    [InlineData("assembly and more")]
    [InlineData(null)]
    public async Task A_file_that_changes_between_hash_and_upload_is_an_error_that_names_it(string? text)
    {
        PackageContent content = await ContentAsync();
        if (text is null)
            File.Delete(_temp["bin/a.dll"]);
        else
            _temp.Write("bin/a.dll", text);

        StorageException e = await Should.ThrowAsync<StorageException>(() => new PackageWriter(_store, TimeProvider.System).WriteAsync(Drafts.Of(content), [], null, Cancel));

        e.Kind.ShouldBe(StorageErrorKind.Changed);
        e.Message.ShouldContain("'a.dll'");
        (await KeysAsync("test-flow/")).ShouldBeEmpty();
        (await KeysAsync(PackageDigest.BlobKey(content.Files[0].Sha256))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Progress_ends_with_all_files()
    {
        var reports = new System.Collections.Concurrent.ConcurrentBag<PackageProgress>();
        await new PackageWriter(_store, TimeProvider.System).WriteAsync(Drafts.Of(await ContentAsync()), [], new Progress(reports.Add), Cancel);
        reports.Max(r => r.Files).ShouldBe(3);
        reports.ShouldAllBe(r => r.TotalFiles == 3);
        reports.Max(r => r.MovedBytes).ShouldBe(21);
        reports.Max(r => r.Bytes).ShouldBe(reports.Max(r => r.TotalBytes), "each byte is counted once, also of a file that is there twice");
    }

    [Fact]
    public async Task A_pull_tells_how_far_it_is_and_a_cancelled_one_leaves_nothing()
    {
        PackageReference package = (await new PackageWriter(_store, TimeProvider.System).WriteAsync(Drafts.Of(await ContentAsync()), [], null, Cancel)).Reference;
        using var cancel = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(() => new PackageCache(_temp["cache"]).GetAsync(package, new Progress(_ => cancel.Cancel()), cancel.Token));
        Directory.EnumerateFileSystemEntries(_temp["cache"]).ShouldBeEmpty();

        var reports = new System.Collections.Concurrent.ConcurrentBag<PackageProgress>();
        await new PackageCache(_temp["cache"]).GetAsync(package, new Progress(reports.Add), Cancel);
        reports.Max(r => r.Files).ShouldBe(reports.First().TotalFiles);
        reports.Max(r => r.Bytes).ShouldBe(reports.First().TotalBytes);
    }

    [Fact]
    public async Task A_cancelled_upload_shows_no_package()
    {
        PackageContent content = await ContentAsync();
        using var cancel = new CancellationTokenSource();
        var progress = new Progress(_ => cancel.Cancel());
        await Should.ThrowAsync<OperationCanceledException>(() => new PackageWriter(_store, TimeProvider.System).WriteAsync(Drafts.Of(content), [], progress, cancel.Token));
        (await KeysAsync("test-flow/")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("../a.dll")]
    [InlineData("/a.dll")]
    [InlineData("C:/a.dll")]
    [InlineData(@"data\a.dll")]
    [InlineData("data//a.dll")]
    [InlineData("data/./a.dll")]
    [InlineData("a.dll ")]
    [InlineData("a\nb")]
    public async Task A_path_that_is_not_portable_is_not_packaged(string path) =>
        (await Should.ThrowAsync<StorageException>(() => PackageContent.ReadAsync([new(path, _temp["bin/a.dll"])], Cancel))).Kind.ShouldBe(StorageErrorKind.Invalid);

    [Fact]
    public async Task Files_that_differ_only_in_case_are_not_packaged() =>
        (await Should.ThrowAsync<StorageException>(() => PackageContent.ReadAsync([new("a.dll", _temp["bin/a.dll"]), new("A.dll", _temp["bin/a.dll"])], Cancel)))
            .Message.ShouldContain("differs only in case");

    [Fact]
    public async Task A_link_is_packaged_as_what_it_points_to_and_modes_travel()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Needs Unix modes and links.");
            return;
        }
        File.CreateSymbolicLink(_temp["bin/link.csv"], _temp["bin/data/cities.csv"]);
        string program = _temp.Write("bin/a", "program");
        File.SetUnixFileMode(program, (UnixFileMode)0b111_100_100);
        string forced = _temp.Write("bin/forced", "built on Windows");
        PackageContent content = await PackageContent.ReadAsync(
            [new("a.dll", _temp["bin/a.dll"]), new("link.csv", _temp["bin/link.csv"]), new("a", program), new("forced", forced, Executable: true)], Cancel);
        PackageWritten written = await new PackageWriter(_store, TimeProvider.System).WriteAsync(Drafts.Of(content), [], null, Cancel);

        string folder = (await PullAsync(written.Reference)).Folder;

        new FileInfo(Path.Combine(folder, "link.csv")).LinkTarget.ShouldBeNull();
        File.ReadAllText(Path.Combine(folder, "link.csv")).ShouldBe("Seattle;Paris");
        foreach ((string file, string mode) in (ReadOnlySpan<(string, string)>)[("a", "755"), ("forced", "755"), ("a.dll", "644")])
            Convert.ToString((int)File.GetUnixFileMode(Path.Combine(folder, file)), 8).ShouldBe(mode, file);
    }

    [Fact]
    public async Task A_pulled_package_is_read_from_the_cache_even_when_the_store_is_gone()
    {
        PackageWritten written = await WriteAsync();
        CachedPackage first = await PullAsync(written.Reference);
        Directory.Delete(_temp["store"], recursive: true);

        CachedPackage second = await PullAsync(written.Reference);

        second.Folder.ShouldBe(first.Folder);
        second.Manifest.Launch.ShouldBe(new PackageLaunch(null, "a.dll"));
        File.ReadAllText(Path.Combine(second.Folder, "data/cities.csv")).ShouldBe("Seattle;Paris");
    }

    [Fact]
    public async Task A_store_that_was_moved_gives_its_packages_at_the_new_place()
    {
        PackageWritten written = await WriteAsync();
        Directory.Move(_temp["store"], _temp["moved store"]);
        string folder = StoreUri.KeyIn(_store.Location, written.Reference.Location)!;
        await PullAsync(new(StoreUri.Append(StoreUri.OfFolder(_temp["moved store"]), folder), written.Reference.Digest));
    }

    [Fact]
    public async Task A_cache_that_was_cleaned_by_half_is_pulled_again()
    {
        PackageWritten written = await WriteAsync();
        string folder = (await PullAsync(written.Reference)).Folder;
        File.Delete(Path.Combine(folder, "a.dll"));
        File.ReadAllText(Path.Combine((await PullAsync(written.Reference)).Folder, "a.dll")).ShouldBe("assembly");

        File.WriteAllText(_temp[$"cache/{written.Reference.Digest}/manifest.json"], "{");
        await PullAsync(written.Reference);
        Directory.EnumerateFileSystemEntries(_temp["cache"]).ShouldHaveSingleItem();
    }

    public static TheoryData<string, StorageErrorKind, string> Damages => new()
    {
        { "store", StorageErrorKind.NotFound, "does not exist: its store vanished or it was deleted" },
        { "manifest lost", StorageErrorKind.NotFound, "does not exist: its store vanished or it was deleted" },
        { "manifest garbage", StorageErrorKind.Damaged, "its manifest.json cannot be read" },
        { "manifest of a later format", StorageErrorKind.Invalid, "update Sluice" },
        { "manifest without files", StorageErrorKind.Damaged, "its manifest.json cannot be read" },
        { "blob changed", StorageErrorKind.Damaged, "(file 'data/cities.csv') has other content" },
        { "blob longer", StorageErrorKind.Damaged, "(file 'data/cities.csv') has other content" },
        { "blob shorter", StorageErrorKind.Damaged, "(file 'data/cities.csv') has other content" },
        { "blob lost", StorageErrorKind.NotFound, "(file 'data/cities.csv'): publish the project again" },
        { "digest", StorageErrorKind.Damaged, "was asked for" },
        { "mode changed", StorageErrorKind.Damaged, "its files have the digest" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task What_is_damaged_is_refused_with_its_name_and_leaves_nothing_in_the_cache(string damage, StorageErrorKind kind, string says)
    {
        PackageWritten written = await WriteAsync();
        PackageReference reference = written.Reference;
        string manifest = Path.Combine(reference.Location.LocalPath, "manifest.json"), blob = BlobOf(written, "data/cities.csv");
        switch (damage)
        {
            case "store": Directory.Delete(_temp["store"], recursive: true); break;
            case "manifest lost": File.Delete(manifest); break;
            case "manifest garbage": File.WriteAllText(manifest, "\0\0\0"); break;
            case "manifest of a later format": Edit(manifest, m => m["package_version"] = 2); break;
            case "manifest without files": Edit(manifest, m => m["files"] = null); break;
            case "blob changed": File.WriteAllText(blob, "Seattle;Milan"); break;
            case "blob longer": File.AppendAllText(blob, "!"); break;
            case "blob shorter": File.WriteAllText(blob, "Seattle"); break;
            case "blob lost": File.Delete(blob); break;
            case "digest": reference = reference with { Digest = new string('0', 64) }; break;
            case "mode changed": Edit(manifest, m => m["files"]![0]!["mode"] = "755"); break;
        }

        StorageException e = await Should.ThrowAsync<StorageException>(() => PullAsync(reference));

        e.Kind.ShouldBe(kind);
        e.Message.ShouldContain(says);
        e.Message.ShouldContain(reference.Location.ToString());
        if (damage.StartsWith("blob", StringComparison.Ordinal))
            e.Message.ShouldContain(PackageDigest.BlobKey(Path.GetFileName(blob)));
        Directory.EnumerateFileSystemEntries(_temp["cache"]).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("..")]
    [InlineData("data/../../evil")]
    [InlineData("/etc/evil")]
    [InlineData("C:/evil")]
    [InlineData("C:evil")]
    [InlineData(@"..\evil")]
    [InlineData(@"\\server\share\evil")]
    [InlineData(".. /evil")]
    [InlineData("")]
    [InlineData("A.DLL")]
    public async Task A_manifest_whose_paths_leave_the_folder_or_meet_is_refused(string path)
    {
        PackageWritten written = await WriteAsync();
        string manifest = Path.Combine(written.Reference.Location.LocalPath, "manifest.json");
        // An attacker who may write the store makes the digests fit.
        string digest = "";
        Edit(manifest, m =>
        {
            m["files"]![1]!["path"] = path;
            digest = PackageDigest.Compute(m["files"]!.AsArray().Select(f => new PackageFile((string)f!["path"]!, 0, (string)f["mode"]!, (string)f["sha256"]!)));
            m["digest"] = digest;
        });

        StorageException e = await Should.ThrowAsync<StorageException>(() => PullAsync(written.Reference with { Digest = digest }));

        e.Kind.ShouldBe(StorageErrorKind.Damaged);
        e.Message.ShouldContain($"the path '{path}'");
        Directory.EnumerateFileSystemEntries(_temp["cache"]).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(_temp.Path).Select(Path.GetFileName).Order().ShouldBe(["bin", "cache", "store"]);
    }

    [Fact]
    public async Task A_path_that_goes_through_another_file_is_refused()
    {
        PackageWritten written = await WriteAsync();
        string digest = "";
        Edit(Path.Combine(written.Reference.Location.LocalPath, "manifest.json"), m =>
        {
            m["files"]![1]!["path"] = "a.dll/below";
            digest = PackageDigest.Compute(m["files"]!.AsArray().Select(f => new PackageFile((string)f!["path"]!, 0, (string)f["mode"]!, (string)f["sha256"]!)));
            m["digest"] = digest;
        });
        await Should.ThrowAsync<StorageException>(() => PullAsync(written.Reference with { Digest = digest }));
        Directory.EnumerateFileSystemEntries(_temp["cache"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task Many_pulls_at_once_give_one_folder()
    {
        PackageWritten written = await WriteAsync();
        CachedPackage[] pulled = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => PullAsync(written.Reference))));
        pulled.Select(p => p.Folder).Distinct().ShouldHaveSingleItem();
        Directory.EnumerateFileSystemEntries(_temp["cache"]).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_cache_on_a_full_disk_says_so_and_keeps_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a mount namespace or a file size limit.");
        _temp.Write("bin/big.bin", new string('x', 600_000));
        PackageWritten written = await WriteAsync();
        Directory.CreateDirectory(_temp["cache"]);
        ProgramRun result = await ProgramRun.CompleteAsync("bash", ["-c", $"export DOTNET_EnableWriteXorExecute=0; trap '' XFSZ; ulimit -f 256; \"{Child.Program}\" child pull \"{written.Reference}\" \"{_temp["cache"]}\""]);
        result.Process.ExitCode.ShouldNotBe(0);
        result.Error.ShouldContain($"to the cache {_temp["cache"]}: the file is larger than");
        Directory.EnumerateFileSystemEntries(_temp["cache"]).ShouldBeEmpty();
    }

    private async Task<PackageContent> ContentAsync() => await PackageContent.ReadAsync(
        [.. Directory.EnumerateFiles(_temp["bin"], "*", SearchOption.AllDirectories).Select(f => new PackageSource(Path.GetRelativePath(_temp["bin"], f).Replace('\\', '/'), f))],
        Cancel);

    private async Task<PackageWritten> WriteAsync(PackageReference? live = null, Func<PackageDraft, PackageDraft>? change = null, TimeProvider? time = null)
    {
        PackageDraft draft = Drafts.Of(await ContentAsync());
        return await new PackageWriter(_store, time ?? TimeProvider.System).WriteAsync(change?.Invoke(draft) ?? draft, live is null ? [] : [live], null, Cancel);
    }

    private Task<CachedPackage> PullAsync(PackageReference reference) => new PackageCache(_temp["cache"]).GetAsync(reference, Cancel);

    private async Task<string[]> KeysAsync(string prefix) => [.. await _store.ListAsync(prefix, Cancel).ToListAsync()];

    private string BlobOf(PackageWritten written, string path)
    {
        JsonNode manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(written.Reference.Location.LocalPath, "manifest.json")))!;
        return _temp["store/" + PackageDigest.BlobKey((string)manifest["files"]!.AsArray().Single(f => (string)f!["path"]! == path)!["sha256"]!)];
    }

    private static void Edit(string path, Action<JsonNode> edit)
    {
        JsonNode node = JsonNode.Parse(File.ReadAllText(path))!;
        edit(node);
        File.WriteAllText(path, node.ToJsonString(JsonSerializerOptions.Default));
    }

    private sealed class Progress(Action<PackageProgress> report) : IProgress<PackageProgress>
    {
        public void Report(PackageProgress value) => report(value);
    }
}
