using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>The periods of a rule, numbered from the start's own, 0. Made for one search: it keeps the year at hand.</summary>
internal abstract class RRulePeriods
{
    /// <summary>Nothing is looked for after it.</summary>
    protected const int LastYear = 9998;

    protected RRulePeriods(RRule rule) => Rule = rule;

    protected RRule Rule { get; }

    /// <summary>The last period that begins at or before a wall time.</summary>
    public abstract long IndexOf(DateTime wall);

    /// <summary>The first period at or after the given one that may have occurrences, or null when there is none.</summary>
    public abstract long? Seek(long index);

    /// <summary>The last period at or before the given one that may have occurrences, or null when there is none.</summary>
    public abstract long? SeekBack(long index);

    /// <summary>The last period that is looked at.</summary>
    public abstract long LastIndex { get; }

    /// <summary>When a period begins.</summary>
    public abstract DateTime StartOf(long index);

    /// <summary>The days of a period that match, in order.</summary>
    public abstract List<DateTime> DaysOf(long index);

    /// <summary>The times on each of these days, in order.</summary>
    public abstract IReadOnlyList<TimeSpan> TimesOf(long index);

    protected static List<TimeSpan> Times(ulong hours, ulong minutes, ulong seconds)
    {
        var times = new List<TimeSpan>();
        for (int hour = Bits.Next(hours, 0); hour >= 0; hour = Bits.Next(hours, hour + 1))
        {
            for (int minute = Bits.Next(minutes, 0); minute >= 0; minute = Bits.Next(minutes, minute + 1))
            {
                for (int second = Bits.Next(seconds, 0); second >= 0; second = Bits.Next(seconds, second + 1))
                    times.Add(new TimeSpan(hour, minute, second));
            }
        }
        return times;
    }
}
