using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;

namespace Sluice.Schedules;

/// <summary>Rules and dates, less excluded rules and dates. Immutable.</summary>
internal sealed class RRuleSet
{
    /// <summary>How many occurrences in a row may be excluded before the search is given up.</summary>
    private const int MaxExcluded = 50_000;

    private static readonly HashSet<DateTime> _none = new();

    private readonly HashSet<DateTime> _excluded;
    private readonly RRule? _only;
    private StrongBox<DateTime?>? _fails;

    public RRuleSet(IReadOnlyList<RRule> rules, IReadOnlyList<DateTime> dates, IReadOnlyList<RRule> excludedRules, IReadOnlyList<DateTime> excludedDates, bool hasStart)
    {
        Rules = rules;
        Dates = dates;
        ExcludedRules = excludedRules;
        _excluded = excludedDates.Count == 0 ? _none : new HashSet<DateTime>(excludedDates);
        HasStart = hasStart;
        _only = rules.Count == 1 && dates.Count + excludedRules.Count + excludedDates.Count == 0 ? rules[0] : null;
    }

    public IReadOnlyList<RRule> Rules { get; }

    public IReadOnlyList<DateTime> Dates { get; }

    public IReadOnlyList<RRule> ExcludedRules { get; }

    /// <summary>Whether a rule is of hours or finer.</summary>
    public bool IsByTheClock => Rules.Any(rule => rule.Parts.Frequency >= RRuleFrequency.Hourly);

    public int ExcludedDateCount => _excluded.Count;

    /// <summary>Whether the rules' start is written out.</summary>
    public bool HasStart { get; }

    /// <summary>Whether Prefect fails to make any due time.</summary>
    public bool CannotRun => Fails == DateTime.MinValue;

    private DateTime? Fails => (_fails ??= new StrongBox<DateTime?>(_only != null ? _only.Fails : Rules.Concat(ExcludedRules).Min(rule => rule.Fails))).Value;

    /// <summary>The first occurrence at or after a wall time.</summary>
    public DateTime? Next(DateTime wall)
    {
        DateTime? fails = Fails;
        return wall >= fails ? null : (_only != null ? _only.Next(wall) : Find(wall)) is { } next && !(next >= fails) ? next : null;
    }

    private DateTime? Find(DateTime wall)
    {
        DateTime? first = null;
        foreach (DateTime date in Dates)
            first = date >= wall && !IsExcluded(date, out _) ? Earlier(first, date) : first;
        for (int excluded = 0; excluded < MaxExcluded && NextOfRules(wall) is { } next && !(next >= first); excluded++)
        {
            if (!IsExcluded(next, out RRule? by))
                return next;
            if (by == null || !CoversRules(by))
                wall = by?.IsPlain == true ? by.Times.NextWithout(next) : next.AddTicks(1);
            else if (by.FirstDayWithout(next) is { } day)
                wall = day;
            else
                break;
        }
        return first;
    }

    /// <summary>The last occurrence at or before a wall time.</summary>
    public DateTime? Previous(DateTime wall)
    {
        if (CannotRun)
            return null;
        if (Fails is { } fails && wall >= fails)
            wall = fails.AddTicks(-1);
        if (_only != null)
            return _only.Previous(wall);
        DateTime? last = null;
        foreach (DateTime date in Dates)
            last = date <= wall && !IsExcluded(date, out _) ? Later(last, date) : last;
        for (int excluded = 0; excluded < MaxExcluded && PreviousOfRules(wall) is { } previous && !(previous <= last); excluded++)
        {
            if (!IsExcluded(previous, out RRule? by))
                return previous;
            DateTime time = by != null && CoversRules(by) ? by.FirstOfDaysUpTo(previous) : previous;
            if (time == DateTime.MinValue)
                break;
            wall = time.AddTicks(-1);
        }
        return last;
    }

    private DateTime? NextOfRules(DateTime wall)
    {
        DateTime? first = null;
        foreach (RRule rule in Rules)
            first = Earlier(first, rule.Next(wall));
        return first;
    }

    private DateTime? PreviousOfRules(DateTime wall)
    {
        DateTime? last = null;
        foreach (RRule rule in Rules)
            last = Later(last, rule.Previous(wall));
        return last;
    }

    private bool IsExcluded(DateTime time, out RRule? by)
    {
        by = null;
        if (_excluded.Contains(time))
            return true;
        foreach (RRule rule in ExcludedRules)
        {
            if (rule.Next(time) == time)
            {
                by = rule;
                return true;
            }
        }
        return false;
    }

    /// <summary>Whether on each day of the excluded rule all times of all rules are excluded.</summary>
    private bool CoversRules(RRule excluded) => excluded.IsPlain && Rules.All(rule => excluded.Times.Covers(rule.Times));

    private static DateTime? Later(DateTime? left, DateTime? right) => left is null || right > left ? right ?? left : left;

    private static DateTime? Earlier(DateTime? left, DateTime? right) => left is null || right < left ? right : left;
}
