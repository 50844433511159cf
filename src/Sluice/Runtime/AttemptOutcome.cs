namespace Sluice.Runtime;

/// <summary>How one try of a flow ended.</summary>
/// <param name="End">The kind of end.</param>
/// <param name="Result">The result as JSON, when it completed.</param>
/// <param name="Error">What the flow's code threw, if it did.</param>
/// <param name="Abandoned">True when the code was asked to stop and did not: it still runs.</param>
internal sealed record AttemptOutcome(AttemptEnd End, ReadOnlyMemory<byte> Result, Exception? Error, bool Abandoned);

/// <summary>The kinds of ends of a try.</summary>
internal enum AttemptEnd
{
    /// <summary>The code returned.</summary>
    Completed,

    /// <summary>The code threw.</summary>
    Failed,

    /// <summary>The code was asked to stop because its time was over.</summary>
    TimedOut,

    /// <summary>The code was asked to stop, and did not complete.</summary>
    Stopped,
}
