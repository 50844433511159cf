using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>What a field of a cron expression may hold.</summary>
internal sealed class CronField
{
    public const int Minute = 0, Hour = 1, Day = 2, Month = 3, DayOfWeek = 4, Second = 5, Year = 6;

    private static readonly string[] _months = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec" };
    private static readonly string[] _days = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

    /// <summary>The fields in croniter's order: seconds come sixth.</summary>
    public static readonly IReadOnlyList<CronField> All = new[]
    {
        new CronField("minute", 0, 59),
        new CronField("hour", 0, 23),
        new CronField("day of month", 1, 31),
        new CronField("month", 1, 12, _months),
        new CronField("day of week", 0, 6, _days),
        new CronField("second", 0, 59),
        new CronField("year", 1970, 2099),
    };

    private CronField(string name, int min, int max, string[]? names = null)
    {
        Name = name;
        Min = min;
        Max = max;
        Names = names ?? Array.Empty<string>();
    }

    public string Name { get; }

    public int Min { get; }

    public int Max { get; }

    /// <summary>Names of the values, the first one being <see cref="Min"/>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>What is allowed, for messages.</summary>
    public string Allowed => Names.Count == 0 ? $"{Min}-{Max}" : $"{Min}-{Max} or {Names[0]}-{Names[Names.Count - 1]}";

    /// <summary>The value of a lower-case name.</summary>
    public bool TryGetNamed(string name, out int value)
    {
        for (int i = 0; i < Names.Count; i++)
        {
            if (Names[i] == name)
            {
                value = Min + i;
                return true;
            }
        }
        value = 0;
        return false;
    }
}
