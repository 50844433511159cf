using System.Net;
using System.Text.Json;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Trust;
using Sluice.Testing;
using Sluice.Testing.Containers;

namespace Sluice.Deploy.Tests.Versions;

/// <summary>What a version runs is looked for before a rollback changes anything: an image in a real registry, a commit behind git's own HTTP server, a signature.</summary>
public sealed class RolledBackProgramTests : IDisposable
{
    private const string Daily = "Weather report/daily";
    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task An_image_that_is_gone_is_refused_and_one_that_cannot_be_asked_for_is_a_warning()
    {
        Assert.SkipUnless(ContainerRegistry.IsInstalled, ContainerRegistry.Missing);
        const string canary = "word-with-CANARY-4712";
        await using ContainerRegistry registry = await ContainerRegistry.StartAsync(canary);
        string name = (await BaseImage.PushTinyAsync(registry))[..^2];
        using HttpClient client = registry.Client();
        string repository = name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..], digest = await DigestAsync(client, $"/v2/{repository}/manifests/1");
        await PublishAfterAsync($"docker://{name}:1", null, $"{name}@{digest}");
        try
        {
            // Nobody is asked for credentials here but docker login's file.
            Environment.SetEnvironmentVariable("DOCKER_CONFIG", _bench.Temp["no-docker"]);
            DeployResult unknown = await RollBackAsync(planOnly: true);
            DeployError warning = unknown.Diagnostics.ShouldHaveSingleItem();
            (warning.Code, warning.IsWarning).ShouldBe((DeployCodes.VersionProgramUnknown, true));
            warning.Message.ShouldStartWith($"Whether the image of version 1 of {Daily} is still there could not be asked: Cannot read {registry.Host}/{repository}: the registry wants credentials (401). Run docker login");

            Environment.SetEnvironmentVariable("DOCKER_CONFIG", registry.DockerConfig);
            (await RollBackAsync(planOnly: true)).Diagnostics.ShouldBeEmpty();

            (await client.DeleteAsync(new Uri($"/v2/{repository}/manifests/{digest}", UriKind.Relative), Cancel)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
            Deployment before = (await _bench.LiveAsync("daily"))!;
            DeployError gone = (await RollBackAsync()).Diagnostics.ShouldHaveSingleItem();
            gone.Code.ShouldBe(DeployCodes.VersionPackageGone);
            gone.Message.ShouldBe($"The image of version 1 of {Daily} is gone: The registry does not have {name}@{digest} any more. Choose another version (sluice deployment versions \"{Daily}\").");
            (await _bench.LiveAsync("daily"))!.Updated.ShouldBe(before.Updated);
            foreach (DeployError one in unknown.Diagnostics.Append(gone))
                one.Message.ShouldNotContain("CANARY");
        }
        finally
        {
            Environment.SetEnvironmentVariable("DOCKER_CONFIG", null);
        }
    }

    /// <summary>A record alone names who answers: it fills no memory, and who hides what one may not see has not lost it.</summary>
    [Theory]
    [InlineData(404, 0, "gone, or hidden")]
    [InlineData(200, 17, "more than 16 MB")]
    public async Task A_registry_that_hides_an_image_or_answers_without_end_is_a_warning(int status, int megabytes, string words)
    {
        int port = FreePort.Take(1)[0], asked = 0;
        using var server = new HttpListener { Prefixes = { $"http://localhost:{port}/" } };
        server.Start();
        Task serving = Task.Run(async () =>
        {
            while (server.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await server.GetContextAsync();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
                asked += context.Request.Url!.AbsolutePath.Contains("/manifests/", StringComparison.Ordinal) ? 1 : 0;
                context.Response.StatusCode = status;
                try
                {
                    for (int i = 0; i < megabytes; i++)
                        await context.Response.OutputStream.WriteAsync(new byte[1 << 20], Cancel);
                    context.Response.Close();
                }
                catch (Exception e) when (e is HttpListenerException or IOException)
                {
                    // Who asked has hung up.
                    context.Response.Abort();
                }
            }
        }, Cancel);
        await PublishAfterAsync($"docker://localhost:{port}/x:1", null, $"localhost:{port}/x@sha256:{new string('a', 64)}");
        DeployError warning = (await RollBackAsync(planOnly: true)).Diagnostics.ShouldHaveSingleItem();
        (warning.Code, warning.IsWarning).ShouldBe((DeployCodes.VersionProgramUnknown, true));
        warning.Message.ShouldContain(words);
        asked.ShouldBe(1);
        server.Stop();
        await serving.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
    }

    [Fact]
    public async Task An_image_of_another_machines_engine_comes_back_with_a_warning()
    {
        await PublishAfterAsync("docker:///greet:one", null, "greet:one");
        DeployResult result = await RollBackAsync();
        // An engine is on the machine that made it.
        result.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DeployCodes.VersionProgramUnknown);
        Deployment live = (await _bench.LiveAsync("daily"))!;
        (live.Path, live.JobVariables["image"].GetString()).ShouldBe(("docker:///greet:one", "greet:one"));
    }

    [Theory]
    [InlineData("there", null)]
    [InlineData("gone", "SLC1104")]
    [InlineData("no server", "SLC1135")]
    [InlineData("secret", "SLC1135")]
    public async Task A_commit_is_asked_for_where_it_was(string what, string? code)
    {
        Assert.SkipUnless(GitServer.IsInstalled, GitServer.Missing);
        GitRepository repository = await GitRepository.CreateAsync(_bench.Temp["work"]);
        string commit = await repository.CommitAsync("one", ("flow.cs", "flow"));
        await using GitServer server = await GitServer.StartAsync();
        server.Show(await repository.PublishAsync(_bench.Temp["bare.git"]), "acme/flows.git");
        int port = what == "no server" ? FreePort.Take(1)[0] : server.Port;
        string source = $"git+http://127.0.0.1:{port}/acme/flows.git?path=flow.cs{(what == "secret" ? "&username=a&access_token=$%7BCANARY_TOKEN%7D" : "")}";
        string reference = $"{source}#commit={(what == "gone" ? new string('a', 40) : commit)}";
        await PublishAfterAsync(source, reference, null);

        DeployResult result = await RollBackAsync();

        result.Diagnostics.Select(one => one.Code).ShouldBe(code is null ? [] : [code], string.Join('\n', result.Diagnostics));
        if (what == "gone")
            result.Diagnostics[0].Message.ShouldStartWith($"The commit of version 1 of {Daily} is gone: ");
        else
            (await _bench.LiveAsync("daily"))!.JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString().ShouldBe(reference);
        // What the record alone names gets no secret of this machine.
        if (what == "secret")
            (server.Requests.IsEmpty, result.Diagnostics[0].Message.Contains("CANARY", StringComparison.Ordinal)).ShouldBe((true, false));
    }

    [Fact]
    public async Task A_package_without_a_signature_comes_back_with_a_warning_where_the_present_one_has_one()
    {
        using var key = SigningKey.Create();
        DeployRequest signing = _bench.Request with { SigningKeyFile = _bench.Temp.Write("release.key", key.ToPem()) };
        await _bench.DeployAsync();
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        await _bench.DeployAsync(signing);
        _bench.Time.Advance(TimeSpan.FromMinutes(1));

        DeployError warning = (await RollBackAsync()).Diagnostics.ShouldHaveSingleItem();
        (warning.Code, warning.IsWarning).ShouldBe((DeployCodes.VersionNotSigned, true));
        warning.Message.ShouldStartWith($"The package of version 1 of {Daily} is not signed, and the present one is");
        // To the signed one again, and from there to it: nothing is to be said.
        (await RollBackAsync()).Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_package_that_a_record_alone_names_gets_no_secret_of_this_machine()
    {
        await using var elsewhere = new FaultProxy(FreePort.Take(1)[0], _ => null);
        string place = $"s3://evil/flow/2026?endpoint_url=http://127.0.0.1:{elsewhere.Port}&region=$%7BHOME%7D", package = $"{place}#sha256={new string('a', 64)}";
        await PublishAfterAsync(place, package, null);

        DeployError warning = (await RollBackAsync(planOnly: true)).Diagnostics.ShouldHaveSingleItem();
        (warning.Code, warning.IsWarning).ShouldBe((DeployCodes.VersionProgramUnknown, true));
        warning.Message.ShouldBe($"Whether the package of version 1 of {Daily} is still there was not asked: A record says that its package lies in s3://evil/flow/2026, whose options may take secrets of this machine there, and nobody here names that store: where it is yours, set SLUICE_RECORDS to its whole URI.");
        await using var records = new VersionRecords(StorageSources.Environment);
        AppliedVersion now = await records.ReadAsync(VersionPointer.Of((await _bench.LiveAsync("daily"))!.JobVariables)!, Daily, Cancel);
        (await VersionComparison.OfAsync(now with { Package = package }, now, StorageSources.Environment, null, Cancel)).FilesUnknown.ShouldNotBeNull().ShouldContain("nobody here names that store");
        elsewhere.Connections.ShouldBe(0);
    }

    // Version 1 is made to name another program, as if it had been published so; version 2 is a package.
    private async Task PublishAfterAsync(string path, string? package, string? image)
    {
        await _bench.DeployAsync();
        await using (var records = new VersionRecords(StorageSources.Environment))
        await using (IOrchestrationApi api = await _bench.OpenAsync())
        {
            Deployment live = (await api.FindDeploymentAsync("Weather report", "daily", Cancel))!;
            AppliedVersions document = await records.ReadAsync(VersionPointer.Of(live.JobVariables)!, Cancel);
            AppliedVersion version = document.Deployments.Single(one => one.Name == "daily");
            var variables = new Dictionary<string, JsonElement>(version.Declared.JobVariables!);
            Dictionary<string, JsonElement> env = variables["env"].EnumerateObject().Where(one => one.Name != "SLUICE_PACKAGE").ToDictionary(one => one.Name, one => one.Value);
            if (package is not null)
                env["SLUICE_PACKAGE"] = JsonSerializer.SerializeToElement(package);
            variables["env"] = JsonSerializer.SerializeToElement(env);
            if (image is not null)
                variables["image"] = JsonSerializer.SerializeToElement(image);
            AppliedVersion other = version with { Package = package, Declared = version.Declared with { Path = path, JobVariables = variables } };
            (Uri location, string digest) = await records.WriteAsync(StoreUri.OfFolder(_bench.Home.Storage), document with { Deployments = [other] }, Cancel);
            await api.UpdateDeploymentAsync(live.Id, new() { JobVariables = new VersionPointer(1, location, digest).In(new() { Name = "daily", FlowId = default, JobVariables = live.JobVariables }).JobVariables }, Cancel);
        }
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        _bench.ChangeFlow(flow => flow["deployments"]![0]!["parameters"]!["city"] = "Oslo");
        await _bench.DeployAsync();
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        DeploymentDesign.LivePackage(await _bench.LiveAsync("daily")).ShouldNotBeNull();
    }

    private async Task<DeployResult> RollBackAsync(bool planOnly = false)
    {
        DeployResult result = await new RollbackRunner(_bench.Environment()).RunAsync(new() { Deployments = [Daily], PlanOnly = planOnly }, Cancel);
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        return result;
    }

    private static async Task<string> DigestAsync(HttpClient client, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri(path, UriKind.Relative));
        request.Headers.Accept.ParseAdd("application/vnd.oci.image.manifest.v1+json");
        using HttpResponseMessage response = await client.SendAsync(request, Cancel);
        return response.Headers.GetValues("Docker-Content-Digest").Single();
    }
}
