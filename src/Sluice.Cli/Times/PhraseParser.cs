namespace Sluice.Cli.Times;

/// <summary>Reads the parts of a phrase, in any order, and says which time they mean.</summary>
internal sealed class PhraseParser(IReadOnlyList<PhraseWord> words, DateTimeOffset now, TimeZoneInfo zone)
{
    private readonly PhraseCursor _cursor = new(words);
    private PhraseDuration? _length;
    private PhraseDate? _date;
    private TimeSpan? _clock;
    private bool _half;

    public PhraseTime Read()
    {
        if (_cursor.Take("now") && _cursor.AtEnd)
            return new(now, null);
        _cursor.Position = 0;
        // What today is depends on whose clock it is, wherever in the phrase that is said.
        if (FindZone() is { } named)
            zone = named;
        DateTime today = WallClock.At(now, zone).Date;
        while (!_cursor.AtEnd)
            ReadPart(today);
        return Resolve();
    }

    private TimeZoneInfo? FindZone()
    {
        for (_cursor.Position = 0; !_cursor.AtEnd; _cursor.Position++)
        {
            if (PhraseZones.Read(_cursor) is { } found)
            {
                _cursor.Position = 0;
                return found;
            }
        }
        _cursor.Position = 0;
        return null;
    }

    private void ReadPart(DateTime today)
    {
        int start = _cursor.Position;
        if (_cursor.TakeOne(",", "-"))
            return;
        if (_cursor.TakeOne("at", "@"))
        {
            SetClock(PhraseClock.Read(_cursor, bare: true, out bool named) ?? throw new PhraseException("names no time of day behind 'at': write it as 9am or 17:30"), named);
            return;
        }
        bool on = _cursor.Take("on");
        if (new PhraseDates(_cursor, today).Read() is { } date)
        {
            if (_date is not null)
                throw new PhraseException("names two days");
            _date = date;
            return;
        }
        if (on)
            throw _cursor.Lost();
        if (PhraseClock.Read(_cursor, bare: _date is not null, out bool half) is { } clock)
        {
            SetClock(clock, half);
            return;
        }
        bool marked = _cursor.Take("in");
        if (PhraseDuration.Read(_cursor) is { } length)
        {
            if (_length is not null)
                throw new PhraseException("names two lengths of time");
            _length = _cursor.Take("ago") ? length.Negate() : length;
            if (_cursor.TakeOne("from", "after") && !_cursor.Take("now") && new PhraseDates(_cursor, today).Read() is var from)
                _date = _date is null && from is not null ? from : throw _cursor.Lost();
            else
                _cursor.TakeOne("later");
            return;
        }
        if (marked && _cursor.AtEnd)
            throw _cursor.Lost();
        _cursor.Position = start;
        if (PhraseZones.Read(_cursor) is null)
            throw _cursor.Lost();
    }

    private void SetClock(TimeSpan clock, bool half)
    {
        if (_clock is not null)
            throw new PhraseException("names two times of day");
        (_clock, _half) = (clock, half);
    }

    private PhraseTime Resolve()
    {
        DateTime wall = WallClock.At(now, zone);
        if (_date is { NeedsClock: { } example } && _clock is null)
            throw new PhraseException($"names no time of day: write e.g. '{example}'");
        if (_date is { Evening: true } part && _clock is { } said)
            _clock = InEvening(said, part.Afternoon);
        // The midnight of today that people mean is its end.
        else if (_date is { } day && day.First == wall.Date && day.Otherwise is null && _clock == TimeSpan.Zero)
            _clock = TimeSpan.FromHours(24);
        if (_length is { } length && _date is null)
        {
            if (_clock is null)
                return new(length.After(now, zone), null);
            if (!length.IsCalendar)
                throw new PhraseException("names both a time of day and hours from now: write one of them");
            return WallClock.ToTime(length.After(wall).Date + _clock.Value, zone);
        }
        if (_date is null)
            return Next(wall.Date, day => day.AddDays(1), _clock ?? throw _cursor.Lost());

        TimeSpan time = _clock ?? _date.Otherwise ?? wall.TimeOfDay;
        if (_length is { } further)
        {
            if (!further.IsCalendar)
                throw new PhraseException("counts hours from a day: write days, or the time of day");
            return WallClock.ToTime(further.After(_date.First) + time, zone);
        }
        // The same wall clock today is now, whichever of two such times it is.
        return _date.First + time == wall && _clock is null ? new(now, null) : Next(_date.First, _date.Later, time);
    }

    /// <summary>A time of an afternoon, an evening or a night, which ends with the small hours of the next day.</summary>
    private TimeSpan InEvening(TimeSpan clock, bool afternoon) => clock.TotalHours switch
    {
        < 12 when afternoon && _half => throw new PhraseException("names a time of the morning in an afternoon"),
        < 12 when _half => clock + TimeSpan.FromHours(24),
        < 1 => clock + TimeSpan.FromHours(afternoon ? 12 : 24),
        < 12 => clock + TimeSpan.FromHours(12),
        < 13 when !afternoon && !_half => clock + TimeSpan.FromHours(12),
        _ => clock,
    };

    /// <summary>The first of these days at which that time is still to come.</summary>
    private PhraseTime Next(DateTime day, Func<DateTime, DateTime>? later, TimeSpan time)
    {
        PhraseTime found = WallClock.ToTime(day + time, zone);
        return found.Time > now || later is null ? found : WallClock.ToTime(later(day) + time, zone);
    }
}
