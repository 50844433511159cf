using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Blocks;
using Sluice.Storage.Secrets;

namespace Sluice.Deploy.Tests;

public sealed class NamedStorageTests : IDisposable
{
    private readonly DeployBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task An_attribute_names_a_block_for_one_deployment_and_the_others_keep_theirs()
    {
        _bench.Sources = new(EnvironmentSecrets.Only, new Folder(_bench.Temp["named"]));
        _bench.ChangeFlow(flow => flow["deployments"]![0]!["storage"] = "local-file-system/dev/flows");
        await _bench.DeployAsync();

        Deployment daily = (await _bench.LiveAsync("daily")).ShouldNotBeNull(), manual = (await _bench.LiveAsync("manual")).ShouldNotBeNull();
        PackageOf(daily).ShouldStartWith("block://local-file-system/dev/flows/weather-report/");
        daily.Path.ShouldNotBeNull().ShouldStartWith("block://local-file-system/dev/flows/weather-report/");
        PackageOf(manual).ShouldStartWith("file://");
        (await _bench.PullAsync(daily)).Manifest.Files.Select(file => file.Path).ShouldBe(["Weather.dll", "data/cities.csv"]);
        Directory.Exists(Path.Combine(_bench.Temp["named"], "flows", "blobs")).ShouldBeTrue();

        DeployOutcome again = await _bench.DeployAsync();
        (again.UploadedFiles, again.ApiWrites).ShouldBe((0, 0));
        DeployRequest plan = _bench.Request with { PlanOnly = true };
        (await _bench.DeployAsync(plan)).HasChanges.ShouldBeFalse();
        _bench.Temp.Write("publish/Weather.dll", "another program");
        (await _bench.DeployAsync(plan)).Deployments.ShouldAllBe(d => d.Changes.SequenceEqual(new[] { "package" }), "where it is stored does not change");

        _bench.Sources = new(EnvironmentSecrets.Only, new Folder(null));
        DeployError gone = await _bench.FailAsync();
        gone.Code.ShouldBe(DeployCodes.StorageFailed);
        gone.Message.ShouldStartWith("The server has no block local-file-system/dev");
        PackageOf((await _bench.LiveAsync("daily"))!).ShouldBe(PackageOf(daily));
    }

    [Fact]
    public async Task Names_of_secrets_travel_and_what_cannot_be_one_is_refused()
    {
        _bench.ChangeFlow(flow => flow["deployments"]![1]!["secrets"] = new JsonArray("AWS_CREDENTIALS", "Token_2"));
        await _bench.DeployAsync();
        JsonElement env = (await _bench.LiveAsync("manual")).ShouldNotBeNull().JobVariables["env"];
        env.GetProperty("SLUICE_SECRETS").GetString().ShouldBe("AWS_CREDENTIALS,Token_2");
        env.GetProperty("LEVEL").GetString().ShouldBe("debug");
        (await _bench.LiveAsync("daily")).ShouldNotBeNull().JobVariables["env"].TryGetProperty("SLUICE_SECRETS", out _).ShouldBeFalse();

        _bench.ChangeFlow(flow => flow["deployments"]![1]!["secrets"] = new JsonArray("my-token"));
        DeployError refused = await _bench.FailAsync();
        refused.Code.ShouldBe(DeployCodes.DeclarationInvalid);
        refused.Message.ShouldBe("Weather report/manual: 'my-token' cannot be the name of a secret, which becomes an environment variable: use letters, digits and underscores.");

        _bench.ChangeFlow(_ => { });
        await _bench.DeployAsync();
        (await _bench.LiveAsync("manual")).ShouldNotBeNull().JobVariables["env"].TryGetProperty("SLUICE_SECRETS", out _).ShouldBeFalse("it needs none any more");
    }

    private static string PackageOf(Deployment deployment) => deployment.JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString()!;

    /// <summary>One block that leads to a folder, or none.</summary>
    private sealed class Folder(string? path) : IBlockSource
    {
        public ValueTask<StorageBlock?> FindAsync(string type, string name, CancellationToken cancellationToken) => new(
            path is not null && (type, name) == ("local-file-system", "dev")
                ? new StorageBlock(type, name, new Dictionary<string, JsonElement> { ["basepath"] = JsonSerializer.SerializeToElement(path) })
                : null);
    }
}
