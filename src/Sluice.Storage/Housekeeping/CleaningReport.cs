namespace Sluice.Storage.Housekeeping;

/// <summary>What a cleaning removed, or would remove.</summary>
public sealed record CleaningReport
{
    /// <summary>Packages that go.</summary>
    public required IReadOnlyList<StoredPackage> Packages { get; init; }

    /// <summary>Packages in no use that stay for now, and since when they are known to be.</summary>
    public required IReadOnlyList<(StoredPackage Package, DateTimeOffset Since)> Waiting { get; init; }

    /// <summary>Packages that are in use.</summary>
    public required int Used { get; init; }

    /// <summary>Blobs that no package that stays holds: how many go.</summary>
    public required int Blobs { get; init; }

    /// <summary>Their bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Results that go: keys.</summary>
    public IReadOnlyList<string> Results { get; init; } = [];

    /// <summary>Records of applies that go: keys. No deployment's versions lead to them.</summary>
    public IReadOnlyList<string> Records { get; init; } = [];
}

/// <summary>What is to be cleaned.</summary>
public sealed record CleaningOptions
{
    /// <summary>How long a package must have been in no use before it goes.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Whether to delete, or only to say what would be.</summary>
    public bool Apply { get; init; }

    /// <summary>The digests of packages in use; asked after the store was listed.</summary>
    public required Func<CancellationToken, Task<IReadOnlySet<string>>> UsedAsync { get; init; }

    /// <summary>The SHA-256 digests, in lower-case hex, of the records that versions of live deployments lead to; asked after the store was listed. Null leaves records alone.</summary>
    public Func<CancellationToken, Task<IReadOnlySet<string>>>? RecordsAsync { get; init; }

    /// <summary>Which of these runs exist; null leaves results alone.</summary>
    public Func<IReadOnlyList<Guid>, CancellationToken, Task<IReadOnlySet<Guid>>>? RunsAsync { get; init; }
}

/// <summary>What a store's check found.</summary>
public sealed record VerifyReport
{
    /// <summary>How many records of applies were looked at.</summary>
    public int Records { get; init; }

    /// <summary>What is wrong; empty where all is well.</summary>
    public required IReadOnlyList<StoreDamage> Damages { get; init; }

    /// <summary>Packages.</summary>
    public required int Packages { get; init; }

    /// <summary>Blobs that they hold.</summary>
    public required int Blobs { get; init; }

    /// <summary>Bytes of those.</summary>
    public required long Bytes { get; init; }

    /// <summary>Blobs that no package holds: of publishes that did not end, or of packages that were deleted. A cleaning removes them.</summary>
    public required int Orphans { get; init; }
}
