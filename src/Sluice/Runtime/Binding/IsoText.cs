using System;
using System.Globalization;
using System.Text;

namespace Sluice.Runtime.Binding;

/// <summary>
/// Dates, times and durations as RFC 3339 and ISO 8601 write them. Compiled into the generator as well, so that a deployment's parameters are
/// judged at compile time by the rules that hold at run time; hence netstandard2.0 only, and ticks instead of DateOnly and TimeOnly.
/// </summary>
internal static class IsoText
{
    /// <summary>Reads <c>2026-01-31T06:00[:00[.fffffff]][Z|+01:00]</c>. The offset is null when the text has none.</summary>
    public static bool TryDateTime(string text, out long ticks, out int? offsetMinutes)
    {
        ticks = 0;
        offsetMinutes = null;
        int at = 0;
        if (!TryDatePart(text, ref at, out DateTime date) || at >= text.Length || text[at] is not ('T' or 't' or ' '))
            return false;
        at++;
        if (!TryTimePart(text, ref at, out long time) || !TryOffset(text, ref at, out offsetMinutes) || at != text.Length)
            return false;
        ticks = date.Ticks + time;
        long utc = ticks - ((offsetMinutes ?? 0) * TimeSpan.TicksPerMinute);
        return utc >= DateTime.MinValue.Ticks && utc <= DateTime.MaxValue.Ticks;
    }

    /// <summary>Reads <c>2026-01-31</c>.</summary>
    public static bool TryDate(string text, out long ticks)
    {
        int at = 0;
        bool read = TryDatePart(text, ref at, out DateTime date) && at == text.Length;
        ticks = date.Ticks;
        return read;
    }

    /// <summary>Reads <c>06:00[:00[.fffffff]]</c>.</summary>
    public static bool TryTime(string text, out long ticks)
    {
        int at = 0;
        return TryTimePart(text, ref at, out ticks) && at == text.Length;
    }

    /// <summary>
    /// Reads <c>PT15M</c>, <c>P1DT2.5H</c>, <c>-P2W</c> (years and months have no fixed length and are refused), or <c>[-][d.]hh:mm:ss[.fffffff]</c>.
    /// </summary>
    public static bool TryDuration(string text, out long ticks)
    {
        ticks = 0;
        int at = text.Length > 0 && text[0] is '-' or '+' ? 1 : 0;
        bool negative = at == 1 && text[0] == '-';
        decimal total;
        if (at < text.Length && text[at] == 'P')
        {
            at++;
            bool hasDays = TryUnits(text, ref at, "WD", out total);
            if (at < text.Length && text[at] == 'T')
            {
                at++;
                if (!TryUnits(text, ref at, "HMS", out decimal time))
                    return false;
                total += time;
            }
            else if (!hasDays)
            {
                return false;
            }
        }
        else if (!TryClock(text, ref at, out total))
        {
            return false;
        }
        total = decimal.Truncate(negative ? -total : total);
        if (at != text.Length || total < long.MinValue || total > long.MaxValue)
            return false;
        ticks = (long)total;
        return true;
    }

    /// <summary>Writes a duration, as <c>P1DT2H30M</c>, <c>PT0.5S</c> or <c>-PT5M</c>.</summary>
    public static string Duration(TimeSpan value)
    {
        if (value == TimeSpan.Zero)
            return "PT0S";
        ulong ticks = value.Ticks < 0 ? (ulong)-(value.Ticks + 1) + 1 : (ulong)value.Ticks;
        ulong days = ticks / TimeSpan.TicksPerDay;
        ulong hours = ticks / TimeSpan.TicksPerHour % 24;
        ulong minutes = ticks / TimeSpan.TicksPerMinute % 60;
        ulong seconds = ticks / TimeSpan.TicksPerSecond % 60;
        ulong fraction = ticks % TimeSpan.TicksPerSecond;

        var text = new StringBuilder(value.Ticks < 0 ? "-P" : "P");
        if (days > 0)
            text.Append(days.ToString(CultureInfo.InvariantCulture)).Append('D');
        if (ticks % TimeSpan.TicksPerDay != 0)
            text.Append('T');
        if (hours > 0)
            text.Append(hours.ToString(CultureInfo.InvariantCulture)).Append('H');
        if (minutes > 0)
            text.Append(minutes.ToString(CultureInfo.InvariantCulture)).Append('M');
        if (seconds > 0 || fraction > 0)
        {
            text.Append(seconds.ToString(CultureInfo.InvariantCulture));
            if (fraction > 0)
                text.Append('.').Append(fraction.ToString("0000000", CultureInfo.InvariantCulture).TrimEnd('0'));
            text.Append('S');
        }
        return text.ToString();
    }

    private static bool TryDatePart(string text, ref int at, out DateTime date)
    {
        date = default;
        if (!TryFixed(text, ref at, 4, out int year) || !Skip(text, ref at, '-')
            || !TryFixed(text, ref at, 2, out int month) || !Skip(text, ref at, '-') || !TryFixed(text, ref at, 2, out int day))
            return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        date = new DateTime(year, month, day);
        return true;
    }

    private static bool TryTimePart(string text, ref int at, out long ticks)
    {
        ticks = 0;
        int second = 0;
        if (!TryFixed(text, ref at, 2, out int hour) || !Skip(text, ref at, ':') || !TryFixed(text, ref at, 2, out int minute))
            return false;
        bool hasSeconds = Skip(text, ref at, ':');
        if ((hasSeconds && !TryFixed(text, ref at, 2, out second)) || hour > 23 || minute > 59 || second > 59)
            return false;
        ticks = (hour * TimeSpan.TicksPerHour) + (minute * TimeSpan.TicksPerMinute) + (second * TimeSpan.TicksPerSecond);
        if (hasSeconds && at < text.Length && text[at] is '.' or ',')
        {
            at++;
            if (!TryFraction(text, ref at, out long fraction))
                return false;
            ticks += fraction;
        }
        return true;
    }

    private static bool TryOffset(string text, ref int at, out int? minutes)
    {
        minutes = null;
        if (at == text.Length)
            return true;
        char sign = text[at++];
        if (sign is 'Z' or 'z')
        {
            minutes = 0;
            return true;
        }
        // .NET's DateTimeOffset goes to 14 hours, as every zone does.
        int minute = 0;
        if (sign is not ('+' or '-') || !TryFixed(text, ref at, 2, out int hour))
            return false;
        if ((Skip(text, ref at, ':') || at < text.Length) && !TryFixed(text, ref at, 2, out minute))
            return false;
        if (minute > 59 || (hour * 60) + minute > 14 * 60)
            return false;
        minutes = (sign == '-' ? -1 : 1) * ((hour * 60) + minute);
        return true;
    }

    /// <summary>Numbers with units in their order, each at most once; false when there is none.</summary>
    private static bool TryUnits(string text, ref int at, string units, out decimal ticks)
    {
        ticks = 0;
        int last = -1;
        while (at < text.Length && text[at] is >= '0' and <= '9')
        {
            if (!TryDigits(text, ref at, out long whole))
                return false;
            decimal number = whole;
            if (at < text.Length && text[at] is '.' or ',')
            {
                at++;
                if (!TryFraction(text, ref at, out long fraction))
                    return false;
                number += (decimal)fraction / TimeSpan.TicksPerSecond;
            }
            int unit = at < text.Length ? units.IndexOf(text[at]) : -1;
            if (unit <= last)
                return false;
            ticks += number * text[at++] switch
            {
                'W' => 7 * TimeSpan.TicksPerDay,
                'D' => TimeSpan.TicksPerDay,
                'H' => TimeSpan.TicksPerHour,
                'M' => TimeSpan.TicksPerMinute,
                _ => TimeSpan.TicksPerSecond,
            };
            last = unit;
        }
        return last >= 0;
    }

    private static bool TryClock(string text, ref int at, out decimal ticks)
    {
        ticks = 0;
        int dot = text.IndexOf('.', at);
        if (dot >= 0 && dot < text.IndexOf(':'))
        {
            if (!TryDigits(text, ref at, out long days) || at != dot || days > 10_675_199)
                return false;
            at++;
            ticks = (decimal)days * TimeSpan.TicksPerDay;
        }
        // hh:mm could be meant as minutes and seconds.
        if (text.IndexOf(':') == text.LastIndexOf(':') || !TryTimePart(text, ref at, out long time))
            return false;
        ticks += time;
        return true;
    }

    /// <summary>A fraction of a second in ticks; digits past the seventh are cut.</summary>
    private static bool TryFraction(string text, ref int at, out long ticks)
    {
        ticks = 0;
        int start = at;
        long weight = TimeSpan.TicksPerSecond / 10;
        for (; at < text.Length && text[at] is >= '0' and <= '9'; at++, weight /= 10)
            ticks += (text[at] - '0') * weight;
        return at > start;
    }

    private static bool TryDigits(string text, ref int at, out long number)
    {
        number = 0;
        int start = at;
        for (; at < text.Length && text[at] is >= '0' and <= '9'; at++)
        {
            if (at - start >= 15)
                return false;
            number = (number * 10) + (text[at] - '0');
        }
        return at > start;
    }

    private static bool TryFixed(string text, ref int at, int length, out int number)
    {
        number = 0;
        if (at + length > text.Length)
            return false;
        for (int end = at + length; at < end; at++)
        {
            if (text[at] is < '0' or > '9')
                return false;
            number = (number * 10) + (text[at] - '0');
        }
        return true;
    }

    private static bool Skip(string text, ref int at, char expected)
    {
        if (at >= text.Length || text[at] != expected)
            return false;
        at++;
        return true;
    }
}
