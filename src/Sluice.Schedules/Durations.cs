using System;
using System.Globalization;

namespace Sluice.Schedules;

/// <summary>Durations as users write them: seconds (<c>900</c>, <c>0.5</c>), <c>00:15:00</c> (also <c>1.00:00:00</c>), or ISO 8601 (<c>PT15M</c>, <c>P1DT2H</c>, <c>P2W</c>; no years or months).</summary>
#if SCHEDULES_LIBRARY
public
#else
internal
#endif
static class Durations
{
    private const string Allowed = "write seconds (900), hours:minutes:seconds (00:15:00), or ISO 8601 (PT15M)";

    /// <summary>Parses a duration; the sign is kept, range checks are the caller's.</summary>
    public static bool TryParse(string text, out TimeSpan duration, out ScheduleError? error)
    {
        string trimmed = text.Trim();
        int offset = text.Length == 0 ? 0 : text.IndexOf(trimmed, StringComparison.Ordinal);
        bool negative = trimmed.Length > 0 && trimmed[0] == '-';
        string body = negative || (trimmed.Length > 0 && trimmed[0] == '+') ? trimmed.Substring(1) : trimmed;
        duration = default;
        error = null;
        if (body.Length > 0)
        {
            int start = offset + trimmed.Length - body.Length;
            decimal ticks = body[0] is 'P' or 'p' ? Iso(text, start, body, out error)
                : body.IndexOf(':') >= 0 ? Clock(body, out error, start)
                : Seconds(body, out error, start);
            if (error == null && ticks > long.MaxValue)
                error = new ScheduleError(offset, trimmed.Length, $"'{trimmed}' is too long; at most 10675199 days are possible.");
            if (error == null)
            {
                duration = TimeSpan.FromTicks(negative ? -(long)ticks : (long)ticks);
                return true;
            }
            return false;
        }
        error = new ScheduleError(0, text.Length, trimmed.Length == 0 ? $"the duration is empty; {Allowed}." : $"'{trimmed}' is not a duration; {Allowed}.");
        return false;
    }

    private static decimal Seconds(string body, out ScheduleError? error, int start)
    {
        error = null;
        if (TryNumber(body, out decimal seconds))
            return Scale(seconds, TimeSpan.TicksPerSecond);
        error = new ScheduleError(start, body.Length, $"'{body}' is not a duration; {Allowed}.");
        return 0;
    }

    /// <summary>[days.]hours:minutes[:seconds[.fraction]]; hours under 24, as TimeSpan has it.</summary>
    private static decimal Clock(string body, out ScheduleError? error, int start)
    {
        error = null;
        int parts = body.Split(':').Length;
        if (parts == 3 && TimeSpan.TryParseExact(body, "c", CultureInfo.InvariantCulture, out TimeSpan time) && time >= TimeSpan.Zero)
            return time.Ticks;
        string reason = parts == 2 ? "give the seconds too" : "hours are 0-23, minutes and seconds 0-59, and days come before a dot (1.00:00:00)";
        error = new ScheduleError(start, body.Length, $"'{body}' is not a duration; {reason}.");
        return 0;
    }

    private static decimal Iso(string text, int start, string body, out ScheduleError? error)
    {
        decimal ticks = 0;
        bool time = false, any = false;
        int rank = 0, at = 1;
        error = null;
        while (at < body.Length)
        {
            if (body[at] is 'T' or 't' && !time)
            {
                time = true;
                at++;
                any = false;
                continue;
            }
            int from = at;
            while (at < body.Length && (body[at] is >= '0' and <= '9' or '.' or ','))
                at++;
            char unit = at < body.Length ? char.ToUpperInvariant(body[at]) : '\0';
            if (!time && unit is 'Y' or 'M')
            {
                error = new ScheduleError(start + from, at - from + 1, $"'{text.Substring(start + from, at - from + 1)}' is not a fixed time; use weeks, days, hours, minutes and seconds (minutes come after T: PT15M).");
                return 0;
            }
            int order = time ? unit switch { 'H' => 3, 'M' => 4, 'S' => 5, _ => 0 } : unit switch { 'W' => 1, 'D' => 2, _ => 0 };
            if (order <= rank || !TryNumber(body.Substring(from, at - from).Replace(',', '.'), out decimal number))
            {
                int length = Math.Max(1, Math.Min(at + 1, body.Length) - from);
                error = new ScheduleError(start + from - (from == body.Length ? 1 : 0), length, $"'{text.Substring(start)}' is not an ISO 8601 duration; write it as PT15M, P1DT2H or P2W.");
                return 0;
            }
            long scale = order switch { 1 => 7 * TimeSpan.TicksPerDay, 2 => TimeSpan.TicksPerDay, 3 => TimeSpan.TicksPerHour, 4 => TimeSpan.TicksPerMinute, _ => TimeSpan.TicksPerSecond };
            ticks = Math.Min(ticks + Scale(number, scale), TooMuch);
            rank = order;
            any = true;
            at++;
        }
        if (!any)
            error = new ScheduleError(start, body.Length, $"'{body}' is not an ISO 8601 duration; write it as PT15M, P1DT2H or P2W.");
        return ticks;
    }

    private const decimal TooMuch = 1e20m;

    private static decimal Scale(decimal number, long ticks) => number > TooMuch / ticks ? TooMuch : decimal.Round(number * ticks);

    private static bool TryNumber(string text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number) && text[0] != '.' && text[text.Length - 1] != '.'
        || Oversized(text, out number);

    /// <summary>Digits beyond what decimal holds: a number all the same, and too much.</summary>
    private static bool Oversized(string text, out decimal number)
    {
        number = TooMuch;
        foreach (char c in text)
        {
            if (c is < '0' or > '9')
                return false;
        }
        return text.Length > 0;
    }
}
