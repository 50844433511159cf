namespace Sluice.Deploy;

/// <summary>How a deploy ended.</summary>
/// <param name="Outcome">What it did; null when it did nothing.</param>
/// <param name="Diagnostics">Errors and warnings, to be printed on standard error. Errors exactly when it did nothing, or (of a rollback, and of files) when what it did was undone behind its back.</param>
public sealed record DeployResult(DeployOutcome? Outcome, IReadOnlyList<DeployError> Diagnostics)
{
    /// <summary>Whether it did what was asked.</summary>
    public bool Succeeded => Outcome is not null && Diagnostics.All(one => one.IsWarning);
}
