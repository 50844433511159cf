namespace Sluice.Orchestration;

/// <summary>A call to the orchestration API failed. The message is one line that says what, where, and how to mend it.</summary>
public sealed class OrchestrationException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="kind">What happened.</param>
    /// <param name="message">One line for people.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public OrchestrationException(OrchestrationErrorKind kind, string message, Exception? innerException = null)
        : base(message, innerException) => Kind = kind;

    /// <summary>What happened.</summary>
    public OrchestrationErrorKind Kind { get; }

    /// <summary>The field that was refused, as <c>body.schedules.0.schedule.cron</c>, where one is known.</summary>
    public string? Field { get; init; }

    /// <summary>What became of the writes that came before, where the call was an apply to a server without transactions; null where nothing was written.</summary>
    public ApplyUndo? Undo { get; init; }
}
