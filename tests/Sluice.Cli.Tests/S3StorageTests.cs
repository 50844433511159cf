using System.Text;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using Sluice.Storage.Tests.Servers;
using Sluice.Testing.Prefect;

namespace Sluice.Cli.Tests;

/// <summary>Packages in a real S3 server whose credentials the orchestration server keeps: neither publisher nor worker has any of its own.</summary>
[Collection("S3")]
public sealed class S3StorageTests : IDisposable
{
    private readonly RadosGateway _s3;
    private readonly SluiceProgram _sluice = new();

    public S3StorageTests(RadosGateway s3)
    {
        Assert.SkipUnless(RadosGateway.IsInstalled, RadosGateway.Missing);
        _s3 = s3;
        foreach (string variable in new[] { "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE" })
            _sluice.With(variable, null);
    }

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task Changed_credentials_of_a_named_block_hold_at_the_next_pull_without_another_publish()
    {
        string bucket = await BucketAsync();
        _sluice.With("TEST_KEY", _s3.Key).With("TEST_SECRET", _s3.Secret).With("TEST_WRONG", "wrong/canary-41d0");
        (await _sluice.RunAsync("block", "create", "s3/dev-bucket", $"bucket_path={bucket}", $"endpoint_url={_s3.Endpoint}", "aws_access_key_id=@env:TEST_KEY", "aws_secret_access_key=@env:TEST_SECRET")).Succeeded();

        (await DeployAsync("s3/dev-bucket/flows")).Succeeded().Output.ShouldContain("block://s3/dev-bucket/flows/");
        using (AmazonS3Client client = _s3.Client())
            (await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, Prefix = "flows/blobs/" }, TestContext.Current.CancellationToken)).S3Objects.ShouldNotBeEmpty();
        (await DeployAsync("s3/dev-bucket/flows")).Succeeded().Output.ShouldContain("0 uploaded");
        (await RunAsync()).Succeeded();

        (await _sluice.RunAsync("block", "update", "s3/dev-bucket", "aws_secret_access_key=@env:TEST_WRONG")).Succeeded();
        SluiceProgram.Outcome refused = await RunAsync();
        refused.ExitCode.ShouldBe(1);
        refused.Output.ShouldContain("its package could not be pulled");
        refused.ToString().ShouldNotContain("canary");
        (await DeployAsync("s3/dev-bucket/flows")).ExitCode.ShouldBe(1);

        (await _sluice.RunAsync("block", "update", "s3/dev-bucket", "aws_secret_access_key=@env:TEST_SECRET")).Succeeded();
        (await RunAsync()).Succeeded();
        NoSecretIsStored();
    }

    [Fact]
    public async Task Templates_of_a_storage_URI_are_resolved_by_the_servers_secrets_on_both_sides()
    {
        string bucket = await BucketAsync();
        _sluice.With("TEST_KEY", _s3.Key).With("TEST_SECRET", _s3.Secret);
        string location = $"s3://{bucket}/flows?endpoint_url={_s3.Endpoint}&aws_access_key_id=${{S3_KEY}}&aws_secret_access_key=${{S3_SECRET}}";
        (await DeployAsync(location)).ShouldSatisfyAllConditions(
            deploy => deploy.ExitCode.ShouldBe(1),
            deploy => deploy.Error.ShouldContain("needs S3_KEY, which is neither an environment variable nor a secret of the server: set it where this runs, or store it with 'sluice block create secret/s3-key'"));

        (await _sluice.RunAsync("block", "create", "secret/s3-key", "value=@env:TEST_KEY")).Succeeded();
        (await _sluice.RunAsync("block", "create", "secret/s3-secret", "value=@env:TEST_SECRET")).Succeeded();
        (await DeployAsync(location)).Succeeded();
        JsonElement deployment = (await _sluice.RunAsync("deployment", "inspect", "Greet/by-hand", "--output", "json")).Succeeded().Json;
        Uri.UnescapeDataString(deployment.GetProperty("job_variables").GetProperty("env").Text("SLUICE_PACKAGE")!).ShouldContain("${S3_SECRET}");
        (await RunAsync()).Succeeded();
        NoSecretIsStored();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Another_machine_that_reaches_server_and_store_lists_compares_and_rolls_back(int generation)
    {
        await using PrefectServer server = generation == 2 ? await Prefect2Server.StartAsync() : await Prefect3Server.StartAsync();
        string bucket = await BucketAsync(), location = $"s3://{bucket}/flows?endpoint_url={_s3.Endpoint}&aws_access_key_id=${{S3_KEY}}&aws_secret_access_key=${{S3_SECRET}}";
        using var other = new SluiceProgram();
        foreach (SluiceProgram machine in (SluiceProgram[])[_sluice, other])
            machine.With("S3_KEY", _s3.Key).With("S3_SECRET", _s3.Secret).With("PREFECT_API_URL", server.Url.ToString());
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--storage", location, "--deployment-version", "one")).Succeeded();
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--storage", location, "--deployment-version", "two")).Succeeded();

        // The pointer is the server's word: credentials of this machine go only to a store that somebody here names.
        (await other.RunAsync("deployment", "versions", "Greet/by-hand")).FailedWith(1).ShouldContain("set SLUICE_RECORDS to its whole URI");
        other.With("SLUICE_RECORDS", location);
        JsonElement[] versions = [.. (await other.RunAsync("deployment", "versions", "Greet/by-hand", "--output", "json")).Succeeded().Json.EnumerateArray()];
        versions.Select(one => one.Text("version")).ShouldBe(["two", "one"]);
        (await other.RunAsync("deployment", "diff", "Greet/by-hand", "1")).Succeeded().Output.ShouldContain("~ version: \"one\" → \"two\"");
        (await other.RunAsync("deployment", "rollback", "Greet/by-hand")).Succeeded();
        (await _sluice.RunAsync("deployment", "inspect", "Greet/by-hand", "--output", "json")).Succeeded().Json.Text("version").ShouldBe("one");

        using AmazonS3Client client = _s3.Client();
        List<S3Object> records = (await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, Prefix = "flows/versions/" }, TestContext.Current.CancellationToken)).S3Objects;
        records.Count.ShouldBe(3);
        foreach (S3Object record in records)
        {
            using GetObjectResponse answer = await client.GetObjectAsync(bucket, record.Key, TestContext.Current.CancellationToken);
            using var reader = new StreamReader(answer.ResponseStream);
            string text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
            text.ShouldNotContain(_s3.Secret);
            // Somebody changes what is stored.
            await client.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = record.Key, ContentBody = text.Replace("\"one\"", "\"bad\"", StringComparison.Ordinal) + " " }, TestContext.Current.CancellationToken);
        }
        SluiceProgram.Outcome refused = await other.RunAsync("deployment", "rollback", "Greet/by-hand", "--to", "1");
        refused.ExitCode.ShouldBe(1);
        refused.Error.ShouldContain("SLC1103");
        refused.Error.ShouldNotContain(_s3.Secret);
        (await other.RunAsync("deployment", "versions", "Greet/by-hand")).Succeeded().Output.ShouldContain("is not what was stored");
        Directory.Exists(other.Home.Storage).ShouldBeFalse();
    }

    private async Task<string> BucketAsync()
    {
        string bucket = $"test-{Guid.NewGuid():N}";
        using AmazonS3Client client = _s3.Client();
        await client.PutBucketAsync(bucket, TestContext.Current.CancellationToken);
        return bucket;
    }

    private Task<SluiceProgram.Outcome> DeployAsync(string storage) => _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--storage", storage);

    /// <summary>A run that has to pull its package.</summary>
    private Task<SluiceProgram.Outcome> RunAsync()
    {
        if (Directory.Exists(_sluice.Home.Cache))
            Directory.Delete(_sluice.Home.Cache, recursive: true);
        return _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--watch");
    }

    private void NoSecretIsStored()
    {
        foreach (string file in Directory.EnumerateFiles(_sluice.Home.Root, "*", SearchOption.AllDirectories))
            File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(_s3.Secret)).ShouldBe(-1, file);
    }
}
