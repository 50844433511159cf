using System.Globalization;
using System.Security.Cryptography;
using Sluice.Storage.Tests.Servers;
using Sluice.Testing;

namespace Sluice.Storage.Tests.Gcs;

[CollectionDefinition("Gcs")]
public sealed class GcsCollection : ICollectionFixture<GoogleStorage>;

[Collection("Gcs")]
public sealed class GcsStoreTests(GoogleStorage server) : RemoteStoreContract
{
    protected override int ServerPort => server.Port;

    protected override bool ListsSizes => true;

    protected override string[] StagesOfParts => ["^POST [^ ]*uploadType=resumable", "^PUT "];

    protected override string Location(string placeAndPrefix, int port)
    {
        // Tokens come from the server directly, so that a proxy's plan meets the store's own requests.
        string variable = $"SLUICE_TEST_GCS_{server.Port.ToString(CultureInfo.InvariantCulture)}";
        Environment.SetEnvironmentVariable(variable, server.KeyOf(GoogleStorage.Owner));
        return $"gs://{placeAndPrefix}?endpoint_url=http://127.0.0.1:{port}&service_account_info=${{{variable}}}";
    }

    protected override Task<string> PlaceAsync()
    {
        string bucket = $"test-{Guid.NewGuid():N}";
        server.CreateBucket(bucket);
        return Task.FromResult(bucket);
    }

    [Fact]
    public async Task A_large_upload_goes_on_where_the_connection_was_cut()
    {
        string bucket = await PlaceAsync();
        byte[] content = new byte[21_000_000];
        new Random(5).NextBytes(content);
        await using var proxy = new FaultProxy(server.Port, connection => connection <= 2 ? new Fault(CutAfterUp: 5_000_000) : null);
        await using IPackageStore store = PackageStores.Open(Location(bucket, proxy.Port));
        int queries = server.StatusQueries;

        await store.PutAsync("large", new MemoryStream(content), Cancel);

        (await ReadAsync(store, "large")).ShouldBe(content);
        server.StatusQueries.ShouldBeGreaterThan(queries, "the client asked how far it had come");
    }

    [Fact]
    public async Task A_wrong_key_a_stranger_and_a_missing_bucket_are_told_apart()
    {
        string bucket = await PlaceAsync();
        await using IPackageStore owners = PackageStores.Open(Location(bucket, server.Port));
        await PutAsync(owners, "key", "x");
        using RSA other = RSA.Create(2048);
        (string Key, string Bucket, StorageErrorKind Kind, string Says)[] cases =
        [
            (server.KeyOf(GoogleStorage.Owner, key: other), bucket, StorageErrorKind.Forbidden, "Google refused the service account (Invalid JWT Signature)"),
            (server.KeyOf("stranger@test.iam.gserviceaccount.com"), bucket, StorageErrorKind.Forbidden, "lack a permission on the bucket"),
            (server.KeyOf(GoogleStorage.Owner), "no-such-bucket", StorageErrorKind.NotFound, "the bucket 'no-such-bucket' does not exist"),
        ];
        foreach (var (key, where, kind, says) in cases)
        {
            await using IPackageStore store = PackageStores.Open($"gs://{where}?endpoint_url=http://127.0.0.1:{server.Port}&service_account_info=${{K}}", new Secrets(("K", key)));
            Func<Task>[] calls = [() => PutAsync(store, "new", "x"), () => store.PutAsync("large", new MemoryStream(new byte[9_000_000]), Cancel), () => store.GetAsync("key", Cancel), () => store.ListAsync("", Cancel).ToListAsync().AsTask()];
            foreach (Func<Task> call in calls)
            {
                StorageException e = await Should.ThrowAsync<StorageException>(call);
                e.Kind.ShouldBe(kind, e.Message);
                e.Message.ShouldContain(says);
                e.Message.ShouldNotContain('\n');
            }
        }
    }

    [Fact]
    public async Task A_token_that_expires_early_is_asked_for_anew()
    {
        string bucket = await PlaceAsync();
        await using IPackageStore store = PackageStores.Open(Location(bucket, server.Port));
        await PutAsync(store, "first", "x");
        server.ForgetTokens();
        await PutAsync(store, "second", "y");
        server.ForgetTokens();
        await store.PutAsync("large", new MemoryStream(new byte[9_000_000]), Cancel);
        server.ForgetTokens();
        (await ReadAsync(store, "second")).ShouldBe("y"u8.ToArray());
    }

    [Fact]
    public async Task A_clock_that_is_off_is_said_so()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/faketime"), "faketime is not installed; .ci/run installs it.");
        string bucket = await PlaceAsync();
        await using ProgramRun run = await ProgramRun.CompleteAsync(
            "/usr/bin/faketime", ["-f", "+2h", Child.Program, "child", "size", Location(bucket, server.Port), "key"], new Dictionary<string, string?> { ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1" });
        run.Output.Trim().ShouldStartWith("Forbidden: ");
        run.Output.ShouldContain("this machine's clock");
    }

    [Theory]
    [InlineData("<html>Welcome</html>")]
    [InlineData("[]")]
    [InlineData("{\"items\":[{}]}")]
    [InlineData("{\"items\":[{\"name\":1}]}")]
    [InlineData("{\"items\":[{\"name\":\"of/a\",\"size\":\"many\"}]}")]
    public async Task An_answer_that_is_none_of_Google_s_is_told_in_one_line(string body)
    {
        await using var proxy = new FaultProxy(server.Port, _ => new Fault(Answer: $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
        await using IPackageStore store = PackageStores.Open(Location("bucket", proxy.Port));
        StorageException e = await Should.ThrowAsync<StorageException>(() => store.ListSizesAsync("of/", 10, Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Unavailable, e.Message);
        e.Message.ShouldContain("is not what Cloud Storage answers");
        e.Message.ShouldNotContain('\n');
    }

    [Theory]
    [InlineData(403, "storageQuotaExceeded", StorageErrorKind.Full, "the quota is used up. Free space, or raise it")]
    [InlineData(401, "authError", StorageErrorKind.Forbidden, "does not accept the token. Sign in again, and check this machine's clock")]
    [InlineData(403, "rateLimitExceeded", StorageErrorKind.Unavailable, "too many requests (rateLimitExceeded). Try again later")]
    [InlineData(403, "forbidden", StorageErrorKind.Forbidden, "lack a permission on the bucket")]
    public async Task A_refusal_of_Google_is_said_in_one_line(int status, string reason, StorageErrorKind kind, string says)
    {
        string body = $$$"""{"error":{"code":{{{status}}},"message":"no","errors":[{"reason":"{{{reason}}}"}]}}""";
        await using var proxy = new FaultProxy(server.Port, _ => new Fault(Answer: $"HTTP/1.1 {status} No\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
        await using IPackageStore store = PackageStores.Open(Location("bucket", proxy.Port));
        StorageException e = await Should.ThrowAsync<StorageException>(() => store.GetAsync("key", Cancel));
        e.Kind.ShouldBe(kind, e.Message);
        e.Message.ShouldContain(says);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9_000_000)]
    public async Task Who_asks_too_often_asks_again_later(int size)
    {
        const string body = """{"error":{"code":403,"message":"Rate limit exceeded","errors":[{"reason":"userRateLimitExceeded"}]}}""";
        string bucket = await PlaceAsync();
        await using var proxy = new FaultProxy(server.Port, connection => connection <= 2
            ? new Fault(Answer: $"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}") : null);
        await using IPackageStore store = PackageStores.Open(Location(bucket, proxy.Port));
        await store.PutAsync("key", new MemoryStream(new byte[size]), Cancel);
        (await store.GetSizeAsync("key", Cancel)).ShouldBe(size);
    }

    [Theory]
    [InlineData("CANARY")]
    [InlineData("""{"type":"service_account","private_key":"CANARY"}""")]
    [InlineData("""{"type":"authorized_user","client_secret":"CANARY"}""")]
    public async Task A_key_that_is_none_is_said_so_and_not_shown(string key)
    {
        await using IPackageStore store = PackageStores.Open("gs://bucket?service_account_info=${K}", new Secrets(("K", key)));
        StorageException e = await Should.ThrowAsync<StorageException>(() => store.GetSizeAsync("key", Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Invalid);
        e.Message.ShouldContain("is no key of a service account");
        e.ToString().ShouldNotContain("CANARY");
    }

    [Fact]
    public async Task A_large_object_that_exists_is_not_created_again()
    {
        await using IPackageStore store = await OpenAsync();
        (await store.CreateAsync("large", new MemoryStream(new byte[9_000_000]), Cancel)).ShouldBeTrue();
        (await store.CreateAsync("large", new MemoryStream(new byte[10_000_000]), Cancel)).ShouldBeFalse();
        (await store.GetSizeAsync("large", Cancel)).ShouldBe(9_000_000);
    }
}
