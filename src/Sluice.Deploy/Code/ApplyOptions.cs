using Sluice.Deploy.Planning.Merge;

namespace Sluice.Deploy.Code;

/// <summary>How deployments are applied from code. Everything may be left out.</summary>
public sealed record ApplyOptions
{
    /// <summary>Says what would be done and does nothing.</summary>
    public bool PlanOnly { get; init; }

    /// <summary>Stores nothing; the deployments keep their live package.</summary>
    public bool SkipUpload { get; init; }

    /// <summary>The version of deployments that say none.</summary>
    public string? Version { get; init; }

    /// <summary>Whether a missing pool is created.</summary>
    public bool CreateWorkPool { get; init; }

    /// <summary>Whether a schema may refuse what the live one accepts.</summary>
    public bool AllowBreakingChanges { get; init; }

    /// <summary>What happens where this program and somebody on the server changed the same field differently; null stops before anything is stored.</summary>
    public ConflictRule? Conflicts { get; init; }

    /// <summary>Where the lines for people go: what is uploaded and changed, another publish that is waited for, an interrupted one that is completed first. Null: where the surroundings say, else nowhere.</summary>
    public TextWriter? Output { get; init; }

    /// <summary>Stores the package but applies nothing.</summary>
    internal bool SkipApply { get; init; }
}
