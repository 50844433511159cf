using System;

namespace Sluice.Schedules;

/// <summary>What a change of clocks does to a schedule.</summary>
#if SCHEDULES_LIBRARY
public
#else
internal
#endif
enum DstNoteKind
{
    /// <summary>Wall times of the schedule have no run: they are left out, or their second turn is.</summary>
    Skipped,

    /// <summary>Wall times of the schedule do not exist that day and run at another one.</summary>
    Moved,

    /// <summary>Wall times of the schedule occur twice and run twice.</summary>
    Repeated,
}

/// <summary>One change of clocks that touches a schedule.</summary>
#if SCHEDULES_LIBRARY
public
#else
internal
#endif
sealed class DstNote
{
    /// <summary>Creates a note.</summary>
    public DstNote(DstNoteKind kind, DateTime wallTime, DateTime transition, string message)
    {
        Kind = kind;
        WallTime = wallTime;
        Transition = transition;
        Message = message;
    }

    /// <summary>What happens.</summary>
    public DstNoteKind Kind { get; }

    /// <summary>The first wall time of the schedule that it happens to, in the schedule's zone.</summary>
    public DateTime WallTime { get; }

    /// <summary>When the clocks change (UTC): the first instant of the new offset.</summary>
    public DateTime Transition { get; }

    /// <summary>The date, the change and what runs, as a sentence. English, invariant.</summary>
    public string Message { get; }
}
