using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Storage.Packages;

/// <summary>What a package is: <c>manifest.json</c>, written last, so nothing is visible until it is whole.</summary>
public sealed record PackageManifest
{
    /// <summary>The format's version: 1.</summary>
    public required int PackageVersion { get; init; }

    /// <summary>The package's folder in its store, as <c>weather-report/2026-11-22t06-00-00-000000-00-00</c>: the store's root is so many levels above.</summary>
    public required string Folder { get; init; }

    /// <summary>Lower-case hex SHA-256 over the sorted (path, mode, sha256) of the files, without commit or time.</summary>
    public required string Digest { get; init; }

    /// <summary>The files, by path in ordinal order.</summary>
    public required IReadOnlyList<PackageFile> Files { get; init; }

    /// <summary>The flows' manifest (<c>manifest_version</c>, <c>assembly</c>, <c>flows</c>).</summary>
    public required JsonElement Manifest { get; init; }

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

    /// <summary>The git commit it was built from.</summary>
    public string? Commit { get; init; }

    /// <summary>When it was packaged.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The file-based program, as <c>flow.cs</c>, where the package is its source, which workers build; null where the package is a built program.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Script { get; init; }

    /// <summary>Its parts list, CycloneDX 1.6 as JSON; null in packages without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PackageDocument? Sbom { get; init; }

    /// <summary>Where and from what it was built, an in-toto statement with SLSA provenance; null in packages without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PackageDocument? Provenance { get; init; }
}

/// <summary>A document about a package. It is stored as its files are: a blob by digest.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record PackageDocument(long Size, string Sha256);

/// <summary>A file of a package.</summary>
/// <param name="Path">Relative, with <c>/</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Mode">Unix permission bits as octal text: <c>644</c> or <c>755</c>.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record PackageFile(string Path, long Size, string Mode, string Sha256);

/// <summary>How a package is started.</summary>
/// <param name="Executable">The apphost or native executable, relative; null when there is none.</param>
/// <param name="Assembly">The assembly for <c>dotnet</c>, relative; null for single-file and native programs.</param>
public sealed record PackageLaunch(string? Executable, string? Assembly);
