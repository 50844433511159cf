namespace Sluice.Deploy.Versions;

/// <summary>What is to be rolled back, all of it in one change.</summary>
public sealed record RollbackRequest
{
    /// <summary>The deployments, as <c>flow/deployment</c>: at least one.</summary>
    public required IReadOnlyList<string> Deployments { get; init; }

    /// <summary>The version to bring back; null for the one before the present one.</summary>
    public int? To { get; init; }

    /// <summary>Says what would be done and does nothing.</summary>
    public bool PlanOnly { get; init; }

    /// <summary>Whether the schema of that version may refuse what the present one accepts.</summary>
    public bool AllowBreakingChanges { get; init; }

    /// <summary>What becomes of fields that differ between the versions and that somebody changed on the server too: <c>fail</c> (when null), <c>keep</c> or <c>code</c>.</summary>
    public string? Conflicts { get; init; }

    /// <summary>A file that gets the plan, or what was done, as JSON (<see cref="DeployPlan"/>), also where conflicts stop it; null for none.</summary>
    public string? PlanFile { get; init; }
}
