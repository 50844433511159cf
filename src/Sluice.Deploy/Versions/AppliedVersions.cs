using Sluice.Deploy.Provenance;

namespace Sluice.Deploy.Versions;

/// <summary>The record of one apply that changed something: a JSON document beside the packages, never written again.</summary>
public sealed record AppliedVersions
{
    /// <summary>The format that this Sluice writes and reads. Members that it does not know are passed over.</summary>
    public const int Format = 1;

    /// <summary>The format's version.</summary>
    public required int RecordVersion { get; init; }

    /// <summary>The app: the assembly's name.</summary>
    public required string App { get; init; }

    /// <summary>The environment; null for the main one.</summary>
    public string? Environment { get; init; }

    /// <summary>When it was written, by the writer's clock, just before it was applied.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Where the apply came from: for a publish, its build; for a rollback, the machine that did it.</summary>
    public required BuildFacts Build { get; init; }

    /// <summary>The deployments that it created, changed or moved.</summary>
    public required IReadOnlyList<AppliedVersion> Deployments { get; init; }
}
