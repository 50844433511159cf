using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>BYSETPOS: of a period's occurrences, those at certain positions.</summary>
internal static class RRuleSetPositions
{
    /// <summary>The occurrences of one period in order: every time on every day, or those that the positions select.</summary>
    public static IEnumerable<DateTime> Of(List<int>? positions, List<DateTime> days, IReadOnlyList<TimeSpan> times)
    {
        if (positions != null)
            return Select(positions, days, times);
        return All(days, times);
    }

    private static IEnumerable<DateTime> All(List<DateTime> days, IReadOnlyList<TimeSpan> times)
    {
        foreach (DateTime day in days)
        {
            foreach (TimeSpan time in times)
                yield return day + time;
        }
    }

    private static SortedSet<DateTime> Select(List<int> positions, List<DateTime> days, IReadOnlyList<TimeSpan> times)
    {
        var selected = new SortedSet<DateTime>();
        int count = days.Count * times.Count;
        foreach (int position in positions)
        {
            int index = position > 0 ? position - 1 : count + position;
            if (index >= 0 && index < count)
                selected.Add(days[index / times.Count] + times[index % times.Count]);
        }
        return selected;
    }
}
