using Sluice.Orchestration;

namespace Sluice.Deploy.Tests;

/// <summary>Deployments and images, as far as no registry is asked; the rest is tested by real publishes.</summary>
public sealed class ImageDeploymentTests : IDisposable
{
    private readonly DeployBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task An_image_of_ones_own_runs_the_package_that_it_pulls_from_storage()
    {
        _bench.ChangeFlow(flow => flow["deployments"]![0]!["image"] = "registry.example/flow-runner:10.0");
        DeployOutcome outcome = await _bench.DeployAsync();

        Deployment daily = (await _bench.LiveAsync("daily"))!;
        daily.JobVariables["image"].GetString().ShouldBe("registry.example/flow-runner:10.0");
        daily.JobVariables["command"].GetString().ShouldBe("sluice flow-run execute");
        daily.JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString().ShouldBe($"{outcome.PackageUri}#sha256={outcome.PackageSha256}");

        _bench.ChangeFlow(flow => flow["deployments"]![0]!["image"] = "registry.example/flow-runner:10.1");
        (await _bench.DeployAsync()).Deployments[0].Changes.ShouldBe(["job variables"], "the package is the same: no image is made anew for a change of code");
    }

    [Fact]
    public async Task What_an_image_cannot_be_is_refused_before_any_registry_is_asked()
    {
        DeployRequest request = _bench.Request with { Storage = "docker://registry.example/team" };
        DeployError keyed = await _bench.FailAsync(request with { StorageKey = "stable" });
        keyed.Code.ShouldBe(DeployCodes.DeclarationInvalid);
        keyed.Message.ShouldContain("images have no storage key: write image_name=… and image_tag=… as options");

        _bench.ChangeFlow(flow => flow["deployments"]![1]!["image"] = "registry.example/other:1");
        DeployError twice = await _bench.FailAsync(request);
        twice.Code.ShouldBe(DeployCodes.DeclarationInvalid);
        twice.Message.ShouldBe("Weather report/manual names the image 'registry.example/other:1', and its storage (docker://registry.example/team) makes it another one: leave out Image, or choose a storage of packages.");
    }

    [Fact]
    public async Task Keeping_an_image_needs_one() =>
        (await _bench.FailAsync(_bench.Request with { Storage = "docker://registry.example/team", SkipUpload = true })).Code.ShouldBe(DeployCodes.NoLivePackage);
}
