using System;

namespace Sluice.Schedules;

/// <summary>The periods of a rule, numbered from the start's own, 0. Made for one search: it keeps a year at hand, and counts its steps.</summary>
internal abstract class RRulePeriods
{
    /// <summary>Nothing is looked for after it.</summary>
    protected const int LastYear = 9998;

    protected RRulePeriods(RRule rule) => Rule = rule;

    /// <summary>How many periods and days were looked at.</summary>
    public int Steps { get; protected set; }

    /// <summary>The last period that is looked at; -1 where the first one is later.</summary>
    public abstract long LastIndex { get; }

    /// <summary>After so many periods all is met again: days, times and the place of the interval's steps.</summary>
    public abstract long Cycle { get; }

    protected RRule Rule { get; }

    /// <summary>The last period that begins at or before a wall time.</summary>
    public abstract long IndexOf(DateTime wall);

    /// <summary>The first period at or after the given one that has times, or null when there is none; set positions are not looked at.</summary>
    public abstract long? Seek(long index);

    /// <summary>The last period at or before the given one that has times, or null when there is none.</summary>
    public abstract long? SeekBack(long index);

    /// <summary>When a period begins.</summary>
    public abstract DateTime StartOf(long index);

    /// <summary>A period's days and times.</summary>
    public abstract RRulePeriod this[long index] { get; }

    /// <summary>The last multiple of the interval in a distance from the first period; -1 where it lies before that.</summary>
    protected static long IndexUpTo(long distance, long interval) => distance < 0 ? -1 : distance / interval;

    protected static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);

    /// <summary>The first day of a year, counted from 0001-01-01.</summary>
    protected static int FirstDay(int year) => (int)(new DateTime(year, 1, 1).Ticks / TimeSpan.TicksPerDay);
}
