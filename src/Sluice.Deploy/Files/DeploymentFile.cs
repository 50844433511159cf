using System.Text.Json;
using Sluice.Deploy.Files.Yaml;
using Sluice.Deploy.Manifest;

namespace Sluice.Deploy.Files;

/// <summary>A <c>deployment.yaml</c> as it was read: one flow with one deployment.</summary>
internal sealed record DeploymentFile
{
    /// <summary>The file, as the user named it.</summary>
    public required string Name { get; init; }

    /// <summary>Everything, with its places.</summary>
    public required YamlMapping Root { get; init; }

    /// <summary>The flow and, as its only deployment, what the file says.</summary>
    public required FlowManifest Flow { get; init; }

    public DeploymentManifest Deployment => Flow.Deployments[0];

    public string FullName => $"{Flow.Name}/{Deployment.Name}";

    /// <summary>Whether its flow is a program of ours; others are Prefect's Python flows.</summary>
    public bool IsProgram => Flow.Entrypoint.Contains('!', StringComparison.Ordinal);

    /// <summary>The text of <c>SLUICE_PACKAGE</c>: what its runs run. Null where nothing was uploaded.</summary>
    public string? Package { get; init; }

    /// <summary>Prefect's <c>path</c>.</summary>
    public string? Path { get; init; }

    /// <summary>Prefect's <c>manifest_path</c>, of files before 2.1.</summary>
    public string? ManifestPath { get; init; }

    /// <summary>The storage block, by type and name as <c>s3/prod</c>; null for none.</summary>
    public string? StorageBlock { get; init; }

    /// <summary>Whether the file says that there is none: <c>storage: null</c>, as Prefect 2 writes it, in place of nothing.</summary>
    public bool HasNoStorageBlock { get; init; }

    /// <summary>Whether the file says that there is no version: <c>version: null</c>, in place of nothing.</summary>
    public bool HasNoVersion { get; init; }

    /// <summary>The fields of an infrastructure block without a name, as Prefect saves them for one deployment; null for none, or one with a name.</summary>
    public IReadOnlyDictionary<string, JsonElement>? InfrastructureData { get; init; }

    /// <summary>Where the assembly was that the file was built from, relative to the file; null in files of Prefect.</summary>
    public string? Source { get; init; }

    /// <summary>Where its packages are stored; null for the home's storage.</summary>
    public string? Storage { get; init; }

    /// <summary>The folder of the store that its packages lie in; null for the one that each gets.</summary>
    public string? StorageKey { get; init; }
}
