using Sluice.Storage.Packages;

namespace Sluice.Storage.Docker;

/// <summary>A published program that is to become an image.</summary>
public sealed record ImageDraft
{
    /// <summary>Its files.</summary>
    public required PackageContent Content { get; init; }

    /// <summary>What the image is named after: the flow when the program has exactly one, else the assembly.</summary>
    public required string Name { get; init; }

    /// <summary>The assembly's name.</summary>
    public required string Assembly { get; init; }

    /// <summary>How to start it.</summary>
    public required PackageLaunch Launch { get; init; }

    /// <summary>As <c>net10.0</c>.</summary>
    public required string TargetFramework { get; init; }

    /// <summary>As <c>linux-x64</c>; null when portable.</summary>
    public string? RuntimeIdentifier { get; init; }

    /// <summary><c>framework-dependent</c>, <c>self-contained</c>, <c>single-file</c> or <c>native-aot</c>.</summary>
    public required string DeploymentMode { get; init; }

    /// <summary>The project's version.</summary>
    public string? Version { get; init; }

    /// <summary>The git commit.</summary>
    public string? Commit { get; init; }

    /// <summary>What the project says about its image.</summary>
    public ImageSettings Settings { get; init; } = new();
}

/// <summary>The SDK's container properties and items of a project, where it sets them.</summary>
public sealed record ImageSettings
{
    /// <summary><c>ContainerBaseImage</c>.</summary>
    public string? BaseImage { get; init; }

    /// <summary><c>ContainerFamily</c>, as <c>alpine</c>.</summary>
    public string? Family { get; init; }

    /// <summary><c>ContainerUser</c>.</summary>
    public string? User { get; init; }

    /// <summary><c>ContainerWorkingDirectory</c>, where the program lies in the image.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary><c>ContainerRuntimeIdentifiers</c>: makes one image for several processors of a portable program.</summary>
    public string? RuntimeIdentifiers { get; init; }

    /// <summary><c>ContainerLabel</c> items.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary><c>ContainerEnvironmentVariable</c> items.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }
}
