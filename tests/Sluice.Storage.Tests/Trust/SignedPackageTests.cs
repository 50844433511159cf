using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Sluice.Storage.Housekeeping;
using Sluice.Storage.Packages;
using Sluice.Storage.Tests.Packages;
using Sluice.Storage.Tests.Servers;
using Sluice.Storage.Trust;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Trust;

/// <summary>What a policy takes and refuses, with every kind of byte of a package changed in its store.</summary>
public sealed class SignedPackageTests : IAsyncDisposable
{
    private const string Repository = "https://git.example/team/flows";

    private static readonly string[] s_names = ["manifest.json", "signature.json", "sbom.cdx.json", "provenance.json"];

    private readonly TempFolder _temp = new();
    private readonly SigningKey _key = SigningKey.Create();
    private readonly SigningKey _other = SigningKey.Create();
    private readonly WebhookServer _server = new();
    private readonly Secrets _secrets = new(("WEBHOOK_TOKEN", WebhookServer.Token));
    private IPackageStore _store;

    public SignedPackageTests() => _store = PackageStores.Open(Directory.CreateDirectory(_temp["store"]).FullName);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private PackagePolicy Policy => new() { Keys = [_key.Public], Repositories = [Repository] };

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _server.DisposeAsync();
        _key.Dispose();
        _other.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public async Task A_package_that_an_allowed_key_signed_is_taken_and_kept()
    {
        PackageReference package = await PublishAsync(_key);
        CachedPackage pulled = await Cache(Policy).GetAsync(package, Cancel);
        File.ReadAllText(Path.Combine(pulled.Folder, "a.dll")).ShouldBe("assembly");

        // Kept: the store is not needed any more.
        Directory.Move(_temp["store"], _temp["away"]);
        (await Cache(Policy).GetAsync(package, Cancel)).Folder.ShouldBe(pulled.Folder);
        (await Should.ThrowAsync<StorageException>(() => Cache(new() { Keys = [_other.Public] }).GetAsync(package, Cancel))).Kind.ShouldBe(StorageErrorKind.NotFound);
    }

    [Fact]
    public async Task A_package_that_is_in_the_cache_already_is_held_against_a_new_policy_and_not_pulled_again()
    {
        PackageReference signed = await PublishAsync(_key), unsigned = await PublishAsync(null, "other");
        CachedPackage before = await Cache(null).GetAsync(signed, Cancel);
        await Cache(null).GetAsync(unsigned, Cancel);
        Directory.Delete(_temp["store/blobs/sha256", BlobOf("assembly")[..2]], recursive: true);

        (await RefusedAsync(unsigned, Policy)).ShouldContain("it is not signed");
        (await Cache(Policy).GetAsync(signed, Cancel)).Folder.ShouldBe(before.Folder);
        (await Cache(null).GetAsync(unsigned, Cancel)).Manifest.Digest.ShouldBe(unsigned.Digest);
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "unsigned", "it is not signed" },
        { "another key", "which is not allowed" },
        { "signature removed", "it is not signed" },
        { "signature of another package", "of another package" },
        { "manifest", "" },
        { "launch in manifest", "it is not signed" },
        { "launch in manifest, signature moved along", "of another package" },
        { "sbom", "parts list (SBOM) was changed" },
        { "sbom removed", "parts list (SBOM) is missing" },
        { "provenance", "provenance was changed" },
        { "provenance removed", "provenance is missing" },
        { "payload", "" },
        { "signature value", "" },
        { "key id", "which is not allowed" },
        { "payload type", "none that Sluice wrote" },
        { "envelope with one space more", "none that Sluice wrote" },
        { "envelope with a member more", "cannot be read" },
        { "no signatures", "which is not allowed" },
        { "a signature that is null", "none that Sluice wrote" },
        { "another repository", "it was built from the repository https://git.example/stranger/flows" },
        { "no repository", "names no repository" },
        { "dirty", "changes that nobody committed" },
        { "nobody knows whether dirty", "changes that nobody committed" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_is_changed_is_refused_and_nothing_is_unpacked(string what, string reason)
    {
        PackageReference package = await PublishForAsync(what);
        string manifest = ManifestOf(package), signature = SignatureOf(manifest);
        string[] places = [manifest, signature, DocumentOf(manifest, "sbom"), DocumentOf(manifest, "provenance")];
        Dictionary<string, byte[]> documents = s_names.Zip(places).Where(one => File.Exists(one.Second)).ToDictionary(one => one.First, one => File.ReadAllBytes(one.Second));

        Change(what, documents, await OtherSignatureAsync(what, other => File.ReadAllBytesAsync(SignatureOf(ManifestOf(other)), Cancel)));

        foreach ((string name, string place) in s_names.Zip(places))
        {
            if (documents.TryGetValue(name, out byte[]? bytes))
                Write(place, bytes);
            else if (File.Exists(place))
                File.Delete(place);
        }
        // The store finds a signature by its manifest.
        if (what == "launch in manifest, signature moved along")
            File.Move(signature, SignatureOf(manifest));
        (await RefusedAsync(package, Policy)).ShouldContain(reason);
    }

    /// <summary>Where a store keeps one archive for each package, all lies in it, and a reader of its own reads it.</summary>
    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_is_changed_in_an_archive_is_refused_and_nothing_is_unpacked(string what, string reason)
    {
        await KeepArchivesAsync();
        PackageReference package = await PublishForAsync(what);
        Dictionary<string, byte[]> entries = await EntriesAsync(package);

        Change(what, entries, await OtherSignatureAsync(what, async other => (await EntriesAsync(other))["signature.json"]));

        using var archive = new MemoryStream();
        await using (var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in entries)
            {
                await using Stream entry = await zip.CreateEntry(name).OpenAsync(Cancel);
                await entry.WriteAsync(bytes, Cancel);
            }
        }
        _server.Kept[$"/files/{package.Digest}"] = archive.ToArray();
        // There a signature lies beside its manifest.
        (await RefusedAsync(package, Policy)).ShouldContain(what == "launch in manifest" ? "of another package" : reason);
    }

    [Fact]
    public async Task An_archive_that_an_allowed_key_signed_is_taken()
    {
        await KeepArchivesAsync();
        PackageReference package = await PublishAsync(_key);
        (await EntriesAsync(package)).Keys.ShouldBe([.. s_names, "files/a.dll"], ignoreOrder: true);
        File.ReadAllText(Path.Combine((await Cache(Policy).GetAsync(package, Cancel)).Folder, "a.dll")).ShouldBe("assembly");
    }

    /// <summary>The program is the same, whether a file beside it was committed or not, and the refusal says to publish it again.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_published_from_a_changed_tree_is_exchanged_by_a_publish_from_a_clean_one(bool archives)
    {
        if (archives)
            await KeepArchivesAsync();
        PackageReference dirty = await PublishAsync(_key, dirty: true);
        (await RefusedAsync(dirty, Policy)).ShouldContain("changes that nobody committed");
        (await WriteAsync(null, live: [dirty])).IsNew.ShouldBeFalse("nobody believes what is not signed");

        PackageWritten clean = await WriteAsync(_key, live: [dirty]);
        clean.IsNew.ShouldBeTrue();
        await Cache(Policy).GetAsync(clean.Reference, Cancel);

        (await WriteAsync(_key, live: [clean.Reference])).IsNew.ShouldBeFalse();
        (await WriteAsync(_key, dirty: true, live: [clean.Reference])).IsNew.ShouldBeFalse("it is known to be that of a commit");
        (await WriteAsync(_key, repository: "git@git.example:team/flows.git", live: [clean.Reference])).IsNew.ShouldBeFalse("it is the same repository");
        (await WriteAsync(_key, repository: "https://git.example/moved/flows", live: [clean.Reference])).IsNew.ShouldBeTrue();
    }

    [Fact]
    public async Task No_byte_of_the_small_documents_can_change()
    {
        PackageReference package = await PublishAsync(_key);
        string manifest = ManifestOf(package);
        string[] documents = [manifest, SignatureOf(manifest), DocumentOf(manifest, "sbom"), DocumentOf(manifest, "provenance")];
        var random = new Random(Fuzz.Seed);
        foreach (string document in documents)
        {
            byte[] whole = File.ReadAllBytes(document);
            int count = Fuzz.Count(80);
            // Every position where few are asked for of a short one; a share of a long one else.
            foreach (int at in whole.Length <= count ? Enumerable.Range(0, whole.Length) : Enumerable.Range(0, count).Select(_ => random.Next(whole.Length)))
            {
                byte[] changed = [.. whole];
                changed[at] ^= (byte)(1 << random.Next(8));
                Write(document, changed);
                (await RefusedAsync(package, Policy, $"byte {at.ToString(CultureInfo.InvariantCulture)} of {Path.GetFileName(document)}, seed {Fuzz.Seed.ToString(CultureInfo.InvariantCulture)}")).ShouldNotBeEmpty();
            }
            Write(document, whole);
        }
        await Cache(Policy).GetAsync(package, Cancel);
    }

    [Fact]
    public async Task A_changed_blob_is_refused_whoever_signed()
    {
        PackageReference package = await PublishAsync(_key);
        string blob = BlobOf("assembly");
        Write(_temp["store/blobs/sha256", blob[..2], blob], Encoding.UTF8.GetBytes("assemblx"));
        (await Should.ThrowAsync<StorageException>(() => Cache(Policy).GetAsync(package, Cancel))).Kind.ShouldBe(StorageErrorKind.Damaged);
        Unpacked().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cached_signature_that_was_changed_is_not_believed()
    {
        PackageReference package = await PublishAsync(_key);
        await Cache(Policy).GetAsync(package, Cancel);
        File.Delete(SignatureOf(ManifestOf(package)));
        string cached = _temp["cache", package.Digest, "signature.json"];
        byte[] bytes = File.ReadAllBytes(cached);
        bytes[^10] ^= 1;
        Write(cached, bytes);
        (await Should.ThrowAsync<StorageException>(() => Cache(Policy).GetAsync(package, Cancel))).Kind.ShouldBe(StorageErrorKind.Untrusted);
    }

    [Fact]
    public async Task Publishing_again_with_a_key_signs_what_nobody_signed_and_uploads_no_content()
    {
        PackageReference unsigned = await PublishAsync(null);
        PackageWritten signed = await WriteAsync(_key, live: [unsigned]);
        (signed.IsNew, signed.UploadedFiles, signed.Reference.Digest).ShouldBe((true, 0, unsigned.Digest));
        signed.Reference.Location.ShouldNotBe(unsigned.Location);
        await Cache(Policy).GetAsync(signed.Reference, Cancel);

        PackageWritten again = await WriteAsync(_key, live: [signed.Reference]);
        (again.IsNew, again.Reference).ShouldBe((false, signed.Reference));
        // Who does not sign keeps what is signed.
        (await WriteAsync(null, live: [signed.Reference])).IsNew.ShouldBeFalse();
        // A manifest that somebody else wrote is not vouched for.
        Edit(ManifestOf(signed.Reference), json => json["target_framework"] = "net9.0");
        (await WriteAsync(_key, live: [signed.Reference])).IsNew.ShouldBeTrue();
    }

    [Theory]
    [InlineData("sbom")]
    [InlineData("provenance")]
    public async Task A_document_that_is_lost_comes_back_with_the_next_publish(string document)
    {
        PackageReference package = await PublishAsync(null);
        File.Delete(DocumentOf(ManifestOf(package), document));
        PackageWritten mended = await WriteAsync(null, live: [package]);
        (mended.UploadedFiles, File.Exists(DocumentOf(ManifestOf(mended.Reference), document))).ShouldBe((0, true));
        (await WriteAsync(null, live: [mended.Reference])).IsNew.ShouldBeFalse();
        (await new StoreHousekeeping(_store, TimeProvider.System).VerifyAsync(false, null, Cancel)).Damages.ShouldBeEmpty();
    }

    [Fact]
    public async Task Under_a_fixed_key_each_package_keeps_its_signature()
    {
        PackageReference first = await PublishAsync(_key, storageKey: "flows/a"), second = await PublishAsync(_key, "other", storageKey: "flows/a");
        (first.Location, first.Digest == second.Digest).ShouldBe((second.Location, false));
        await Cache(Policy).GetAsync(first, Cancel);
        await Cache(Policy).GetAsync(second, Cancel);
    }

    [Fact]
    public async Task A_cleaning_takes_signatures_and_documents_with_their_package_and_no_others()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        PackageReference kept = await PublishAsync(_key), going = await PublishAsync(_key, "other");
        Directory.GetFiles(_temp["store/signatures"]).Length.ShouldBe(2);
        time.Advance(TimeSpan.FromDays(30));
        var options = new CleaningOptions { Grace = TimeSpan.Zero, Apply = true, UsedAsync = _ => Task.FromResult<IReadOnlySet<string>>(new HashSet<string> { kept.Digest }) };
        (await new StoreHousekeeping(_store, time).CleanAsync(options, null, Cancel)).Packages.ShouldHaveSingleItem().Digest.ShouldBe(going.Digest);
        Directory.GetFiles(_temp["store/signatures"]).ShouldBe([SignatureOf(ManifestOf(kept))]);
        await Cache(Policy).GetAsync(kept, Cancel);
        (await new StoreHousekeeping(_store, time).VerifyAsync(false, null, Cancel)).Damages.ShouldBeEmpty();
        // A file, two documents, and the cleaning's notes.
        Directory.GetFiles(_temp["store/blobs"], "*", SearchOption.AllDirectories).Length.ShouldBe(4);
    }

    [Fact]
    public async Task A_repository_without_a_key_takes_no_package_at_its_word() =>
        (await RefusedAsync(await PublishAsync(_key), new() { Repositories = [Repository] })).ShouldContain("only a signature proves");

    [Theory]
    [InlineData("https://git.example/team/flows", "https://git.example/team/flows.git", true)]
    [InlineData("https://git.example/team/flows", "git@git.example:team/flows.git", true)]
    [InlineData("https://git.example/team/flows", "ssh://git@git.example/team/flows", true)]
    [InlineData("https://git.example/team/flows", "git+https://GIT.example/team/flows/", true)]
    [InlineData("git.example/team/flows", "https://user:secret@git.example/team/flows", true)]
    [InlineData("https://git.example/team/*", "https://git.example/team/sub/flows", true)]
    [InlineData("https://git.example/team/*", "https://git.example/team", false)]
    [InlineData("https://git.example/team/*", "https://git.example/team/../stranger/flows", false)]
    [InlineData("https://git.example/team/*", "https://git.example/team/%2e%2e/stranger/flows", false)]
    [InlineData("https://git.example/team/*", "https://git.example/teams/flows", false)]
    [InlineData("https://git.example/team/flows", "https://git.example/Team/flows", false)]
    [InlineData("https://git.example/team/*", "git@git.example:Team/flows.git", false)]
    [InlineData("https://github.com/team/flows", "git@github.com:Team/Flows.git", true)]
    [InlineData("https://git.example/team/flows", "http://git.example/team/flows", false)]
    [InlineData("https://git.example/team/flows", "https://git.example:8443/team/flows", false)]
    [InlineData("https://git.example/team/flows", "https://git.example.evil.example/team/flows", false)]
    [InlineData("https://git.example/team/flows", "https://git.example/team/flows2", false)]
    [InlineData("https://git.example/team/flows", "file:///git.example/team/flows", false)]
    public void A_repository_is_the_same_however_it_is_addressed(string rule, string address, bool allowed) =>
        (new PackagePolicy { Repositories = [rule] }.RefuseSource(address) is null).ShouldBe(allowed);

    [Fact]
    public void A_key_is_read_from_files_and_lines_and_never_shown()
    {
        string file = _temp.Write("release.key", _key.ToPem()), pub = _temp.Write("release.pub", _key.Public.ToPem());
        string[] ids = [_key.Public.Id, SigningKey.Read(file).Public.Id, SigningKey.Find(null, _ => _key.ToPem())!.Public.Id, SigningKey.Find(null, _ => _key.ToPem().Replace("\n", "\\n", StringComparison.Ordinal))!.Public.Id,
            VerificationKey.Parse(pub).Id, VerificationKey.Parse(_key.Public.ToString()).Id];
        ids.Distinct().ShouldHaveSingleItem();
        SigningKey.Find(null, _ => null).ShouldBeNull();
        SigningKey.Find(null, name => $"$({name})").ShouldBeNull();

        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        using var curve = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP384);
        string canary = new('c', 40);
        Action[] wrong =
        [
            () => SigningKey.Read(_temp["absent.key"]),
            () => SigningKey.Read(pub),
            () => SigningKey.Read(_temp.Write("rsa.key", rsa.ExportPkcs8PrivateKeyPem())),
            () => SigningKey.Read(_temp.Write("p384.key", curve.ExportPkcs8PrivateKeyPem())),
            () => SigningKey.Read(_temp.Write("text.key", canary)),
            () => SigningKey.Read(_temp.Write("broken.key", $"-----BEGIN PRIVATE KEY-----\n{canary}\n-----END PRIVATE KEY-----")),
            () => VerificationKey.Parse(file),
            () => VerificationKey.Parse("p256:AAAA"),
            () => VerificationKey.Parse(_temp["absent.pub"]),
            () => VerificationKey.Parse(_temp.Write("p384.pub", curve.ExportSubjectPublicKeyInfoPem())),
        ];
        string secret = _key.ToPem().Split('\n')[1];
        foreach (Action read in wrong)
        {
            StorageException e = Should.Throw<StorageException>(read);
            e.Kind.ShouldBe(StorageErrorKind.Invalid);
            e.ToString().ShouldNotContain(canary);
            e.ToString().ShouldNotContain(secret);
        }
    }

    private Task<PackageReference> PublishForAsync(string what) => what switch
    {
        "unsigned" => PublishAsync(null),
        "another key" => PublishAsync(_other),
        "another repository" => PublishAsync(_key, repository: "https://git.example/stranger/flows"),
        "no repository" => PublishAsync(_key, repository: null),
        "dirty" => PublishAsync(_key, dirty: true),
        "nobody knows whether dirty" => PublishAsync(_key, dirty: null),
        _ => PublishAsync(_key),
    };

    private async Task<byte[]> OtherSignatureAsync(string what, Func<PackageReference, Task<byte[]>> read) =>
        what == "signature of another package" ? await read(await PublishAsync(_key, "other")) : [];

    /// <summary>Changes the documents of a package: its manifest, signature, parts list and provenance, by their names in archives.</summary>
    private void Change(string what, Dictionary<string, byte[]> documents, byte[] otherSignature)
    {
        switch (what)
        {
            case "signature removed":
                documents.Remove("signature.json");
                break;
            case "signature of another package":
                documents["signature.json"] = otherSignature;
                break;
            case "manifest":
                documents["manifest.json"][documents["manifest.json"].AsSpan().IndexOf("net10.0"u8)] ^= 1;
                break;
            case "launch in manifest" or "launch in manifest, signature moved along":
                Edit("manifest.json", json => json["launch"]!["executable"] = "a.dll");
                break;
            case "sbom":
                documents["sbom.cdx.json"][^2] ^= 1;
                break;
            case "sbom removed":
                documents.Remove("sbom.cdx.json");
                break;
            case "provenance":
                documents["provenance.json"][^2] ^= 1;
                break;
            case "provenance removed":
                documents.Remove("provenance.json");
                break;
            case "payload":
                Edit("signature.json", json => json["payload"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Convert.FromBase64String(json["payload"]!.GetValue<string>())).Replace("\"format\":1", "\"format\":2", StringComparison.Ordinal))));
                break;
            case "signature value":
                Edit("signature.json", json =>
                {
                    byte[] value = Convert.FromBase64String(json["signatures"]![0]!["sig"]!.GetValue<string>());
                    value[^1] ^= 1;
                    json["signatures"]![0]!["sig"] = Convert.ToBase64String(value);
                });
                break;
            case "key id":
                Rewrite(text => text.Replace(_key.Public.Id, _other.Public.Id, StringComparison.Ordinal));
                break;
            case "payload type":
                Edit("signature.json", json => json["payloadType"] = "application/vnd.in-toto+json");
                break;
            case "envelope with one space more":
                Rewrite(text => text + " ");
                break;
            case "envelope with a member more":
                Edit("signature.json", json => json["alg"] = "none");
                break;
            case "a signature that is null":
                Rewrite(text => text[..text.IndexOf('[', StringComparison.Ordinal)] + "[null]}");
                break;
            case "no signatures":
                Rewrite(text => text[..text.IndexOf('[', StringComparison.Ordinal)] + "[]}");
                break;
        }

        void Rewrite(Func<string, string> rewrite) => documents["signature.json"] = Encoding.UTF8.GetBytes(rewrite(Encoding.UTF8.GetString(documents["signature.json"])));

        void Edit(string name, Action<JsonNode> edit)
        {
            JsonNode json = JsonNode.Parse(documents[name])!;
            edit(json);
            documents[name] = Encoding.UTF8.GetBytes(json.ToJsonString());
        }
    }

    /// <summary>From here on packages go to a web service that keeps each as one archive.</summary>
    private async Task KeepArchivesAsync()
    {
        await _server.InitializeAsync();
        await _store.DisposeAsync();
        const string Token = "Bearer%20$%7BWEBHOOK_TOKEN%7D";
        _store = PackageStores.Open($"webhook+http://127.0.0.1:{_server.Port}/files/{{sha256}}?build_method=PUT&build_header_Authorization={Token}&get_header_Authorization={Token}", _secrets);
    }

    private async Task<Dictionary<string, byte[]>> EntriesAsync(PackageReference package)
    {
        var entries = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        await using var zip = new ZipArchive(new MemoryStream(_server.Kept[$"/files/{package.Digest}"]), ZipArchiveMode.Read);
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            using var bytes = new MemoryStream();
            await using Stream stream = await entry.OpenAsync(Cancel);
            await stream.CopyToAsync(bytes, Cancel);
            entries[entry.FullName] = bytes.ToArray();
        }
        return entries;
    }

    private PackageCache Cache(PackagePolicy? policy) => new(_temp["cache"], _secrets, policy: policy);

    private async Task<string> RefusedAsync(PackageReference package, PackagePolicy policy, string? what = null)
    {
        StorageException e = await Should.ThrowAsync<StorageException>(() => Cache(policy).GetAsync(package, Cancel), what ?? "");
        e.Kind.ShouldBeOneOf([StorageErrorKind.Untrusted, StorageErrorKind.Damaged, StorageErrorKind.Invalid, StorageErrorKind.NotFound], what);
        Directory.Exists(_temp["cache", package.Digest, "signature.json"]).ShouldBeFalse();
        if (!Directory.Exists(_temp["cache", package.Digest]))
            Unpacked().ShouldNotContain(path => path.Contains(package.Digest, StringComparison.Ordinal) || path.Contains(".pull-", StringComparison.Ordinal), what);
        return e.Message;
    }

    private string[] Unpacked() => Directory.Exists(_temp["cache"]) ? Directory.GetFileSystemEntries(_temp["cache"], "*", SearchOption.AllDirectories) : [];

    private async Task<PackageReference> PublishAsync(SigningKey? key, string content = "assembly", string? repository = Repository, bool? dirty = false, string? storageKey = null) =>
        (await WriteAsync(key, content, repository, dirty, storageKey)).Reference;

    private async Task<PackageWritten> WriteAsync(SigningKey? key, string content = "assembly", string? repository = Repository, bool? dirty = false, string? storageKey = null, IReadOnlyList<PackageReference>? live = null)
    {
        string file = _temp.Write("bin/a.dll", content);
        PackageContent read = await PackageContent.ReadAsync([new("a.dll", file)], Cancel);
        byte[] sbom = Encoding.UTF8.GetBytes($$"""{"bomFormat":"CycloneDX","specVersion":"1.6","components":[],"serialNumber":"{{read.Digest}}"}""");
        var source = new JsonObject { ["digest"] = new JsonObject { ["gitCommit"] = new string('a', 40) }, ["annotations"] = new JsonObject() };
        if (repository is not null)
            source["uri"] = "git+" + repository;
        if (dirty is { } known)
            source["annotations"]!["dirty"] = known;
        var provenance = new JsonObject { ["predicateType"] = PackageProvenance.PredicateType, ["predicate"] = new JsonObject { ["buildDefinition"] = new JsonObject { ["resolvedDependencies"] = new JsonArray(source) } }, ["digest"] = read.Digest };
        PackageDraft draft = Drafts.Of(read) with
        {
            Signer = key, StorageKey = storageKey, DocumentsAsync = _ => Task.FromResult(new PackageDocuments(sbom, Encoding.UTF8.GetBytes(provenance.ToJsonString()))),
        };
        return await new PackageWriter(_store, TimeProvider.System).WriteAsync(draft, live ?? [], null, Cancel);
    }

    private string ManifestOf(PackageReference package)
    {
        string folder = package.Location.LocalPath, pinned = Path.Combine(folder, package.Digest, "manifest.json");
        return File.Exists(pinned) ? pinned : Path.Combine(folder, "manifest.json");
    }

    private string SignatureOf(string manifest) => _temp["store", PackageSignature.KeyOf(File.ReadAllBytes(manifest))];

    private string DocumentOf(string manifest, string name)
    {
        string sha256 = JsonNode.Parse(File.ReadAllText(manifest))![name]!["sha256"]!.GetValue<string>();
        return _temp["store/blobs/sha256", sha256[..2], sha256];
    }

    private static string BlobOf(string text) => PackageSignature.Hash(Encoding.UTF8.GetBytes(text));

    private static void Edit(string file, Action<JsonNode> edit)
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(file))!;
        edit(json);
        Write(file, Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    // The store's files may be read-only.
    private static void Write(string file, byte[] bytes)
    {
        File.Delete(file);
        File.WriteAllBytes(file, bytes);
    }
}
