namespace Sluice.Storage.Git;

/// <summary>How long git may be silent, and how often it tries again.</summary>
/// <param name="Attempts">How often one command is tried while the system is unavailable.</param>
/// <param name="FirstPause">Before the second attempt; it doubles.</param>
/// <param name="LongestPause">Bounds each pause, also one that the server asked for.</param>
/// <param name="Silence">After so long without a byte a transfer counts as broken.</param>
internal sealed record GitLimits(int Attempts, TimeSpan FirstPause, TimeSpan LongestPause, TimeSpan Silence)
{
    public static GitLimits Default { get; } = new(5, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
}
