using System;

namespace Sluice.Schedules;

/// <summary>A change of a zone's offset.</summary>
internal readonly struct ClockChange
{
    public ClockChange(DateTime utc, TimeSpan before, TimeSpan after)
    {
        Utc = utc;
        Before = before;
        After = after;
    }

    /// <summary>The first instant of the new offset.</summary>
    public DateTime Utc { get; }

    public TimeSpan Before { get; }

    public TimeSpan After { get; }

    public bool IsForward => After > Before;

    /// <summary>The first wall time that is left out or repeated.</summary>
    public DateTime From => DateTime.SpecifyKind(Utc + (IsForward ? Before : After), DateTimeKind.Unspecified);

    /// <summary>The first wall time that is left out or repeated no more.</summary>
    public DateTime To => DateTime.SpecifyKind(Utc + (IsForward ? After : Before), DateTimeKind.Unspecified);
}
