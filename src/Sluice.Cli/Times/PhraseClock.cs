using System.Globalization;

namespace Sluice.Cli.Times;

/// <summary>Reads times of day: <c>9am</c>, <c>17:30</c>, <c>noon</c>, <c>half past nine</c>, <c>9 in the evening</c>.</summary>
internal static class PhraseClock
{
    /// <summary>The time since the day's begin, 24:00 at most; null, and nothing taken, where there is none.</summary>
    /// <param name="cursor">Where it may stand.</param>
    /// <param name="bare">Whether a number alone is an hour, as behind <c>at</c>.</param>
    /// <param name="half">Whether the phrase says which half of the day is meant.</param>
    public static TimeSpan? Read(PhraseCursor cursor, bool bare, out bool half)
    {
        int start = cursor.Position;
        half = true;
        if (cursor.TakeOne("noon", "midday"))
            return TimeSpan.FromHours(12);
        if (cursor.Take("midnight"))
            return TimeSpan.Zero;
        if (cursor.Next.Kind == PhraseKind.Clock)
        {
            string text = cursor.TakeNext().Text.Replace(',', '.');
            string[] parts = text.Split(':');
            int hours = Part(parts[0], 24, text), minutes = Part(parts[1], 59, text);
            double seconds = parts.Length > 2 ? double.Parse(parts[2], CultureInfo.InvariantCulture) : 0;
            if (seconds >= 60)
                throw new PhraseException($"has '{text}', which is no time of day");
            return Halved(cursor, hours, out half, text) + TimeSpan.FromMinutes(minutes) + TimeSpan.FromSeconds(seconds) is var time && time <= TimeSpan.FromHours(24)
                ? time : throw new PhraseException($"has '{text}', which is no time of day");
        }
        if (ReadSpoken(cursor, out half) is { } spoken)
            return spoken;
        if (ReadHour(cursor, bare, out half) is { } hour)
            return hour;
        cursor.Position = start;
        return null;
    }

    private static TimeSpan? ReadHour(PhraseCursor cursor, bool bare, out bool half)
    {
        half = false;
        PhraseWord word = cursor.Next;
        if (bare && word.Kind == PhraseKind.Number && word.Text.Length == 4 && PhraseNumbers.Whole(word) is { } digits)
        {
            cursor.Position++;
            if (digits / 100 > 23 || digits % 100 > 59)
                throw new PhraseException($"has '{word.Written}', which is no time of day");
            return new TimeSpan(digits / 100, digits % 100, 0);
        }
        if (HourOf(word) is not { } hour)
            return null;
        bool marked = IsHalf(cursor.Peek(1)) || cursor.Peek(1).Text == "o'clock" || (cursor.Peek(1).Text == "in" && cursor.Peek(2).Text == "the");
        if (!marked && !bare)
            return null;
        cursor.Position++;
        int minutes = 0;
        if (bare && cursor.Take("h") && PhraseNumbers.Whole(cursor.Next) is { } behind)
        {
            cursor.Position++;
            minutes = behind <= 59 ? behind : throw new PhraseException($"has {behind} minutes in a time of day");
        }
        cursor.Take("o'clock");
        if (hour > 24)
            throw new PhraseException($"has '{word.Written}', which is no hour of a day");
        return Halved(cursor, hour, out half, word.Written) + TimeSpan.FromMinutes(minutes);
    }

    /// <summary><c>half past nine</c>, <c>quarter to five</c>, <c>ten past 9</c>.</summary>
    private static TimeSpan? ReadSpoken(PhraseCursor cursor, out bool half)
    {
        half = false;
        int start = cursor.Position;
        cursor.Take("a");
        int? minutes = cursor.Take("half") ? 30 : cursor.Take("quarter") ? 15 : (int?)PhraseNumbers.Read(cursor);
        if (minutes is > 0 and < 60)
        {
            cursor.TakeOne("minutes", "minute");
            int sign = cursor.TakeOne("past", "after") ? 1 : cursor.TakeOne("to", "before") ? -1 : 0;
            if (sign != 0 && HourOf(cursor.Next) is { } hour and >= 1 and <= 23)
            {
                cursor.Position++;
                cursor.Take("o'clock");
                return Halved(cursor, hour, out half, $"{hour}") + TimeSpan.FromMinutes(sign * minutes.Value);
            }
        }
        cursor.Position = start;
        return null;
    }

    private static int? HourOf(PhraseWord word)
    {
        if (PhraseNumbers.Whole(word) is { } digits)
            return word.Text.Length <= 2 ? digits : null;
        var one = new PhraseCursor([word]);
        return word.Kind == PhraseKind.Word && word.Text is not ("a" or "an") && PhraseNumbers.Read(one) is { } number and <= 12 ? (int)number : null;
    }

    private static bool IsHalf(PhraseWord word) => word.Text is "am" or "pm";

    /// <summary>The hour with what says its half of the day.</summary>
    private static TimeSpan Halved(PhraseCursor cursor, int hour, out bool half, string written)
    {
        int start = cursor.Position;
        bool? afternoon = cursor.Take("am") ? false : cursor.Take("pm") ? true : null;
        if (afternoon is null && cursor.Take("in", "the"))
        {
            afternoon = cursor.Take("morning") ? false : cursor.TakeOne("afternoon", "evening") ? true : null;
            if (afternoon is null)
                cursor.Position = start;
        }
        if (afternoon is null && cursor.Take("at", "night"))
            afternoon = hour is >= 6 and < 12;
        half = afternoon is not null;
        if (afternoon is { } given)
        {
            return hour is >= 1 and <= 12 ? TimeSpan.FromHours((hour % 12) + (given ? 12 : 0))
                : hour > 12 && given ? TimeSpan.FromHours(hour)
                : throw new PhraseException($"has '{written}' in a half of the day, whose hours are 1 to 12");
        }
        return TimeSpan.FromHours(hour);
    }

    private static int Part(string digits, int most, string clock) =>
        int.Parse(digits, CultureInfo.InvariantCulture) is var value && value <= most ? value : throw new PhraseException($"has '{clock}', which is no time of day");
}
