namespace Sluice.Runtime;

/// <summary>How the program ends.</summary>
/// <param name="ExitCode">Its exit code, see <see cref="ExitCodes"/>.</param>
/// <param name="Abandoned">True when code of the flow did not stop when asked: the process has to be ended.</param>
internal readonly record struct RunEnd(int ExitCode, bool Abandoned = false);

/// <summary>The exit codes of a flow program.</summary>
internal static class ExitCodes
{
    /// <summary>Completed; under an orchestrator, any state that was reported.</summary>
    public const int Ok = 0;

    /// <summary>Failed; under an orchestrator, nothing could be reported.</summary>
    public const int Failed = 1;

    /// <summary>Bad usage or parameters that do not fit.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl+C (128 + SIGINT).</summary>
    public const int Interrupted = 130;

    /// <summary>SIGTERM (128 + SIGTERM): a worker reports the run as crashed.</summary>
    public const int Terminated = 143;

    /// <summary>The code for a run that was stopped and not reported.</summary>
    public static int For(StopReason reason) => reason == StopReason.Terminated ? Terminated : Interrupted;
}
