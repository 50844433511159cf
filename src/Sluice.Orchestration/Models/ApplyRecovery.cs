namespace Sluice.Orchestration;

/// <summary>What became of an apply that was interrupted.</summary>
public sealed record ApplyRecovery
{
    /// <summary>True when all is as it was to be, false when all is as it was.</summary>
    public required bool Completed { get; init; }

    /// <summary>The deployments of that apply, as <c>flow/deployment</c>.</summary>
    public required IReadOnlyList<string> Deployments { get; init; }

    /// <summary>Why it was not completed, where completing was tried.</summary>
    public string? Because { get; init; }

    /// <summary>What somebody else changed meanwhile, and stays: a sentence each.</summary>
    public IReadOnlyList<string> Kept { get; init => field = value ?? []; } = [];
}
