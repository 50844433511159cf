using System.Globalization;

namespace Sluice.Cli.Times;

/// <summary>A day that a phrase names, by what it depends on.</summary>
/// <param name="First">The first day that it may be.</param>
internal sealed record PhraseDate(DateTime First)
{
    /// <summary>The time of day where the phrase names none; null: that of now.</summary>
    public TimeSpan? Otherwise { get; init; } = TimeSpan.Zero;

    /// <summary>The next such day after a day, where the first one may be over; null where only one is meant.</summary>
    public Func<DateTime, DateTime>? Later { get; init; }

    /// <summary>Whether hours of the evening are meant, as with <c>tonight</c>.</summary>
    public bool Evening { get; init; }

    /// <summary>Whether these are those of the afternoon, at whose begin it is twelve.</summary>
    public bool Afternoon { get; init; }

    /// <summary>Whether the phrase must name a time of day.</summary>
    public string? NeedsClock { get; init; }
}

/// <summary>Reads days: <c>tomorrow</c>, <c>next monday</c>, <c>dec 1</c>, <c>the last day of the month</c>.</summary>
internal sealed class PhraseDates(PhraseCursor cursor, DateTime today)
{
    private static readonly TimeSpan s_lastMinute = new(23, 59, 0);

    /// <summary>Null, and nothing taken, where there is none.</summary>
    public PhraseDate? Read()
    {
        int start = cursor.Position;
        PhraseDate? date = ReadIso() ?? ReadNamed() ?? ReadEdge() ?? ReadNth() ?? ReadWeekday() ?? ReadMonthDay();
        if (date is null)
            cursor.Position = start;
        return date;
    }

    private PhraseDate? ReadIso()
    {
        if (cursor.Next.Kind != PhraseKind.Date)
            return null;
        string text = cursor.TakeNext().Text;
        int[] parts = [.. text.Split('-', '/').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
        return new(Day(parts[0], parts[1], parts[2], text));
    }

    private PhraseDate? ReadNamed()
    {
        if (cursor.Take("today"))
            return ReadPart(OfNow(today));
        if (cursor.Take("tonight") || cursor.Take("this", "evening"))
            return new(today) { Evening = true, NeedsClock = "tonight at 9" };
        if (cursor.Take("the", "day", "after", "tomorrow") || cursor.Take("day", "after", "tomorrow"))
            return OfNow(today.AddDays(2));
        if (cursor.Take("tomorrow"))
            return ReadPart(OfNow(today.AddDays(1)));
        if (cursor.Take("yesterday"))
            return OfNow(today.AddDays(-1));
        if (cursor.Take("next", "week"))
        {
            cursor.Take("on");
            return PhraseNumbers.Weekday(cursor.Next) is { } weekday ? new(InWeek(TakeWeekday(weekday), 1)) : OfNow(today.AddDays(7));
        }
        if (cursor.Take("next", "month"))
            return OfNow(today.AddMonths(1));
        return cursor.Take("next", "year") ? OfNow(today.AddYears(1)) : null;
    }

    /// <summary><c>tomorrow morning</c> alone says no time; with one it says which half of the day.</summary>
    private PhraseDate ReadPart(PhraseDate date)
    {
        string part = cursor.Next.Text;
        return cursor.TakeOne("morning", "afternoon", "evening", "night")
            ? date with { Evening = part != "morning", Afternoon = part == "afternoon", NeedsClock = $"tomorrow {part} at {(part == "morning" ? "9" : "3")}" }
            : date;
    }

    /// <summary><c>end of the month</c>, <c>beginning of next week</c>, <c>last day of december</c>.</summary>
    private PhraseDate? ReadEdge()
    {
        int start = cursor.Position;
        cursor.Take("the");
        bool ofDay = cursor.Take("last", "day") || cursor.Take("first", "day");
        bool? last = ofDay ? cursor.Peek(-2).Text == "last" : cursor.Take("end") ? true : cursor.TakeOne("start", "beginning") ? false : null;
        if (last is not { } end || !cursor.Take("of"))
            return Nothing(start);
        if (!ofDay && (cursor.Take("day") || cursor.Take("the", "day") || cursor.Take("today") || cursor.Take("tomorrow")))
        {
            string named = cursor.Peek(-1).Text;
            return new(named == "tomorrow" ? today.AddDays(1) : today) { Otherwise = end ? s_lastMinute : TimeSpan.Zero, Later = named == "day" ? day => day.AddDays(1) : null };
        }
        if (ReadPeriod() is not { } period)
            return Nothing(start);
        // The beginning of a period that has begun is that of the next one.
        if (period.First < today && !end && period.Following is { } following)
            period = period.At(following(period.First));
        return new(Edge(period)) { Otherwise = end && !ofDay ? s_lastMinute : TimeSpan.Zero, Later = period.Following is { } further ? _ => Edge(period.At(further(period.First))) : null };

        DateTime Edge(Period one) => end ? one.Next.AddDays(-1) : one.First;
    }

    private Period? ReadPeriod()
    {
        if (PhraseNumbers.Month(cursor.Next) is { } month)
        {
            cursor.Position++;
            return ReadYear() is { } year
                ? new(new(year, month, 1), first => first.AddMonths(1), null)
                : new(new(today.Year + (month < today.Month ? 1 : 0), month, 1), first => first.AddMonths(1), first => first.AddYears(1));
        }
        int step = cursor.Take("next") ? 1 : 0;
        bool repeats = step == 0 && !cursor.Take("this");
        cursor.Take("the");
        return cursor.Take("week") ? Of(InWeek(DayOfWeek.Monday, step), first => first.AddDays(7))
            : cursor.Take("month") ? Of(new DateTime(today.Year, today.Month, 1).AddMonths(step), first => first.AddMonths(1))
            : cursor.Take("year") ? Of(new(today.Year + step, 1, 1), first => first.AddYears(1)) : null;

        Period Of(DateTime first, Func<DateTime, DateTime> next) => new(first, next, repeats ? next : null);
    }

    /// <param name="First">Its first day.</param>
    /// <param name="ToNext">From its first day to the day after its last one.</param>
    /// <param name="Following">From its first day to that of the one which is meant where this one is over; null where only this one is.</param>
    private sealed record Period(DateTime First, Func<DateTime, DateTime> ToNext, Func<DateTime, DateTime>? Following)
    {
        public DateTime Next => ToNext(First);

        public Period At(DateTime first) => this with { First = first };
    }

    /// <summary><c>first monday of next month</c>, <c>last friday of december</c>.</summary>
    private PhraseDate? ReadNth()
    {
        int start = cursor.Position;
        cursor.Take("the");
        int? nth = cursor.Take("last") ? -1 : PhraseNumbers.ReadOrdinal(cursor);
        if (nth is null || PhraseNumbers.Weekday(cursor.Next) is not { } weekday)
            return Nothing(start);
        cursor.Position++;
        if (!cursor.TakeOne("of", "in") || ReadPeriod() is not { } period)
            throw cursor.Lost();
        if ((period.Next - period.First).TotalDays is < 28 or > 31)
            throw new PhraseException("counts weekdays of what is no month");
        return new(Nth(period.First, weekday, nth.Value)) { Later = period.Following is { } following ? _ => Nth(following(period.First), weekday, nth.Value) : null };
    }

    private static DateTime Nth(DateTime month, DayOfWeek weekday, int nth)
    {
        DateTime first = month.AddDays(((int)weekday - (int)month.DayOfWeek + 7) % 7);
        if (nth > 0)
            return first.AddDays(7 * (nth - 1)) is var day && day.Month == month.Month ? day : throw new PhraseException(string.Create(CultureInfo.InvariantCulture, $"counts {nth} {weekday}s in {month:MMMM yyyy}, which has {nth - 1}"));
        DateTime last = first.AddDays(28);
        return last.Month == month.Month ? last : first.AddDays(21);
    }

    private PhraseDate? ReadWeekday()
    {
        int start = cursor.Position;
        bool next = cursor.Take("next");
        if (!next)
            cursor.TakeOne("this", "coming");
        if (PhraseNumbers.Weekday(cursor.Next) is not { } weekday)
            return Nothing(start);
        cursor.Position++;
        if (!next && cursor.Take("next", "week"))
            return new(InWeek(weekday, 1));
        DateTime day = today.AddDays(((int)weekday - (int)today.DayOfWeek + 7) % 7);
        return next && day == today ? new(day.AddDays(7)) : new(day) { Later = from => from.AddDays(7) };
    }

    /// <summary><c>dec 1</c>, <c>1st of december 2027</c>, <c>the 15th</c>, <c>the 15th of next month</c>.</summary>
    private PhraseDate? ReadMonthDay()
    {
        int start = cursor.Position;
        if (PhraseNumbers.Month(cursor.Next) is { } month)
        {
            cursor.Position++;
            cursor.Take("the");
            int? day = PhraseNumbers.ReadOrdinal(cursor);
            if (day is null && PhraseNumbers.Whole(cursor.Next) is { } digits && cursor.Next.Text.Length <= 2)
            {
                day = digits;
                cursor.Position++;
            }
            return day is { } given ? OfMonth(month, given) : throw new PhraseException($"names no day of the month {cursor.Peek(-1).Written}");
        }
        bool the = cursor.Take("the");
        if (PhraseNumbers.Whole(cursor.Next) is { } number && cursor.Next.Text.Length <= 2 && PhraseNumbers.Month(cursor.Peek(1)) is { } behind)
        {
            cursor.Position += 2;
            return OfMonth(behind, number);
        }
        if (PhraseNumbers.ReadOrdinal(cursor) is not { } ordinal)
            return Nothing(start);
        bool of = cursor.Take("of");
        if (PhraseNumbers.Month(cursor.Next) is { } named)
        {
            cursor.Position++;
            return OfMonth(named, ordinal);
        }
        if (of && cursor.Take("next", "month"))
            return InMonth(1);
        if (of && !cursor.Take("this", "month") && !cursor.Take("the", "month"))
            throw cursor.Lost();
        if (!of && !the && cursor.Peek(-1).Kind != PhraseKind.Word)
            return Nothing(start);
        return of ? InMonth(0) : new(DayOfMonth(new(today.Year, today.Month, 1), ordinal)) { Later = from => DayOfMonth(new DateTime(from.Year, from.Month, 1).AddMonths(1), ordinal) };

        PhraseDate InMonth(int step)
        {
            DateTime first = new DateTime(today.Year, today.Month, 1).AddMonths(step);
            return new(Day(first.Year, first.Month, ordinal, $"{ordinal}"));
        }
    }

    private PhraseDate OfMonth(int month, int day)
    {
        cursor.Take(",");
        string text = $"{day} {Name(month)}";
        if (ReadYear() is { } year)
            return new(Day(year, month, day, text));
        // A leap year has every day that there is.
        Day(2024, month, day, text);
        return new(From(today.Year)) { Later = from => From(from.Year + 1) };

        DateTime From(int first)
        {
            while (day > DateTime.DaysInMonth(first, month))
                first++;
            return new(first, month, day);
        }
    }

    /// <summary>The day in this month, or in the first one that has it.</summary>
    private static DateTime DayOfMonth(DateTime month, int day)
    {
        if (day is < 1 or > 31)
            throw new PhraseException($"has a day {day} of a month");
        while (day > DateTime.DaysInMonth(month.Year, month.Month))
            month = month.AddMonths(1);
        return month.AddDays(day - 1);
    }

    private int? ReadYear()
    {
        if (cursor.Next.Text.Length != 4 || PhraseNumbers.Whole(cursor.Next) is not { } year || year < 1970)
            return null;
        cursor.Position++;
        return year;
    }

    private DayOfWeek TakeWeekday(DayOfWeek weekday)
    {
        cursor.Position++;
        return weekday;
    }

    /// <summary>A day of this week or a later one; weeks begin on Monday.</summary>
    private DateTime InWeek(DayOfWeek weekday, int weeks) =>
        today.AddDays(-(((int)today.DayOfWeek + 6) % 7) + (7 * weeks) + (((int)weekday + 6) % 7));

    private PhraseDate? Nothing(int start)
    {
        cursor.Position = start;
        return null;
    }

    private static PhraseDate OfNow(DateTime day) => new(day) { Otherwise = null };

    private static DateTime Day(int year, int month, int day, string text) =>
        year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? new(year, month, day)
            : throw new PhraseException($"has '{text}', which is no day of the calendar");

    private static string Name(int month) => CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(month);
}
