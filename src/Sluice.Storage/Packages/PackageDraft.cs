using System.Text.Json;
using Sluice.Storage.Trust;

namespace Sluice.Storage.Packages;

/// <summary>A package that is to be stored.</summary>
public sealed record PackageDraft
{
    /// <summary>Its files.</summary>
    public required PackageContent Content { get; init; }

    /// <summary>What its folder is named after: the flow when it has exactly one, else the assembly.</summary>
    public required string Name { get; init; }

    /// <summary>The folder in the store that takes the place of the one made from name and time; null is the latter.</summary>
    public string? StorageKey { get; init; }

    /// <summary>The flows' manifest.</summary>
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

    /// <summary>The git commit.</summary>
    public string? Commit { get; init; }

    /// <summary>Gives its documents, each time the same; asked where a manifest is written, and of a draft that is signed. Null for none.</summary>
    public Func<CancellationToken, Task<PackageDocuments>>? DocumentsAsync { get; init; }

    /// <summary>The key that signs it; null for none.</summary>
    public SigningKey? Signer { get; init; }

    /// <summary>The file-based program among the files, where they are its source; null where they are a built program.</summary>
    public string? Script { get; init; }
}

/// <summary>Documents about a package.</summary>
/// <param name="Sbom">Its parts list, CycloneDX 1.6 as JSON; null for none.</param>
/// <param name="Provenance">Where and from what it was built: an in-toto statement with SLSA provenance, as JSON; null for none.</param>
public sealed record PackageDocuments(byte[]? Sbom, byte[]? Provenance)
{
    internal static async Task<PackageDocuments> OfAsync(PackageDraft draft, CancellationToken cancellationToken) =>
        draft.DocumentsAsync is { } documents ? await documents(cancellationToken).ConfigureAwait(false) : new(null, null);
}
