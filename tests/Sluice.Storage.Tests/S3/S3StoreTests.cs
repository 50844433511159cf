using System.Collections.Concurrent;
using System.Text.RegularExpressions;
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
public sealed class S3StoreTests : RemoteStoreContract
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

    protected override int ServerPort => _server.Port;

    protected override bool ListsSizes => true;

    protected override string[] StagesOfParts => ["^POST [^ ]*[?]uploads", "^PUT [^ ]*partNumber=2", "^POST [^ ]*[?]uploadId="];

    protected override string Location(string placeAndPrefix, int port) =>
        $"s3://{placeAndPrefix}?endpoint_url=http://127.0.0.1:{port}&aws_access_key_id=${{{KeyVariable}}}&aws_secret_access_key=${{{SecretVariable}}}";

    protected override async Task<string> PlaceAsync()
    {
        string bucket = $"test-{Guid.NewGuid():N}";
        using AmazonS3Client client = _server.Client();
        await client.PutBucketAsync(bucket, Cancel);
        return bucket;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(40)]
    public async Task An_unchanged_publish_asks_for_the_marks_the_sizes_and_the_manifest_alone(int files)
    {
        await using IPackageStore store = PackageStores.Open(Location(await PlaceAsync(), ServerPort));
        using var folder = new TempFolder();
        PackageContent content = await Housekeeping.Shelf.ContentAsync(folder.Path, [.. Enumerable.Range(1, files - 1).Select(i => $"file {i}")]);
        PackageDraft draft = Drafts.Of(content) with { DocumentsAsync = _ => Task.FromResult(new PackageDocuments("parts"u8.ToArray(), "provenance"u8.ToArray())) };
        PackageWritten first = await new PackageWriter(store, TimeProvider.System).WriteAsync(draft, [], null, Cancel);
        var calls = new ConcurrentQueue<string>();
        var counted = new Housekeeping.InterruptedStore(store, (call, key) =>
        {
            calls.Enqueue($"{call} {key.Split('/')[0]}");
            return Task.CompletedTask;
        });

        (await new PackageWriter(counted, TimeProvider.System).WriteAsync(draft, [first.Reference], null, Cancel)).Reference.ShouldBe(first.Reference);
        calls.ShouldBe(["list blobs", "sizes blobs", "get test-flow", "list blobs"]);

        // And what is lost is found all the same.
        await store.DeleteAsync(PackageDigest.BlobKey(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("parts"u8))), Cancel);
        (await new PackageWriter(counted, TimeProvider.System).WriteAsync(draft, [first.Reference], null, Cancel)).IsNew.ShouldBeTrue();
    }

    [Fact]
    public async Task A_large_object_travels_in_parts()
    {
        string bucket = await PlaceAsync();
        await using IPackageStore store = PackageStores.Open(Location(bucket, ServerPort));
        await store.PutAsync("large", new MemoryStream(new byte[20 * 1024 * 1024]), Cancel);

        using AmazonS3Client client = _server.Client();
        (await client.GetObjectMetadataAsync(bucket, "large", Cancel)).ETag.ShouldEndWith("-3\"", customMessage: "an object of three parts has the ETag of three parts");
    }

    [Fact]
    public async Task An_upload_in_parts_that_fails_leaves_no_parts_behind()
    {
        string bucket = await PlaceAsync();
        await using IPackageStore store = PackageStores.Open(Location(bucket, ServerPort));
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
        string bucket = await PlaceAsync();
        await using IPackageStore owners = PackageStores.Open(Location(bucket, ServerPort));
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
        string bucket = await PlaceAsync();
        await using IPackageStore store = PackageStores.Open($"s3://{bucket}?endpoint_url={_server.Endpoint}&aws_access_key_id=${{K}}&aws_secret_access_key=${{S}}", new Secrets(("K", _server.Key), ("S", "wrong")));
        for (int i = 0; i < 40; i++)
            foreach (Func<Task> call in (Func<Task>[])[() => PutAsync(store, "new", "x"), () => store.GetAsync("key", Cancel)])
                (await Should.ThrowAsync<StorageException>(call)).Kind.ShouldBe(StorageErrorKind.Forbidden);
    }

    [Theory]
    [InlineData("ExpiredToken", 400, "the session token is expired or invalid. Sign in again")]
    [InlineData("RequestTimeTooSkewed", 403, "this machine's clock differs too much from the server's. Set the clock")]
    [InlineData("QuotaExceeded", 403, "the quota is used up. Free space, or raise it")]
    [InlineData("AccessDenied", 403, "lack a permission on the bucket")]
    public async Task A_refusal_of_S3_is_said_in_one_line(string code, int status, string says)
    {
        string body = $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>no</Message></Error>";
        await using var proxy = new FaultProxy(ServerPort, _ => new Fault(Answer: $"HTTP/1.1 {status} No\r\nContent-Type: application/xml\r\nDate: {DateTimeOffset.UtcNow:R}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
        await using IPackageStore store = PackageStores.Open(Location("bucket", proxy.Port));
        StorageException e = await Should.ThrowAsync<StorageException>(() => store.GetAsync("key", Cancel));
        e.Message.ShouldContain(says);
        e.Message.ShouldNotContain('\n');
    }

    [Fact]
    public async Task A_clock_that_is_off_is_corrected_by_the_server_s()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/faketime"), "faketime is not installed; .ci/run installs it.");
        string bucket = await PlaceAsync();
        await using IPackageStore store = PackageStores.Open(Location(bucket, ServerPort));
        await PutAsync(store, "key", "there");
        // A process of its own, whose clock is an hour late, against the real server.
        await using ProgramRun run = await ProgramRun.CompleteAsync(
            "/usr/bin/faketime", ["-f", "-1h", Child.Program, "child", "size", Location(bucket, ServerPort), "key"], new Dictionary<string, string?> { ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1" });
        run.Output.Trim().ShouldBe("5", run.Error);
    }

    [Fact]
    public async Task A_used_up_quota_is_Full()
    {
        string bucket = await PlaceAsync();
        await using IPackageStore store = PackageStores.Open(Location(bucket, ServerPort));
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

    /// <summary>Where requests go and who signs them, as a presigned URL tells it without a server: rows of options, of variables, and of what the URL begins with and holds.</summary>
    public static TheoryData<string, string, string, string> Defaults => new()
    {
        { "", "", "https://bucket.s3.us-east-1.amazonaws.com/key?", "=AKIADEFAULT%2F|%2Fus-east-1%2Fs3" },
        { "", "AWS_REGION=eu-north-1", "https://bucket.s3.eu-north-1.amazonaws.com/key?", "=AKIADEFAULT%2F|%2Feu-north-1%2Fs3" },
        { "region=sa-east-1", "AWS_REGION=eu-north-1", "https://bucket.s3.sa-east-1.amazonaws.com/key?", "%2Fsa-east-1%2Fs3" },
        { "profile=other", "", "https://bucket.s3.eu-west-3.amazonaws.com/key?", "=AKIAOTHER%2F|%2Feu-west-3%2Fs3" },
        { "profile=other", "AWS_REGION=eu-north-1", "https://bucket.s3.eu-north-1.amazonaws.com/key?", "=AKIAOTHER%2F|%2Feu-north-1%2Fs3" },
        { "profile=other&region=sa-east-1", "", "https://bucket.s3.sa-east-1.amazonaws.com/key?", "=AKIAOTHER%2F|%2Fsa-east-1%2Fs3" },
        { "profile=other&endpoint_url=http://127.0.0.1:9", "", "http://127.0.0.1:9/bucket/key?", "=AKIAOTHER%2F|%2Feu-west-3%2Fs3" },
        { "", "AWS_PROFILE=other", "https://bucket.s3.eu-west-3.amazonaws.com/key?", "=AKIAOTHER%2F|%2Feu-west-3%2Fs3" },
        { "", "AWS_ACCESS_KEY_ID=AKIAENVIRONMENT;AWS_SECRET_ACCESS_KEY=s", "https://bucket.s3.us-east-1.amazonaws.com/key?", "=AKIAENVIRONMENT%2F" },
        { "", "AWS_ENDPOINT_URL_S3=http://127.0.0.1:9", "http://127.0.0.1:9/bucket/key?", "=AKIADEFAULT%2F|%2Fus-east-1%2Fs3" },
        { "", "AWS_ENDPOINT_URL_S3=http://s3.example:9", "http://s3.example:9/bucket/key?", "" },
        { "addressing_style=virtual", "AWS_ENDPOINT_URL_S3=http://s3.example:9", "http://bucket.s3.example:9/key?", "" },
        { "endpoint_url=http://127.0.0.1:8", "AWS_ENDPOINT_URL_S3=http://127.0.0.1:9", "http://127.0.0.1:8/bucket/key?", "" },
    };

    [Theory]
    [MemberData(nameof(Defaults))]
    public async Task Region_address_and_credentials_come_from_the_options_the_environment_and_the_profile(string options, string variables, string begins, string holds)
    {
        await using ProgramRun run = await RunAsync(variables, "presign", $"s3://bucket?{options}", "key");
        run.Output.ShouldStartWith(begins, customMessage: run.Error);
        foreach (string part in holds.Split('|'))
            run.Output.ShouldContain(part);
    }

    [Theory]
    [InlineData("", "AWS_ACCESS_KEY_ID={0};AWS_SECRET_ACCESS_KEY={1}")]
    [InlineData("?profile=real", "")]
    [InlineData("", "AWS_PROFILE=real")]
    public async Task The_credential_chain_signs_in_at_the_server_that_the_environment_names(string options, string variables)
    {
        string bucket = await PlaceAsync();
        await using (IPackageStore store = PackageStores.Open(Location(bucket, ServerPort)))
            await PutAsync(store, "key", "there");
        await using ProgramRun run = await RunAsync(string.Format(null, variables, _server.Key, _server.Secret) + $";AWS_ENDPOINT_URL_S3={_server.Endpoint}", "size", $"s3://{bucket}{options}", "key");
        run.Output.Trim().ShouldBe("5", run.Error);
    }

    // A process of its own, with AWS configuration files and variables of its own.
    private async Task<ProgramRun> RunAsync(string variables, params string[] arguments)
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp["credentials"], $"""
            [default]
            aws_access_key_id=AKIADEFAULT
            aws_secret_access_key=s
            [other]
            aws_access_key_id=AKIAOTHER
            aws_secret_access_key=s
            [real]
            aws_access_key_id={_server.Key}
            aws_secret_access_key={_server.Secret}

            """);
        File.WriteAllText(temp["config"], "[profile other]\nregion=eu-west-3\n");
        var environment = new Dictionary<string, string?>
        {
            ["AWS_SHARED_CREDENTIALS_FILE"] = temp["credentials"], ["AWS_CONFIG_FILE"] = temp["config"], ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["AWS_REGION"] = null, ["AWS_DEFAULT_REGION"] = null, ["AWS_PROFILE"] = null, ["AWS_ACCESS_KEY_ID"] = null, ["AWS_SECRET_ACCESS_KEY"] = null, ["AWS_SESSION_TOKEN"] = null,
            ["AWS_ENDPOINT_URL_S3"] = null, ["AWS_ENDPOINT_URL"] = null,
        };
        foreach (string variable in variables.Split(';', StringSplitOptions.RemoveEmptyEntries))
            environment[variable.Split('=', 2)[0]] = variable.Split('=', 2)[1];
        return await ProgramRun.CompleteAsync(Child.Program, ["child", .. arguments], environment);
    }

    [Theory]
    [InlineData(1, "^PUT ")]
    [InlineData(9_000_000, "^POST [^ ]*[?]uploads")]
    public async Task The_options_of_new_objects_go_with_what_makes_them_small_or_in_parts(int size, string request)
    {
        string bucket = await PlaceAsync();
        var heads = new ConcurrentQueue<string>();
        await using var proxy = new FaultProxy(ServerPort, _ => null)
        {
            CutAnswerTo = head =>
            {
                heads.Enqueue(head.ToLowerInvariant());
                return false;
            },
        };
        await using IPackageStore store = PackageStores.Open(
            Location(bucket, proxy.Port) + "&server_side_encryption=aws:kms&sse_kms_key_id=key-1&storage_class=STANDARD_IA&acl=bucket-owner-full-control&checksums=when_supported");
        // The gateway has no keys to encrypt with, and may say so: what it was asked is what counts here.
        Exception? refused = await Record.ExceptionAsync(() => store.PutAsync("key", new MemoryStream(new byte[size]), Cancel));
        (refused is null or StorageException).ShouldBeTrue(refused?.ToString());

        string made = heads.First(head => Regex.IsMatch(head, request, RegexOptions.IgnoreCase));
        foreach (string header in (string[])["x-amz-server-side-encryption: aws:kms", "x-amz-server-side-encryption-aws-kms-key-id: key-1", "x-amz-storage-class: standard_ia", "x-amz-acl: bucket-owner-full-control"])
            made.ShouldContain(header);
        // Of an upload in parts, the parts have them.
        if (size == 1)
            made.ShouldContain("x-amz-sdk-checksum-algorithm");
    }

    [Fact]
    public async Task Storage_class_and_acl_of_the_URI_are_sent()
    {
        string bucket = await PlaceAsync();
        await using IPackageStore store = PackageStores.Open(Location(bucket, ServerPort) + "&acl=public-read&storage_class=STANDARD");
        await PutAsync(store, "key", "x");
        using var http = new HttpClient();
        (await http.GetStringAsync($"{_server.Endpoint}/{bucket}/key", Cancel)).ShouldBe("x");
    }
}
