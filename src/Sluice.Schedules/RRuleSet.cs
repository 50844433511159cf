using System;
using System.Collections.Generic;
using System.Linq;

namespace Sluice.Schedules;

/// <summary>Rules and dates, less excluded rules and dates. Immutable.</summary>
internal sealed class RRuleSet
{
    /// <summary>How many occurrences in a row may be excluded before the search is given up.</summary>
    private const int MaxExcluded = 1_000_000;

    private readonly HashSet<DateTime> _excluded;

    public RRuleSet(IReadOnlyList<RRule> rules, IReadOnlyList<DateTime> dates, IReadOnlyList<RRule> excludedRules, IReadOnlyList<DateTime> excludedDates, bool hasStart)
    {
        Rules = rules;
        Dates = dates;
        ExcludedRules = excludedRules;
        _excluded = new HashSet<DateTime>(excludedDates);
        HasStart = hasStart;
    }

    public IReadOnlyList<RRule> Rules { get; }

    public IReadOnlyList<DateTime> Dates { get; }

    public IReadOnlyList<RRule> ExcludedRules { get; }

    /// <summary>Whether a rule is of hours or finer.</summary>
    public bool IsByTheClock => Rules.Any(rule => rule.Parts.Frequency >= RRuleFrequency.Hourly);

    public int ExcludedDateCount => _excluded.Count;

    /// <summary>Whether the rules' start is written out.</summary>
    public bool HasStart { get; }

    /// <summary>The first occurrence at or after a wall time.</summary>
    public DateTime? Next(DateTime wall)
    {
        for (int excluded = 0; excluded < MaxExcluded && NextIncluded(wall) is { } next; excluded++)
        {
            if (!IsExcluded(next))
                return next;
            wall = next.AddTicks(1);
        }
        return null;
    }

    /// <summary>The last occurrence at or before a wall time.</summary>
    public DateTime? Previous(DateTime wall)
    {
        for (int excluded = 0; excluded < MaxExcluded && PreviousIncluded(wall) is { } previous; excluded++)
        {
            if (!IsExcluded(previous))
                return previous;
            if (previous == DateTime.MinValue)
                return null;
            wall = previous.AddTicks(-1);
        }
        return null;
    }

    private DateTime? PreviousIncluded(DateTime wall)
    {
        DateTime? last = null;
        foreach (RRule rule in Rules)
            last = Later(last, rule.Previous(wall));
        foreach (DateTime date in Dates)
            last = Later(last, date <= wall ? date : null);
        return last;
    }

    private DateTime? NextIncluded(DateTime wall)
    {
        DateTime? first = null;
        foreach (RRule rule in Rules)
            first = Earlier(first, rule.Next(wall));
        foreach (DateTime date in Dates)
            first = Earlier(first, date >= wall ? date : null);
        return first;
    }

    private bool IsExcluded(DateTime time)
    {
        if (_excluded.Contains(time))
            return true;
        foreach (RRule rule in ExcludedRules)
        {
            if (rule.Next(time) == time)
                return true;
        }
        return false;
    }

    private static DateTime? Later(DateTime? left, DateTime? right) => left is null || right > left ? right ?? left : left;

    private static DateTime? Earlier(DateTime? left, DateTime? right) => left is null || right < left ? right : left;
}
