using System.Text.Json;
using Sluice.Storage.Docker;

namespace Sluice.Storage.Tests.Docker;

/// <summary>Images in a container engine of this machine: Podman.</summary>
[Collection(nameof(ImageServers))]
public sealed class EngineTargetTests(ImageServers servers) : ImageTargetContract(servers)
{
    protected override string Location(string options = "") => $"docker:///local?engine=podman&{options}";

    protected override async Task<(IReadOnlyDictionary<string, string> Labels, string[] Entrypoint, string[] Environment, string[] Files)> LookAsync(PublishedImage image)
    {
        (int exit, string output) = await Servers.Podman.RunAsync("image", "inspect", image.Reference);
        exit.ShouldBe(0, output);
        JsonElement config = JsonDocument.Parse(output[output.IndexOf('[', StringComparison.Ordinal)..(output.LastIndexOf(']') + 1)]).RootElement[0].GetProperty("Config");
        (exit, string mounted) = await Servers.Podman.RunAsync("image", "mount", image.Reference);
        exit.ShouldBe(0, mounted);
        string root = mounted.Split('\n').Last(line => line.StartsWith('/')).Trim();
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(root, "app"), "*", SearchOption.AllDirectories).Select(file => "/" + Path.GetRelativePath(root, file)).Order(StringComparer.Ordinal)];
        await Servers.Podman.RunAsync("image", "unmount", image.Reference);
        return (config.GetProperty("Labels").Deserialize<Dictionary<string, string>>()!, config.GetProperty("Entrypoint").Deserialize<string[]>()!, config.GetProperty("Env").Deserialize<string[]>()!, files);
    }

    protected override async Task DeleteAsync(PublishedImage image)
    {
        (int exit, string output) = await Servers.Podman.RunAsync("image", "rm", "--force", image.Reference);
        exit.ShouldBe(0, output);
    }

    [Fact]
    public async Task It_says_that_images_stay_here()
    {
        await using IImageTarget target = Open();
        await target.CheckAsync(await DraftAsync(), Cancel);
        target.IsLocal.ShouldBeTrue();
        target.Description.ShouldBe($"podman of {Environment.MachineName}");
    }

    [Fact]
    public async Task Without_an_engine_both_ways_out_are_named()
    {
        // Only docker reads it; where there is no docker, that is said.
        Environment.SetEnvironmentVariable("DOCKER_HOST", "unix:///nowhere/docker.sock");
        await using IImageTarget target = ImageTargets.Open("docker:///?engine=docker", Servers.Secrets, Time);
        StorageException e = await Should.ThrowAsync<StorageException>(async () => await target.CheckAsync(await DraftAsync(), Cancel));
        e.Kind.ShouldBe(StorageErrorKind.Unavailable);
        e.Message.ShouldStartWith("An image without a registry needs a container engine on this machine, and ");
        e.Message.ShouldContain("docker");
        e.Message.ShouldEndWith(": start one, or name a registry: docker://registry.example/team.");
    }
}
