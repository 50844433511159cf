using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Deploy.Planning.Merge;

/// <summary>What one deployment becomes, and why.</summary>
internal sealed record MergedDeployment
{
    /// <summary>What the API is told; complete, so that what stays is said as it stands.</summary>
    public required DeploymentCreate Body { get; init; }

    /// <summary>Members of the body that are set to nothing.</summary>
    public required IReadOnlyList<string> Cleared { get; init; }

    /// <summary>The fields that differ, in the order of their paths.</summary>
    public required IReadOnlyList<FieldChange> Fields { get; init; }

    /// <summary>What the file said of its block of storage when it was applied last (<see cref="Versions.AppliedVersion.StorageBlock"/>); null where that is not known.</summary>
    public string? StorageBefore { get; init; }

    /// <summary>Whether it was decided with the last publish in hand.</summary>
    public required bool HasBase { get; init; }

    /// <summary>Fields that both sides changed.</summary>
    public IEnumerable<FieldChange> Conflicts => Fields.Where(one => one.Class == FieldClass.Conflict);

    /// <summary>Whether nobody decided one of them, so that what is to be applied is not known.</summary>
    public bool IsUndecided => Conflicts.Any(one => one.Decision == FieldDecision.Undecided);

    /// <summary>Fields that somebody changed on the server and that stay so.</summary>
    public IEnumerable<FieldChange> Kept => Fields.Where(one => one is { Class: FieldClass.Drift, Decision: FieldDecision.Live });

    /// <summary>Those, and those of decided conflicts that stay.</summary>
    public IEnumerable<FieldChange> KeptOnServer => Fields.Where(one => one is { Class: FieldClass.Drift or FieldClass.Conflict, Decision: FieldDecision.Live });

    /// <summary>Whether the API is told anything: a field changes, or what the code says now, which the next publish must know to tell who changed what after this one.</summary>
    public bool IsChanged => IsBaseOld || Fields.Any(one => one.Decision == FieldDecision.Code || one.Class == FieldClass.Conflict);

    /// <summary>Whether the code says another thing than at the last publish, be it what the server has already or a conflict that was decided for the server.</summary>
    public required bool IsBaseOld { get; init; }

    /// <summary>Without a version, where the live one has any.</summary>
    public MergedDeployment WithoutVersion(Deployment live) => string.IsNullOrEmpty(live.Version) ? this : this with
    {
        Cleared = [.. Cleared, "version"],
        Fields = [.. Fields, new() { Path = "version", Live = JsonSerializer.SerializeToElement(live.Version, DeployJson.Default.String), Class = FieldClass.CodeChanged, Decision = FieldDecision.Code }],
    };

    /// <summary>Whether live and code say the same, so that the last publish need not be known.</summary>
    public required bool IsEqual { get; init; }
}
