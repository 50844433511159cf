using Sluice.Testing.Containers;

namespace Sluice.Storage.Tests.Docker;

/// <summary>A registry with a base image, and an engine, for all tests of images.</summary>
public sealed class ImageServers : IAsyncLifetime
{
    internal const string Canary = "word-with-CANARY-4711";

    public ContainerRegistry Registry { get; private set; } = null!;

    public Podman Podman { get; private set; } = null!;

    /// <summary>The base image's name.</summary>
    public string Base { get; private set; } = "";

    internal Secrets Secrets { get; } = new(("REGISTRY_PASSWORD", Canary), ("WRONG", "wrong-CANARY"));

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(ContainerRegistry.IsInstalled, ContainerRegistry.Missing);
        Assert.SkipUnless(Podman.IsInstalled, Podman.Missing);
        Registry = await ContainerRegistry.StartAsync(Canary);
        Base = await BaseImage.PushTinyAsync(Registry);
        Podman = new(Registry);
        // What the SDK and podman's own processes go by. Only this collection's tests use them.
        Environment.SetEnvironmentVariable("DOCKER_CONFIG", Registry.DockerConfig);
        foreach ((string name, string? value) in Podman.Environment)
            Environment.SetEnvironmentVariable(name, value);
    }

    public async ValueTask DisposeAsync()
    {
        if (Podman is not null)
            await Podman.DisposeAsync();
        if (Registry is not null)
            await Registry.DisposeAsync();
    }
}

[CollectionDefinition(nameof(ImageServers))]
public sealed class ImageServersCollection : ICollectionFixture<ImageServers>;
