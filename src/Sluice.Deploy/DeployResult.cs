namespace Sluice.Deploy;

/// <summary>How a deploy ended.</summary>
/// <param name="Outcome">What it did; null when it failed.</param>
/// <param name="Diagnostics">Errors and warnings, to be printed on standard error; errors exactly when it failed.</param>
public sealed record DeployResult(DeployOutcome? Outcome, IReadOnlyList<DeployError> Diagnostics)
{
    /// <summary>Whether it did what was asked.</summary>
    public bool Succeeded => Outcome is not null;
}
