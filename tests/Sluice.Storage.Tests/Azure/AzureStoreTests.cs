using System.Globalization;
using System.Text;
using Sluice.Storage.Packages;
using Sluice.Storage.Tests.Housekeeping;
using Sluice.Storage.Tests.Packages;
using Sluice.Storage.Tests.Servers;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Azure;

[CollectionDefinition("Azure")]
public sealed class AzureCollection : ICollectionFixture<Azurite>;

[Collection("Azure")]
public sealed class AzureStoreTests : RemoteStoreContract
{
    private readonly Azurite _server;

    public AzureStoreTests(Azurite server)
    {
        Assert.SkipUnless(Azurite.IsInstalled, Azurite.Missing);
        _server = server;
    }

    protected override int ServerPort => _server.Port;

    // The port is in the connection string, which a URI may only refer to.
    protected override bool ListsSizes => true;

    protected override string Location(string placeAndPrefix, int port)
    {
        string variable = $"SLUICE_TEST_AZURE_{port.ToString(CultureInfo.InvariantCulture)}";
        Environment.SetEnvironmentVariable(variable, Azurite.ConnectionStringAt(port));
        return $"az://{placeAndPrefix}?azure_storage_connection_string=${{{variable}}}&overwrite=true";
    }

    protected override string[] StagesOfParts => ["^PUT [^ ]*comp=block&", "^PUT [^ ]*comp=blocklist"];

    protected override async Task<string> PlaceAsync()
    {
        string container = $"test-{Guid.NewGuid():N}";
        await _server.CreateContainerAsync(container);
        return container;
    }

    protected override Task<HttpResponseMessage> PutTo(HttpClient http, Uri url, string text)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.Add("x-ms-blob-type", "BlockBlob");
        return http.PutAsync(url, content, Cancel);
    }

    [Fact]
    public async Task Nothing_but_blobs_is_replaced_unless_asked()
    {
        string container = await PlaceAsync();
        await using IPackageStore store = PackageStores.Open($"az://{container}", new Secrets(("AZURE_STORAGE_CONNECTION_STRING", _server.ConnectionString)));
        string blob = "blobs/sha256/ab/ab";
        foreach (string key in (string[])["flow/manifest.json", blob])
            await PutAsync(store, key, "first");

        StorageException e = await Should.ThrowAsync<StorageException>(() => PutAsync(store, "flow/manifest.json", "second"));
        await PutAsync(store, blob, "mended");

        e.Kind.ShouldBe(StorageErrorKind.Invalid);
        e.Message.ShouldContain("replaces nothing unless asked. Give overwrite=true in the URI");
        Encoding.UTF8.GetString(await ReadAsync(store, "flow/manifest.json")).ShouldBe("first");
        Encoding.UTF8.GetString(await ReadAsync(store, blob)).ShouldBe("mended");
    }

    [Theory]
    [MemberData(nameof(CutsUp))]
    public async Task An_upload_whose_connection_is_cut_is_done_again_also_where_nothing_is_replaced(string where)
    {
        byte[] content = Bytes(1_000_000, 15);
        string container = await PlaceAsync();
        await using var proxy = new FaultProxy(ServerPort, connection => connection <= 2 ? s_cutsUp[where] : null);
        await using (IPackageStore store = PackageStores.Open($"az://{container}", new Secrets(("AZURE_STORAGE_CONNECTION_STRING", Azurite.ConnectionStringAt(proxy.Port)))))
            await store.PutAsync("key", new MemoryStream(content), Cancel);

        await using IPackageStore direct = PackageStores.Open(Location(container, ServerPort));
        (await ReadAsync(direct, "key")).ShouldBe(content);
    }

    [Theory]
    [InlineData("<html>Welcome")]
    [InlineData("{}")]
    [InlineData("<EnumerationResults><Blobs><Blob><Name>of/a</Name><Properties><Content-Length>many</Content-Length></Properties></Blob></Blobs></EnumerationResults>")]
    public async Task An_answer_that_is_none_of_Blob_Storage_s_is_told_in_one_line(string body)
    {
        await using var proxy = new FaultProxy(ServerPort, _ => new Fault(Answer: $"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
        await using IPackageStore store = PackageStores.Open(Location("container", proxy.Port));
        StorageException e = await Should.ThrowAsync<StorageException>(() => store.ListSizesAsync("of/", 10, Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Unavailable, e.Message);
        e.Message.ShouldContain("is not what Blob Storage answers");
        e.Message.ShouldNotContain('\n');
    }

    [Fact]
    public async Task A_large_upload_whose_last_answer_is_lost_is_whole_also_where_nothing_is_replaced()
    {
        byte[] content = Bytes(20_000_000, 16);
        string container = await PlaceAsync();
        int cuts = 0;
        await using var proxy = new FaultProxy(ServerPort, _ => null) { CutAnswerTo = head => head.Contains("comp=blocklist") && head.StartsWith("PUT ", StringComparison.Ordinal) && Interlocked.Increment(ref cuts) <= 2 };
        await using (IPackageStore store = PackageStores.Open($"az://{container}", new Secrets(("AZURE_STORAGE_CONNECTION_STRING", Azurite.ConnectionStringAt(proxy.Port)))))
            await store.PutAsync("large", new MemoryStream(content), Cancel);

        cuts.ShouldBeGreaterThan(1);
        await using IPackageStore direct = PackageStores.Open(Location(container, ServerPort));
        (await ReadAsync(direct, "large")).AsSpan().SequenceEqual(content).ShouldBeTrue();
    }

    [Fact]
    public async Task A_large_object_is_not_replaced_either_unless_asked()
    {
        string container = await PlaceAsync();
        await using IPackageStore store = PackageStores.Open($"az://{container}", new Secrets(("AZURE_STORAGE_CONNECTION_STRING", _server.ConnectionString)));
        await store.PutAsync("large", new MemoryStream(new byte[9 * 1024 * 1024]), Cancel);
        (await Should.ThrowAsync<StorageException>(() => store.PutAsync("large", new MemoryStream(new byte[10 * 1024 * 1024]), Cancel))).Message.ShouldContain("overwrite=true");
        (await store.GetSizeAsync("large", Cancel)).ShouldBe(9 * 1024 * 1024);
    }

    [Fact]
    public async Task A_SAS_of_the_connection_string_signs_in_and_may_do_what_it_allows()
    {
        string container = await PlaceAsync();
        string sas = _server.AccountSas("rl", DateTimeOffset.UtcNow.AddHours(1));
        await using IPackageStore owner = PackageStores.Open($"az://{container}", new Secrets(("AZURE_STORAGE_CONNECTION_STRING", _server.ConnectionString)));
        await PutAsync(owner, "key", "x");
        await using IPackageStore reader = PackageStores.Open($"az://{container}", new Secrets(("AZURE_STORAGE_CONNECTION_STRING", $"BlobEndpoint=http://127.0.0.1:{_server.Port}/{Azurite.Account};SharedAccessSignature={sas}")));

        Encoding.UTF8.GetString(await ReadAsync(reader, "key")).ShouldBe("x");
        (await reader.ListAsync("", Cancel).ToListAsync()).ShouldBe(["key"]);
        StorageException e = await Should.ThrowAsync<StorageException>(() => PutAsync(reader, "new", "x"));
        e.Kind.ShouldBe(StorageErrorKind.Forbidden);
        e.Message.ShouldContain("lack a permission on the container");
        e.Message.ShouldNotContain(sas);
        (await reader.PresignAsync("key", PresignedUse.Read, TimeSpan.FromMinutes(1), Cancel)).ShouldBeNull("a SAS cannot sign further ones");
    }

    [Fact]
    public async Task Who_may_not_list_may_still_publish()
    {
        string container = await PlaceAsync();
        string sas = _server.AccountSas("rwc", DateTimeOffset.UtcNow.AddHours(1));
        await using IPackageStore store = PackageStores.Open($"az://{container}", new Secrets(("AZURE_STORAGE_CONNECTION_STRING", $"BlobEndpoint=http://127.0.0.1:{_server.Port}/{Azurite.Account};SharedAccessSignature={sas}")));
        (await Should.ThrowAsync<StorageException>(() => store.ListAsync("", Cancel).ToListAsync().AsTask())).Kind.ShouldBe(StorageErrorKind.Forbidden);

        using var temp = new TempFolder();
        PackageContent content = await Shelf.ContentAsync(temp.Path, "one");
        (await new PackageWriter(store, TimeProvider.System).WriteAsync(Drafts.Of(content), [], null, Cancel)).UploadedFiles.ShouldBe(2);
    }

    [Fact]
    public async Task An_expired_SAS_a_wrong_key_and_a_missing_container_are_told_apart()
    {
        string container = await PlaceAsync();
        string wrong = Convert.ToBase64String(new byte[64]);
        (string Connection, string Container, StorageErrorKind Kind, string Says)[] cases =
        [
            (Azurite.ConnectionStringAt(_server.Port, wrong), container, StorageErrorKind.Forbidden, "refused the signature"),
            ($"BlobEndpoint=http://127.0.0.1:{_server.Port}/{Azurite.Account};SharedAccessSignature={_server.AccountSas("rwdl", DateTimeOffset.UtcNow.AddHours(-1))}", container, StorageErrorKind.Forbidden, " expired at "),
            (_server.ConnectionString, "no-such-container", StorageErrorKind.NotFound, "the container 'no-such-container' does not exist"),
        ];
        foreach (var (connection, where, kind, says) in cases)
        {
            await using IPackageStore store = PackageStores.Open($"az://{where}?overwrite=true", new Secrets(("AZURE_STORAGE_CONNECTION_STRING", connection)));
            Func<Task>[] calls = [() => PutAsync(store, "new", "x"), () => store.GetAsync("key", Cancel), () => store.ListAsync("", Cancel).ToListAsync().AsTask()];
            foreach (Func<Task> call in calls)
            {
                StorageException e = await Should.ThrowAsync<StorageException>(call);
                e.Kind.ShouldBe(kind, e.Message);
                e.Message.ShouldContain(says);
                e.Message.ShouldNotContain('\n');
            }
        }
    }

    [Theory]
    [InlineData(403, "AuthenticationFailed", "Server failed to authenticate the request. Signature not valid in the specified time frame: expiry", "expired or is not valid yet, or this machine's clock is wrong")]
    [InlineData(403, "AuthenticationFailed", "The date header in the request is incorrect: request date header too old", "this machine's clock differs too much from the server's. Set the clock")]
    [InlineData(409, "AccountLimitExceeded", "no", "a limit of the account is used up")]
    [InlineData(403, "AuthorizationPermissionMismatch", "no", "lack a permission on the container")]
    public async Task A_refusal_of_Azure_is_said_in_one_line(int status, string code, string message, string says)
    {
        string body = $"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}\nRequestId:1</Message></Error>";
        await using var proxy = new FaultProxy(ServerPort, _ => new Fault(Answer: $"HTTP/1.1 {status} No\r\nx-ms-error-code: {code}\r\nContent-Type: application/xml\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
        await using IPackageStore store = PackageStores.Open(Location("container", proxy.Port));
        StorageException e = await Should.ThrowAsync<StorageException>(() => PutAsync(store, "key", "x"));
        e.Message.ShouldContain(says);
        e.Message.ShouldNotContain('\n');
    }

    [Theory]
    [InlineData("nonsense", "a list of Name=value; pairs")]
    [InlineData("AccountKey=abc", "neither AccountName nor BlobEndpoint")]
    [InlineData("AccountName=a;AccountKey=CANARY!", "its AccountKey is not base64")]
    [InlineData("BlobEndpoint=ftp://CANARY", "no http or https address")]
    public async Task A_connection_string_that_cannot_be_read_is_said_so_and_not_shown(string connection, string says)
    {
        await using IPackageStore store = PackageStores.Open("az://container", new Secrets(("AZURE_STORAGE_CONNECTION_STRING", connection)));
        StorageException e = await Should.ThrowAsync<StorageException>(() => store.GetSizeAsync("key", Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Invalid);
        e.Message.ShouldContain(says);
        e.Message.ShouldNotContain("CANARY");
    }

    [Fact]
    public async Task Without_any_account_the_store_says_what_to_set()
    {
        await using IPackageStore store = PackageStores.Open("az://container", new Secrets());
        (await Should.ThrowAsync<StorageException>(() => store.GetSizeAsync("key", Cancel))).Message
            .ShouldContain("set AZURE_STORAGE_CONNECTION_STRING where this runs or as a secret of the server, or give azure_storage_account_name");
    }
}
