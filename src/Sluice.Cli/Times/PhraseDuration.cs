namespace Sluice.Cli.Times;

/// <summary>A length of time: a part that the calendar measures, and one that a stop watch does.</summary>
internal readonly record struct PhraseDuration(int Months, int Days, TimeSpan Exact)
{
    public bool IsCalendar => Exact == TimeSpan.Zero && (Months, Days) != (0, 0);

    /// <summary>When it is over.</summary>
    public DateTimeOffset After(DateTimeOffset now, TimeZoneInfo zone) =>
        ((Months, Days) == (0, 0) ? now : WallClock.ToTime(After(WallClock.At(now, zone)), zone).Time) + Exact;

    /// <summary>The calendar's part alone.</summary>
    public DateTime After(DateTime wall) => wall.AddMonths(Months).AddDays(Days);

    public PhraseDuration Negate() => new(-Months, -Days, -Exact);

    /// <summary>Reads <c>2 hours and 5 minutes</c>, <c>2h30m</c>, <c>half an hour</c>, <c>an hour and a half</c>; null, and nothing taken, where there is none.</summary>
    public static PhraseDuration? Read(PhraseCursor cursor)
    {
        int start = cursor.Position;
        if (ReadPart(cursor) is not { } whole)
        {
            cursor.Position = start;
            return null;
        }
        while (true)
        {
            int before = cursor.Position;
            cursor.TakeOne(",", "&");
            cursor.Take("and");
            if (ReadPart(cursor) is not { } part)
            {
                cursor.Position = before;
                return whole;
            }
            whole = new(whole.Months + part.Months, whole.Days + part.Days, whole.Exact + part.Exact);
        }
    }

    private static PhraseDuration? ReadPart(PhraseCursor cursor)
    {
        if (ReadFraction(cursor) is { } fraction)
            return fraction;
        int start = cursor.Position;
        if (PhraseNumbers.Read(cursor) is not { } amount)
            return null;
        if (cursor.Take("couple"))
        {
            cursor.Take("of");
            amount = 2;
        }
        if (cursor.Take("and", "a", "half"))
            amount += 0.5;
        if (!TryUnit(cursor, out string unit))
        {
            cursor.Position = start;
            return null;
        }
        if (cursor.Take("and", "a", "half"))
            amount += 0.5;
        return Of(amount, unit);
    }

    /// <summary><c>half an hour</c>, <c>a quarter of an hour</c>.</summary>
    private static PhraseDuration? ReadFraction(PhraseCursor cursor)
    {
        int start = cursor.Position;
        cursor.Take("a");
        double fraction = cursor.Take("half") ? 0.5 : cursor.Take("quarter") ? 0.25 : 0;
        if (fraction > 0)
        {
            cursor.Take("of");
            cursor.TakeOne("a", "an");
            if (TryUnit(cursor, out string unit))
                return Of(fraction, unit);
        }
        cursor.Position = start;
        return null;
    }

    private static bool TryUnit(PhraseCursor cursor, out string unit)
    {
        unit = cursor.Next.Text switch
        {
            "s" or "sec" or "secs" or "second" or "seconds" => "second",
            "m" or "min" or "mins" or "minute" or "minutes" => "minute",
            "h" or "hr" or "hrs" or "hour" or "hours" => "hour",
            "d" or "day" or "days" => "day",
            "w" or "wk" or "wks" or "week" or "weeks" => "week",
            "fortnight" or "fortnights" => "fortnight",
            "month" or "months" => "month",
            "y" or "yr" or "yrs" or "year" or "years" => "year",
            _ => "",
        };
        if (unit.Length == 0)
            return false;
        cursor.Position++;
        return true;
    }

    private static PhraseDuration Of(double amount, string unit) => unit switch
    {
        "second" => new(0, 0, TimeSpan.FromSeconds(amount)),
        "minute" => new(0, 0, TimeSpan.FromMinutes(amount)),
        "hour" => new(0, 0, TimeSpan.FromHours(amount)),
        "day" => OfDays(amount),
        "week" => OfDays(7 * amount),
        "fortnight" => OfDays(14 * amount),
        "month" => new(OfWhole(amount, unit), 0, default),
        _ => new(OfWhole(12 * amount, unit), 0, default),
    };

    private static PhraseDuration OfDays(double days) => new(0, (int)Math.Floor(days), TimeSpan.FromDays(days - Math.Floor(days)));

    private static int OfWhole(double amount, string unit) => amount == Math.Floor(amount)
        ? (int)amount
        : throw new PhraseException($"has a part of a {unit}, which is of no certain length: write it in days");
}
