namespace Sluice.Storage.Housekeeping;

/// <summary>A package in a store.</summary>
public sealed record StoredPackage
{
    /// <summary>Its folder, as <c>weather-report/2026-11-22t06-00-00-000000-00-00</c>.</summary>
    public required string Folder { get; init; }

    /// <summary>Its digest.</summary>
    public required string Digest { get; init; }

    /// <summary>How many files it has.</summary>
    public required int Files { get; init; }

    /// <summary>Bytes of its files. Other packages may hold the same contents, which are stored once.</summary>
    public required long Bytes { get; init; }

    /// <summary>When it was packaged, by the publisher's clock.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The project's version.</summary>
    public string? Version { get; init; }

    /// <summary>Keys of its manifests: one, or two where it is the newest under a fixed storage key.</summary>
    internal IReadOnlyList<string> Manifests { get; init; } = [];

    /// <summary>Keys of the signatures that its manifests would have.</summary>
    internal IReadOnlyList<string> Signatures { get; init; } = [];

    /// <summary>Digest and size of its contents.</summary>
    internal IReadOnlyList<(string Sha256, long Size)> Contents { get; init; } = [];
}

/// <summary>What is wrong with something in a store.</summary>
/// <param name="Kind"><c>missing</c>, <c>damaged</c> (a blob), or <c>unreadable</c> (a manifest).</param>
/// <param name="Key">The object.</param>
/// <param name="Packages">Folders of the packages that cannot be run for it.</param>
/// <param name="Message">What is wrong, and how to mend it.</param>
public sealed record StoreDamage(string Kind, string Key, IReadOnlyList<string> Packages, string Message);
