using System;
using System.Collections.Generic;
using System.Globalization;

namespace Sluice.Schedules;

/// <summary>Durations in English words.</summary>
internal static class DurationWords
{
    /// <summary>As in "every …": <c>15 minutes</c>, <c>day</c>, <c>1 hour and 30 minutes</c>.</summary>
    public static string Of(TimeSpan duration)
    {
        var parts = new List<KeyValuePair<int, string>>();
        bool weeks = duration.Days > 0 && duration.Days % 7 == 0;
        Add(parts, weeks ? duration.Days / 7 : duration.Days, weeks ? "week" : "day");
        Add(parts, duration.Hours, "hour");
        Add(parts, duration.Minutes, "minute");
        Add(parts, duration.Seconds, "second");
        if (duration.Ticks % TimeSpan.TicksPerSecond != 0)
            Add(parts, (int)(duration.Ticks % TimeSpan.TicksPerSecond / 10), "microsecond");
        if (parts.Count == 1 && parts[0].Key == 1)
            return parts[0].Value;
        return Words.Join(parts.ConvertAll(part => part.Key.ToString(CultureInfo.InvariantCulture) + " " + part.Value + (part.Key == 1 ? "" : "s")), "and");
    }

    private static void Add(List<KeyValuePair<int, string>> parts, int count, string unit)
    {
        if (count != 0)
            parts.Add(new KeyValuePair<int, string>(count, unit));
    }
}
