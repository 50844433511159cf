namespace Sluice.Storage.Packages;

/// <summary>A package that is in its store.</summary>
public sealed record PackageWritten
{
    /// <summary>Where it is.</summary>
    public required PackageReference Reference { get; init; }

    /// <summary>False where the live package has the same files and was kept.</summary>
    public required bool IsNew { get; init; }

    /// <summary>Blobs uploaded.</summary>
    public required int UploadedFiles { get; init; }

    /// <summary>Bytes of those.</summary>
    public required long UploadedBytes { get; init; }

    /// <summary>Files whose content was in the store already.</summary>
    public required int ReusedFiles { get; init; }

    /// <summary>Bytes of those.</summary>
    public required long ReusedBytes { get; init; }
}

/// <summary>How far an upload or a pull is.</summary>
/// <param name="Files">Files that are in the store, or here.</param>
/// <param name="TotalFiles">All of them.</param>
/// <param name="MovedBytes">Bytes of the files that travelled whole so far.</param>
/// <param name="Bytes">Bytes of the files that are there, and of the others what was read for sending or arrived.</param>
/// <param name="TotalBytes">Bytes of all files.</param>
public sealed record PackageProgress(int Files, int TotalFiles, long MovedBytes, long Bytes, long TotalBytes)
{
    /// <summary>What is waited for before it goes on, as <c>a cleaning of s3://bucket/flows</c>; null while it moves.</summary>
    public string? WaitsFor { get; init; }
}
