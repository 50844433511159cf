using System;
using System.Collections.Generic;
using System.Linq;

namespace Sluice.Schedules;

/// <summary>One recurrence rule over wall times, in the reading of Python's dateutil. Immutable.</summary>
internal sealed class RRule
{
    /// <summary>What counting towards COUNT may take; rules of more occurrences are as good as endless.</summary>
    private const long MaxCounted = 20_000_000;

    // Set positions, n-th weekdays and weeks depend on nothing but the place in the Gregorian cycle of 400 years: what does not come in one cycle never comes.
    private const int CycleYears = 400, CycleMonths = 4_800, CycleWeeks = 20_871;

    /// <summary>The days of the Gregorian cycle.</summary>
    public const int CycleDays = 146_097;

    private readonly Lazy<DateTime?> _end;
    private readonly Lazy<bool> _canMeet;

    /// <summary>Completes the parts from the start, as dateutil does.</summary>
    public RRule(RRuleParts parts, DateTime start)
    {
        Parts = parts;
        Start = start;
        Days = new RRuleDays(parts, start);
        if (parts.Hours != null || parts.Frequency < RRuleFrequency.Hourly)
            Hours = Mask(parts.Hours, start.Hour);
        if (parts.Minutes != null || parts.Frequency < RRuleFrequency.Minutely)
            Minutes = Mask(parts.Minutes, start.Minute);
        if (parts.Seconds != null || parts.Frequency < RRuleFrequency.Secondly)
            Seconds = Mask(parts.Seconds, start.Second);
        _end = new Lazy<DateTime?>(FindEnd);
        _canMeet = new Lazy<bool>(CanMeet);
    }

    public RRuleParts Parts { get; }

    /// <summary>Nothing is due before it, and periods are counted from it.</summary>
    public DateTime Start { get; }

    public RRuleDays Days { get; }

    /// <summary>The hours of a day that count.</summary>
    public ulong Hours { get; } = Bits.Range(0, 23);

    /// <summary>The minutes of an hour that count.</summary>
    public ulong Minutes { get; } = Bits.Range(0, 59);

    /// <summary>The seconds of a minute that count.</summary>
    public ulong Seconds { get; } = Bits.Range(0, 59);

    private int Cycle => Parts.Frequency switch
    {
        RRuleFrequency.Yearly => CycleYears,
        RRuleFrequency.Monthly => CycleMonths,
        RRuleFrequency.Weekly => CycleWeeks,
        RRuleFrequency.Daily => CycleDays,
        _ => int.MaxValue,
    };

    /// <summary>The first occurrence at or after a wall time.</summary>
    public DateTime? Next(DateTime wall)
    {
        if (Parts.Count < 1 || wall > Parts.Until)
            return null;
        DateTime? end = _end.Value;
        if (wall > end)
            return null;
        foreach (DateTime time in From(wall, end))
            return time;
        return null;
    }

    /// <summary>The last occurrence at or before a wall time.</summary>
    public DateTime? Previous(DateTime wall)
    {
        if (Parts.Count < 1 || wall < Start || !_canMeet.Value)
            return null;
        DateTime? end = _end.Value;
        DateTime last = wall > end ? end.Value : wall;
        if (last < Start)
            return null;
        RRulePeriods periods = Periods();
        int empty = 0;
        for (long? index = periods.SeekBack(Math.Min(periods.IndexOf(last), periods.LastIndex)); index is { } at && empty < Cycle; index = periods.SeekBack(at - 1))
        {
            DateTime? latest = null;
            bool none = true;
            foreach (DateTime time in RRuleSetPositions.Of(Parts.SetPositions, periods.DaysOf(at), periods.TimesOf(at)))
            {
                none = false;
                if (time >= Start && time <= last)
                    latest = time;
            }
            if (latest != null)
                return latest;
            empty = none ? empty + 1 : 0;
        }
        return null;
    }

    private RRulePeriods Periods() => Parts.Frequency < RRuleFrequency.Hourly ? new RRuleCalendarPeriods(this) : new RRuleClockPeriods(this);

    /// <summary>All occurrences at or after a wall time, up to <paramref name="end"/>.</summary>
    private IEnumerable<DateTime> From(DateTime wall, DateTime? end)
    {
        if (!_canMeet.Value)
            yield break;
        DateTime first = wall < Start ? Start : wall;
        RRulePeriods periods = Periods();
        int empty = 0;
        for (long? index = periods.Seek(Math.Max(0, periods.IndexOf(first))); index is { } at && empty < Cycle; index = periods.Seek(at + 1))
        {
            bool none = true;
            foreach (DateTime time in RRuleSetPositions.Of(Parts.SetPositions, periods.DaysOf(at), periods.TimesOf(at)))
            {
                none = false;
                if (time < first)
                    continue;
                if (time > end)
                    yield break;
                yield return time;
            }
            if (periods.StartOf(at) > end)
                yield break;
            empty = none ? empty + 1 : 0;
        }
    }

    /// <summary>The last moment that UNTIL and COUNT leave, or null when there is none.</summary>
    private DateTime? FindEnd()
    {
        if (Parts.Count is not { } count)
            return Parts.Until;
        long counted = 0;
        DateTime? last = null;
        if (Parts.Frequency >= RRuleFrequency.Hourly && Parts is { Months: null, HasNoDays: true, Hours: null, Minutes: null, Seconds: null, SetPositions: null })
        {
            decimal seconds = (count - 1) * (decimal)Parts.Interval * RRuleClockPeriods.UnitSeconds(Parts.Frequency);
            if (seconds >= (decimal)(DateTime.MaxValue - Start).TotalSeconds - 1)
                return Parts.Until;
            last = Start.AddTicks((long)seconds * TimeSpan.TicksPerSecond);
        }
        else
        {
            foreach (DateTime time in From(Start, Parts.Until))
            {
                last = time;
                if (++counted >= count)
                    break;
                if (counted >= MaxCounted)
                    return Parts.Until;
            }
        }
        return last is { } end && !(end > Parts.Until) ? end : Parts.Until;
    }

    /// <summary>Whether the rule can have occurrences at all, as far as that is plain without a search.</summary>
    private bool CanMeet()
    {
        bool clock = Parts.Frequency >= RRuleFrequency.Hourly;
        int days = Parts.Frequency switch { RRuleFrequency.Yearly => 366, RRuleFrequency.Monthly => 31, RRuleFrequency.Weekly => 7, _ => 1 };
        int size = days
            * (clock ? 1 : Bits.Count(Hours))
            * (Parts.Frequency >= RRuleFrequency.Minutely ? 1 : Bits.Count(Minutes))
            * (Parts.Frequency == RRuleFrequency.Secondly ? 1 : Bits.Count(Seconds));
        return (Parts.SetPositions?.Exists(position => Math.Abs(position) <= size) ?? true) && (!clock || RRuleClockPeriods.CanMeet(this));
    }

    private static ulong Mask(List<int>? values, int otherwise) =>
        values == null ? 1UL << otherwise : values.Aggregate(0UL, (mask, value) => mask | 1UL << value);
}
