namespace Sluice.Cli;

/// <summary>Ends the program with one line on standard error that says what, where, and how to mend it.</summary>
internal sealed class CliException(string message, int exitCode = ExitCodes.Failed, Exception? innerException = null)
    : Exception(message, innerException)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>What was asked for is not there.</summary>
    public static CliException BadUsage(string message) => new(message, ExitCodes.BadUsage);
}
