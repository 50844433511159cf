namespace Sluice.Deploy.Files;

/// <summary>What is wrong with a file, and where.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
/// <param name="Code">One of <see cref="DeployCodes"/>.</param>
/// <param name="Message">One sentence or more on one line.</param>
internal sealed record FileFault(int Line, int Column, string Code, string Message);

/// <summary>Ends the reading of a file, or of a value in it.</summary>
internal sealed class FileFaultException(FileFault fault) : Exception(fault.Message)
{
    public FileFault Fault { get; } = fault;
}
