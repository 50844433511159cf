using System.Text.Json.Serialization;
using Sluice.Deploy.Planning.Merge;

namespace Sluice.Deploy;

/// <summary>What a deploy did, or with <c>PlanOnly</c> would do.</summary>
public sealed record DeployOutcome
{
    /// <summary>The deployments, by flow and name.</summary>
    public required IReadOnlyList<DeployedDeployment> Deployments { get; init; }

    /// <summary>The package's URI; null when nothing was stored.</summary>
    public string? PackageUri { get; init; }

    /// <summary>The package's digest.</summary>
    public string? PackageSha256 { get; init; }

    /// <summary>The id of the key that signed the package; null where nobody did.</summary>
    public string? SignedBy { get; init; }

    /// <summary>The source that deployments name, where source is the package.</summary>
    public IReadOnlyList<DeployedSource> Sources { get; init; } = [];

    /// <summary>The container image, as deployments name it; null where none was made or kept.</summary>
    public string? Image { get; init; }

    /// <summary>Blobs uploaded.</summary>
    public int UploadedFiles { get; init; }

    /// <summary>Bytes uploaded.</summary>
    public long UploadedBytes { get; init; }

    /// <summary>Files whose blob was there already.</summary>
    public int ReusedFiles { get; init; }

    /// <summary>Bytes of those.</summary>
    public long ReusedBytes { get; init; }

    /// <summary>Writes sent to the API.</summary>
    public int ApiWrites { get; init; }

    /// <summary>Where it was applied, for people; null when nothing was to be applied.</summary>
    public string? AppliedTo { get; init; }

    /// <summary>What to look at though it succeeded, where it was applied from code: conflicts of a plan, another's deployments, schemas that break. Commands print it instead.</summary>
    [JsonIgnore]
    public IReadOnlyList<DeployError> Warnings { get; init; } = [];

    /// <summary>Files that an ignore file left out.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>Whether the plan, or what was done, changes any deployment.</summary>
    public bool HasChanges => Deployments.Any(d => d.Outcome is "created" or "updated" or "moved" or "paused" or "deleted");
}

/// <summary>Source that deployments name.</summary>
public sealed record DeployedSource
{
    /// <summary>Its URI, which names the project.</summary>
    public required string Uri { get; init; }

    /// <summary>The commit.</summary>
    public required string Commit { get; init; }

    /// <summary>The branch that was checked out; null for none.</summary>
    public string? Branch { get; init; }
}

/// <summary>One deployment of an outcome.</summary>
public sealed record DeployedDeployment
{
    /// <summary>Its id; null with <c>PlanOnly</c> before it exists.</summary>
    public Guid? Id { get; init; }

    /// <summary><c>flow/deployment</c>.</summary>
    public required string FullName { get; init; }

    /// <summary>Its version.</summary>
    public string? Version { get; init; }

    /// <summary>The number of the version that it is now, as <c>sluice deployment versions</c> lists them; null before it has one, and where nothing was applied.</summary>
    public int? Number { get; init; }

    /// <summary>The version that was brought back, or would be; null where code was deployed.</summary>
    public int? RolledBackTo { get; init; }

    /// <summary>
    /// <c>created</c>, <c>updated</c>, <c>moved</c> (renamed) or <c>unchanged</c>; of what the code no longer has <c>orphaned</c> (it stays), <c>paused</c> or <c>deleted</c>;
    /// what a plan would do; <c>stored</c> when nothing was to be applied.
    /// </summary>
    public required string Outcome { get; init; }

    /// <summary>What differed from the live deployment, as <c>package</c> or <c>schedules</c>; of what the code no longer has, why it goes.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>The full name that it had until now, where it was renamed.</summary>
    public string? MovedFrom { get; init; }

    /// <summary>As <see cref="DeployOutcome.Warnings"/>, where it was applied from code by itself.</summary>
    [JsonIgnore]
    public IReadOnlyList<DeployError> Warnings { get; init; } = [];

    /// <summary>Whether the code no longer declares it.</summary>
    internal bool IsOrphan => Outcome is "orphaned" or "paused" or "deleted";

    /// <summary>The fields that differ between the last publish, the code and the server; of one that is created, what the code says.</summary>
    public IReadOnlyList<FieldChange> Fields { get; init; } = [];
}
