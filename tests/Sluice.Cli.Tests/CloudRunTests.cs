using System.Net;
using System.Text.Json;
using Amazon.S3;
using Sluice.Storage;
using Sluice.Storage.Tests.Servers;
using Sluice.Testing;

namespace Sluice.Cli.Tests;

/// <summary>Packages in S3, Azure and Google Cloud Storage: their results beside them, and runs that get URLs in place of credentials.</summary>
public abstract class CloudRunTests : IDisposable
{
    // As in a container, whose image has neither the worker's home nor its cache.
    private readonly string _childHome;

    protected CloudRunTests() => _childHome = Sluice.Folder["child home"];

    private protected SluiceProgram Sluice { get; } = new();

    /// <summary>The store's URI; what signs in to it is in the program's environment.</summary>
    protected abstract Task<string> StorageAsync();

    /// <summary>Variables that sign in, which a run must not see.</summary>
    protected abstract string[] Credentials { get; }

    public void Dispose() => Sluice.Dispose();

    [Fact]
    public async Task A_result_goes_beside_its_package_through_the_worker_and_is_read_back()
    {
        string storage = await DeployAsync();

        SluiceProgram.Outcome watch = (await Sluice.RunAsync("deployment", "run", "Fill/by-hand", "--param", "size=3000000", "--watch", "--flow-run-name", "first")).Succeeded();

        await CheckAsync("first", storage, 3_000_000);
        foreach (string name in Credentials)
            watch.ToString().ShouldNotContain(Sluice.Variable(name)!);
    }

    [Fact]
    public async Task Flow_run_execute_presigns_the_place_of_the_result()
    {
        string storage = await DeployAsync();
        await using ProgramRun server = await ServeAsync();
        (Guid id, string package) = await MakeRunAsync("Fill/by-hand", 70_000);

        await using ProgramRun execute = Sluice.With("PREFECT__FLOW_RUN_ID", id.ToString()).With("SLUICE_PACKAGE", package).Start("flow-run", "execute");
        (await execute.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, execute.Output + execute.Error);

        await CheckAsync(id.ToString(), storage, 70_000);
    }

    [Fact]
    public async Task A_run_without_any_credentials_pulls_and_keeps_its_result_by_presigned_URLs()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The run's command is a shell script here.");
            return;
        }
        string storage = await DeployAsync();
        await using ProgramRun server = await ServeAsync();
        // What a container would be: another home, and all it knows is in its environment.
        string seen = Sluice.Folder["seen"];
        string bin = Directory.CreateDirectory(Sluice.Folder["bin"]).FullName;
        await File.WriteAllTextAsync(Path.Combine(bin, "sluice"), $"#!/bin/sh\nenv > '{seen}'\nexport SLUICE_HOME='{_childHome}'\nexec '{SluiceProgram.Path}' \"$@\"\n");
        File.SetUnixFileMode(Path.Combine(bin, "sluice"), (UnixFileMode)0b111_101_101);
        Sluice.With("PATH", $"{bin}:{Environment.GetEnvironmentVariable("PATH")}");
        await using ProgramRun worker = Sluice.Start("worker", "start", "--presign", "--name", "tester");
        await worker.WaitForLineAsync(line => line.StartsWith("Worker 'tester' serves", StringComparison.Ordinal), SluiceProgram.Bound);

        (await Sluice.RunAsync("deployment", "run", "Fill/by-hand", "--param", "size=70000", "--watch", "--flow-run-name", "bare")).Succeeded();

        await CheckAsync("bare", storage, 70_000);
        string environment = await File.ReadAllTextAsync(seen);
        environment.ShouldContain("SLUICE_PULL_LIST=http");
        environment.ShouldContain("SLUICE_RESULT_KEY=");
        foreach (string name in Credentials)
        {
            environment.ShouldNotContain($"\n{name}=");
            environment.ShouldNotContain(Sluice.Variable(name)!);
        }
        Directory.Exists(Path.Combine(_childHome, "cache", "packages")).ShouldBeTrue("the run pulled the package itself");
        Directory.Exists(Path.Combine(Sluice.Home.Cache, "packages")).ShouldBeFalse("its worker did not");
        worker.Process.Send(Signal.Terminate);
        (await worker.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, worker.Output + worker.Error);
        (await KeysAsync(storage, "pulls/")).ShouldBeEmpty("the list goes with the run");
    }

    [Fact]
    public async Task A_server_reads_results_of_the_stores_that_it_is_told_for_those_who_have_no_credentials()
    {
        string storage = await DeployAsync();
        Sluice.With("SLUICE_RESULTS", $"s3://another-bucket/flows {storage}");
        using var http = new HttpClient();
        string result;
        await using (ProgramRun server = await ServeAsync())
        {
            Guid id = (await Sluice.RunAsync("deployment", "run", "Fill/by-hand", "--param", "size=70000", "--watch", "--output", "json")).Succeeded().Json.GetProperty("id").GetGuid();
            result = $"/sluice/results/{id}";
            (await http.GetStringAsync(Place(), TestContext.Current.CancellationToken)).ShouldBe($"\"{new string('x', 70_000)}\"");
            server.Process.Send(Signal.Terminate);
            (await server.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, server.Output + server.Error);
        }

        Sluice.With("SLUICE_RESULTS", "s3://another-bucket/flows");
        await using ProgramRun stranger = await ServeAsync();
        (await http.GetAsync(Place(), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        Uri Place() => new(Sluice.Variable("PREFECT_API_URL") + result);
    }

    private async Task<string> DeployAsync()
    {
        string storage = await StorageAsync();
        (await Sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--storage", storage)).Succeeded();
        return storage;
    }

    private async Task<ProgramRun> ServeAsync()
    {
        ProgramRun server = Sluice.Start("server", "start", "--port", "0");
        string line = await server.WaitForLineAsync(text => text.StartsWith("Server: ", StringComparison.Ordinal), SluiceProgram.Bound);
        Sluice.With("PREFECT_API_URL", line["Server: ".Length..].Trim());
        return server;
    }

    private async Task<(Guid Id, string Package)> MakeRunAsync(string deployment, int size)
    {
        JsonElement run = (await Sluice.RunAsync("deployment", "run", deployment, "--param", $"size={size}", "--output", "json")).Succeeded().Json;
        string package = (await Sluice.RunAsync("deployment", "inspect", deployment, "--output", "json")).Json.GetProperty("job_variables").GetProperty("env").Text("SLUICE_PACKAGE")!;
        return (run.GetProperty("id").GetGuid(), package);
    }

    private async Task CheckAsync(string run, string storage, int size)
    {
        JsonElement read = (await Sluice.RunAsync("flow-run", "inspect", run, "--output", "json")).Succeeded().Json;
        JsonElement data = read.GetProperty("state").GetProperty("data");
        data.Text("type").ShouldBe("reference");
        string key = data.Text("storage_key")!;
        string[] place = storage.Split('?');
        Uri.UnescapeDataString(key).ShouldStartWith($"{place[0]}/results/paces/{read.Text("id")}-");
        (place.Length == 1 ? "" : "?" + place[1]).ShouldBe(Uri.UnescapeDataString(new Uri(key).Query));
        foreach (string name in Credentials)
            key.ShouldNotContain(Sluice.Variable(name)!);
        (await KeysAsync(storage, "results/")).ShouldHaveSingleItem();
        (await Sluice.RunAsync("flow-run", "inspect", run, "--result", "--output", "json")).Succeeded().Output.ShouldBe($"\"{new string('x', size)}\"\n");
    }

    private async Task<string[]> KeysAsync(string storage, string prefix)
    {
        await using IPackageStore store = PackageStores.Open(storage, new(new Variables(Sluice), StorageSources.Environment.Blocks));
        return [.. await store.ListAsync(prefix, TestContext.Current.CancellationToken).ToListAsync()];
    }

    /// <summary>The secrets of the program's environment.</summary>
    private sealed class Variables(SluiceProgram sluice) : global::Sluice.Storage.Secrets.ISecretSource
    {
        public ValueTask<string?> FindAsync(string name, CancellationToken cancellationToken) => new(sluice.Variable(name));
    }
}

/// <summary>One real S3 server for all tests that need it.</summary>
[CollectionDefinition("S3")]
public sealed class S3Collection : ICollectionFixture<RadosGateway>;

/// <summary>With a real S3 server.</summary>
[Collection("S3")]
public sealed class S3RunTests : CloudRunTests
{
    private readonly RadosGateway _server;

    public S3RunTests(RadosGateway server)
    {
        Assert.SkipUnless(RadosGateway.IsInstalled, RadosGateway.Missing);
        _server = server;
        Sluice.With("AWS_ACCESS_KEY_ID", server.Key).With("AWS_SECRET_ACCESS_KEY", server.Secret).With("STORE_SECRET", server.Secret).With("STORE_KEY", server.Key);
    }

    protected override string[] Credentials => ["AWS_SECRET_ACCESS_KEY", "STORE_SECRET"];

    protected override async Task<string> StorageAsync()
    {
        string bucket = $"test-{Guid.NewGuid():N}";
        using AmazonS3Client client = _server.Client();
        await client.PutBucketAsync(bucket, TestContext.Current.CancellationToken);
        return $"s3://{bucket}/flows?endpoint_url={_server.Endpoint}&aws_access_key_id=${{STORE_KEY}}&aws_secret_access_key=${{STORE_SECRET}}";
    }
}

/// <summary>With Azure's emulator, which checks signatures.</summary>
public sealed class AzureRunTests : CloudRunTests, IClassFixture<Azurite>
{
    private readonly Azurite _server;

    public AzureRunTests(Azurite server)
    {
        Assert.SkipUnless(Azurite.IsInstalled, Azurite.Missing);
        _server = server;
        Sluice.With("AZURE_STORAGE_CONNECTION_STRING", server.ConnectionString);
    }

    protected override string[] Credentials => ["AZURE_STORAGE_CONNECTION_STRING"];

    protected override async Task<string> StorageAsync()
    {
        string container = $"test-{Guid.NewGuid():N}";
        await _server.CreateContainerAsync(container);
        return $"az://{container}/flows?azure_storage_connection_string=${{AZURE_STORAGE_CONNECTION_STRING}}";
    }
}

/// <summary>With our own server of Google's API, which checks signatures.</summary>
public sealed class GoogleRunTests : CloudRunTests, IClassFixture<GoogleStorage>
{
    private readonly GoogleStorage _server;

    public GoogleRunTests(GoogleStorage server)
    {
        _server = server;
        Sluice.With("GOOGLE_TEST_ACCOUNT", server.KeyOf(GoogleStorage.Owner));
    }

    protected override string[] Credentials => ["GOOGLE_TEST_ACCOUNT"];

    protected override Task<string> StorageAsync()
    {
        string bucket = $"test-{Guid.NewGuid():N}";
        _server.CreateBucket(bucket);
        return Task.FromResult($"gs://{bucket}/flows?endpoint_url=http://127.0.0.1:{_server.Port}&service_account_info=${{GOOGLE_TEST_ACCOUNT}}");
    }
}
