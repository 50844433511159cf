using System;

namespace Sluice.Schedules;

/// <summary>A rule's days with one year at hand: where its weeks lie, and Easter.</summary>
internal sealed class RRuleYear
{
    private readonly RRuleDays _days;
    private DateTime _first;
    private int _year;
    private bool[]? _inWeeks;

    public RRuleYear(RRuleDays days) => _days = days;

    /// <summary>Takes a year at hand. A week that begins in it is looked at with this year's weeks to its end.</summary>
    public void MoveTo(int year)
    {
        if (year == _year)
            return;
        _year = year;
        _first = new DateTime(year, 1, 1);
        if (_days.Weeks != null)
            _inWeeks = MarkWeeks();
    }

    public bool Matches(DateTime day) =>
        _days.Matches(day)
        && (_inWeeks == null || _inWeeks[(day - _first).Days])
        && (_days.EasterDays == null || _days.EasterDays.Contains((day - Easter(_year)).Days));

    /// <summary>Marks the days of the year, and of the week after it, that lie in the rule's weeks. Week 1 is the first with four days in the year.</summary>
    private bool[] MarkWeeks()
    {
        int length = Length(_year);
        var marks = new bool[length + 7];
        int firstWeek = FirstWeek(_year);
        int weeks = (length - firstWeek) / 7 + (length - firstWeek) % 7 / 4;
        foreach (int number in _days.Weeks!)
        {
            int week = number < 0 ? number + weeks + 1 : number;
            if (week > 0 && week <= weeks)
                Mark(marks, firstWeek + (week - 1) * 7);
        }
        int next = firstWeek + weeks * 7;
        if (_days.Weeks.Contains(1) && next < length)
            Mark(marks, next);
        if (firstWeek > 0 && _days.Weeks.Contains(_days.Weeks.Contains(-1) ? -1 : LastWeekOfYearBefore(length, firstWeek)))
        {
            for (int day = 0; day < firstWeek; day++)
                marks[day] = true;
        }
        return marks;
    }

    private static void Mark(bool[] marks, int week)
    {
        for (int day = Math.Max(0, week); day < week + 7; day++)
            marks[day] = true;
    }

    /// <summary>The number of the week that the first days of the year belong to.</summary>
    /// <remarks>dateutil takes this year's length where the year before began with its week 1; so it takes the week for the 53rd in years as 2022. Prefect runs it so, and we do.</remarks>
    private int LastWeekOfYearBefore(int length, int firstWeek)
    {
        int before = _year > 1 ? FirstWeek(_year - 1) : 0;
        return before < 0 ? 52 + (Length(_year - 1) - before) % 7 / 4 : 52 + (length - firstWeek) % 7 / 4;
    }

    /// <summary>The day of the year, from 0, that week 1 begins on; negative in the year before.</summary>
    private int FirstWeek(int year)
    {
        int day = (7 - RRuleDays.Weekday(new DateTime(year, 1, 1)) + _days.WeekStart) % 7;
        return day >= 4 ? day - 7 : day;
    }

    private static int Length(int year) => DateTime.IsLeapYear(year) ? 366 : 365;

    /// <summary>Easter Sunday of the Gregorian calendar (Butcher's method).</summary>
    private static DateTime Easter(int year)
    {
        int century = year / 100;
        int moon = (19 * (year % 19) + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
        int weekday = (32 + 2 * (century % 4) + 2 * (year % 100 / 4) - moon - year % 100 % 4) % 7;
        int days = moon + weekday - 7 * ((year % 19 + 11 * moon + 22 * weekday) / 451) + 114;
        return new DateTime(year, days / 31, days % 31 + 1);
    }
}
