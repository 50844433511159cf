using System.Net;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using Sluice.Storage.Packages;
using Sluice.Storage.Tests.Packages;
using Sluice.Storage.Tests.Servers;
using Sluice.Testing;

namespace Sluice.Storage.Tests.S3;

[CollectionDefinition("S3")]
public sealed class S3Collection : ICollectionFixture<RadosGateway>;

[Collection("S3")]
public sealed class S3StoreTests : PackageStoreContract
{
    private const string KeyVariable = "SLUICE_TEST_S3_KEY";
    private const string SecretVariable = "SLUICE_TEST_S3_SECRET";
    private readonly RadosGateway _server;

    public S3StoreTests(RadosGateway server)
    {
        Assert.SkipUnless(RadosGateway.IsInstalled, RadosGateway.Missing);
        _server = server;
        Environment.SetEnvironmentVariable(KeyVariable, server.Key);
        Environment.SetEnvironmentVariable(SecretVariable, server.Secret);
    }

    protected override async Task<IPackageStore> OpenAsync() => PackageStores.Open(Location(await BucketAsync() + "/a prefix/below"));

    [Theory]
    [InlineData(8 * 1024 * 1024)]
    [InlineData(8 * 1024 * 1024 + 1)]
    [InlineData(37 * 1024 * 1024)]
    public async Task A_large_object_travels_in_parts(int size)
    {
        await using IPackageStore store = await OpenAsync();
        byte[] content = new byte[size];
        new Random(2).NextBytes(content);

        await store.PutAsync("large", new MemoryStream(content), Cancel);

        (await store.GetSizeAsync("large", Cancel)).ShouldBe(size);
        (await ReadAsync(store, "large")).ShouldBe(content);
        using AmazonS3Client client = _server.Client();
        GetObjectMetadataResponse head = await client.GetObjectMetadataAsync(store.Location.Host, "a prefix/below/large", Cancel);
        head.ETag.ShouldContain("-", customMessage: "an object of several parts has the ETag of several parts");
    }

    [Fact]
    public async Task An_upload_in_parts_that_fails_leaves_no_parts_behind()
    {
        string bucket = await BucketAsync();
        await using IPackageStore store = PackageStores.Open(Location(bucket));
        await Should.ThrowAsync<StorageException>(() => store.PutAsync("large", new FailingAfter(20 * 1024 * 1024), Cancel));

        using AmazonS3Client client = _server.Client();
        ((await client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = bucket }, Cancel)).MultipartUploads ?? []).ShouldBeEmpty();
        (await store.GetSizeAsync("large", Cancel)).ShouldBeNull();
    }

    [Theory]
    [InlineData("profile=nobody-has-this-profile", "profile")]
    [InlineData("aws_access_key_id=$%7BSLUICE_TEST_NOT_SET%7D&aws_secret_access_key=$%7BSLUICE_TEST_S3_SECRET%7D", "needs SLUICE_TEST_NOT_SET, which is neither an environment variable nor a secret")]
    public async Task Credentials_that_are_not_there_are_said_so(string options, string says)
    {
        await using IPackageStore store = PackageStores.Open($"s3://bucket?endpoint_url={_server.Endpoint}&{options}");
        (await Should.ThrowAsync<StorageException>(() => store.GetSizeAsync("key", Cancel))).Message.ShouldContain(says);
    }

    [Fact]
    public async Task A_wrong_secret_an_unknown_key_a_stranger_and_a_missing_bucket_are_told_apart()
    {
        string bucket = await BucketAsync();
        await using IPackageStore owners = PackageStores.Open(Location(bucket));
        await PutAsync(owners, "key", "x");
        (string Key, string Secret, string Bucket, StorageErrorKind Kind, string Says)[] cases =
        [
            (_server.Key, "wrong", bucket, StorageErrorKind.Forbidden, "the secret does not belong to the access key"),
            ("AKIANOBODY", _server.Secret, bucket, StorageErrorKind.Forbidden, "does not know the access key"),
            (_server.StrangerKey, _server.StrangerSecret, bucket, StorageErrorKind.Forbidden, "lack a permission on the bucket"),
            (_server.Key, _server.Secret, "no-such-bucket", StorageErrorKind.NotFound, "the bucket 'no-such-bucket' does not exist"),
        ];
        foreach (var (key, secret, where, kind, says) in cases)
        {
            await using IPackageStore store = PackageStores.Open($"s3://{where}?endpoint_url={_server.Endpoint}&aws_access_key_id=${{K}}&aws_secret_access_key=${{S}}", new Secrets(("K", key), ("S", secret)));
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

    [Fact]
    public async Task A_refused_upload_does_not_spoil_the_connection_for_what_comes_after()
    {
        string bucket = await BucketAsync();
        await using IPackageStore store = PackageStores.Open($"s3://{bucket}?endpoint_url={_server.Endpoint}&aws_access_key_id=${{K}}&aws_secret_access_key=${{S}}", new Secrets(("K", _server.Key), ("S", "wrong")));
        for (int i = 0; i < 40; i++)
            foreach (Func<Task> call in (Func<Task>[])[() => PutAsync(store, "new", "x"), () => store.GetAsync("key", Cancel)])
                (await Should.ThrowAsync<StorageException>(call)).Kind.ShouldBe(StorageErrorKind.Forbidden);
    }

    [Fact]
    public async Task A_used_up_quota_is_Full()
    {
        string bucket = await BucketAsync();
        await using IPackageStore store = PackageStores.Open(Location(bucket));
        await PutAsync(store, "first", "x");
        await _server.LimitBucketsOfOwnerAsync(4096);
        try
        {
            StorageException e = await Should.ThrowAsync<StorageException>(() => store.PutAsync("large", new MemoryStream(new byte[100_000]), Cancel));
            e.Kind.ShouldBe(StorageErrorKind.Full, e.Message);
            e.Message.ShouldContain("quota");
        }
        finally
        {
            await _server.UnlimitBucketsOfOwnerAsync();
        }
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_Unavailable_and_asked_after()
    {
        await using IPackageStore store = PackageStores.Open($"s3://bucket?endpoint_url=http://127.0.0.1:{FreePort.Take(1)[0]}&aws_access_key_id=${{{KeyVariable}}}&aws_secret_access_key=${{{SecretVariable}}}");
        StorageException e = await Should.ThrowAsync<StorageException>(() => store.GetAsync("key", Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Unavailable, e.Message);
        e.Message.ShouldContain("Is the address right, and the server up?");
    }

    [Fact]
    public async Task A_download_goes_on_where_the_connection_was_cut()
    {
        string bucket = await BucketAsync();
        byte[] content = new byte[3_000_000];
        new Random(3).NextBytes(content);
        await using (IPackageStore direct = PackageStores.Open(Location(bucket)))
            await direct.PutAsync("key", new MemoryStream(content), Cancel);

        await using var proxy = new FaultProxy(_server.Port, connection => connection <= 3 ? new Fault(CutAfterDown: 700_000) : null);
        await using IPackageStore store = PackageStores.Open(Location(bucket, proxy.Port));
        (await ReadAsync(store, "key")).ShouldBe(content);

        proxy.Connections.ShouldBe(4);
        proxy.BytesDown.ShouldBeLessThan(content.Length + 100_000, "what had arrived was not asked for again");
    }

    [Theory]
    [InlineData(10)]
    [InlineData(400_000)]
    public async Task An_upload_whose_connection_is_cut_is_sent_again(int after)
    {
        string bucket = await BucketAsync();
        byte[] content = new byte[1_000_000];
        new Random(4).NextBytes(content);
        await using var proxy = new FaultProxy(_server.Port, connection => connection <= 2 ? new Fault(CutAfterUp: after) : null);
        await using IPackageStore store = PackageStores.Open(Location(bucket, proxy.Port));

        await store.PutAsync("key", new MemoryStream(content), Cancel);

        (await ReadAsync(store, "key")).ShouldBe(content);
        proxy.Connections.ShouldBeGreaterThan(2);
    }

    [Theory]
    [InlineData("HTTP/1.1 503 Slow Down\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    [InlineData("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    public async Task An_overloaded_server_is_asked_again(string answer)
    {
        string bucket = await BucketAsync();
        await using var proxy = new FaultProxy(_server.Port, connection => connection <= 2 ? new Fault(Answer: answer) : null);
        await using IPackageStore store = PackageStores.Open(Location(bucket, proxy.Port));

        await PutAsync(store, "key", "x");

        (await ReadAsync(store, "key")).ShouldBe("x"u8.ToArray());
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
    public async Task A_presigned_URL_lapses()
    {
        await using IPackageStore store = await OpenAsync();
        await PutAsync(store, "key", "x");
        Uri url = (await store.PresignAsync("key", PresignedUse.Read, TimeSpan.FromSeconds(1), Cancel))!;
        using var http = new HttpClient();
        HttpStatusCode status;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        do
            status = (await http.GetAsync(url, Cancel)).StatusCode;
        while (status == HttpStatusCode.OK && clock.Elapsed < TimeSpan.FromSeconds(30));
        status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_package_with_a_flipped_byte_is_never_pulled()
    {
        using var temp = new TempFolder();
        string bucket = await BucketAsync();
        File.WriteAllBytes(temp["a.dll"], Enumerable.Repeat((byte)'a', 200_000).ToArray());
        PackageReference package;
        await using (IPackageStore direct = PackageStores.Open(Location(bucket)))
            package = (await new PackageWriter(direct, TimeProvider.System).WriteAsync(Drafts.Of(await PackageContent.ReadAsync([new("a.dll", temp["a.dll"])], Cancel)), [], null, Cancel)).Reference;

        // The manifest travels on the first connection and is small; what is flipped lies in the blob's body.
        await using var proxy = new FaultProxy(_server.Port, _ => new Fault(FlipAtDown: 50_000));
        var flipped = new PackageReference(new(package.Location.AbsoluteUri.Replace($":{_server.Port}", $":{proxy.Port}", StringComparison.Ordinal)), package.Digest);
        StorageException e = await Should.ThrowAsync<StorageException>(() => new PackageCache(temp["cache"]).GetAsync(flipped, Cancel));

        e.Kind.ShouldBe(StorageErrorKind.Damaged, e.Message);
        Directory.EnumerateFileSystemEntries(temp["cache"]).ShouldBeEmpty();
        (await new PackageCache(temp["cache"]).GetAsync(package, Cancel)).Manifest.Digest.ShouldBe(package.Digest);
    }

    [Fact]
    public async Task Storage_class_and_acl_of_the_URI_are_sent()
    {
        string bucket = await BucketAsync();
        await using IPackageStore store = PackageStores.Open(Location(bucket) + "&acl=public-read&storage_class=STANDARD");
        await PutAsync(store, "key", "x");
        using var http = new HttpClient();
        (await http.GetStringAsync($"{_server.Endpoint}/{bucket}/key", Cancel)).ShouldBe("x");
    }

    private string Location(string bucketAndPrefix, int? port = null) =>
        $"s3://{bucketAndPrefix}?endpoint_url=http://127.0.0.1:{port ?? _server.Port}&aws_access_key_id=${{{KeyVariable}}}&aws_secret_access_key=${{{SecretVariable}}}";

    private async Task<string> BucketAsync()
    {
        string bucket = $"test-{Guid.NewGuid():N}";
        using AmazonS3Client client = _server.Client();
        await client.PutBucketAsync(bucket, Cancel);
        return bucket;
    }

    /// <summary>Gives zeros, then fails.</summary>
    private sealed class FailingAfter(int good) : MemoryStream
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
