using System;

namespace Sluice.Schedules;

/// <summary>Times of a day: certain seconds of certain minutes of certain hours. As seconds of the day.</summary>
internal readonly struct ClockTimes
{
    public const int LastSecond = 86_399;

    private readonly ulong _hours;
    private readonly ulong _minutes;
    private readonly ulong _seconds;

    public ClockTimes(ulong hours, ulong minutes, ulong seconds)
    {
        _hours = hours;
        _minutes = minutes;
        _seconds = seconds;
    }

    public int Count => Bits.Count(_hours) * Bits.Count(_minutes) * Bits.Count(_seconds);

    /// <summary>How many of the times are before a second.</summary>
    public int CountBefore(int second)
    {
        int hour = second / 3600, minute = second / 60 % 60, perMinute = Bits.Count(_seconds), perHour = Bits.Count(_minutes) * perMinute;
        int count = Below(_hours, hour) * perHour;
        if (hour > 23 || (_hours & (1UL << hour)) == 0)
            return count;
        count += Below(_minutes, minute) * perMinute;
        return (_minutes & (1UL << minute)) == 0 ? count : count + Below(_seconds, second % 60);
    }

    /// <summary>A time of day as seconds, a part of one for a whole one.</summary>
    public static int SecondsUp(TimeSpan time) => (int)((time.Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond);

    /// <summary>The first time at or after a second, or -1.</summary>
    public int Next(int from)
    {
        if (from > LastSecond)
            return -1;
        int hour = Bits.Next(_hours, from / 3600), minute = from / 60 % 60, second = from % 60;
        if (hour != from / 3600)
            return hour < 0 ? -1 : First(hour);
        int allowed = Bits.Next(_minutes, minute);
        if (allowed == minute && Bits.Next(_seconds, second) is var here and >= 0)
            return hour * 3600 + minute * 60 + here;
        if (allowed == minute)
            allowed = Bits.Next(_minutes, minute + 1);
        if (allowed >= 0)
            return hour * 3600 + allowed * 60 + Bits.Next(_seconds, 0);
        hour = Bits.Next(_hours, hour + 1);
        return hour < 0 ? -1 : First(hour);
    }

    /// <summary>The last time at or before a second, or -1.</summary>
    public int Previous(int to)
    {
        if (to < 0)
            return -1;
        int hour = Bits.Previous(_hours, to / 3600), minute = to / 60 % 60, second = to % 60;
        if (hour != to / 3600)
            return hour < 0 ? -1 : Last(hour);
        int allowed = Bits.Previous(_minutes, minute);
        if (allowed == minute && Bits.Previous(_seconds, second) is var here and >= 0)
            return hour * 3600 + minute * 60 + here;
        if (allowed == minute)
            allowed = Bits.Previous(_minutes, minute - 1);
        if (allowed >= 0)
            return hour * 3600 + allowed * 60 + Bits.Previous(_seconds, 59);
        hour = Bits.Previous(_hours, hour - 1);
        return hour < 0 ? -1 : Last(hour);
    }

    /// <summary>The time at a place in the order, from 0.</summary>
    public int At(int index)
    {
        int seconds = Bits.Count(_seconds), minutes = Bits.Count(_minutes);
        return Bits.At(_hours, index / (minutes * seconds)) * 3600 + Bits.At(_minutes, index / seconds % minutes) * 60 + Bits.At(_seconds, index % seconds);
    }

    /// <summary>Of a time that is one of these: where the run of whole hours, minutes or seconds ends that it is in.</summary>
    public DateTime NextWithout(DateTime time)
    {
        bool minutes = _seconds == Bits.Range(0, 59), hours = minutes && _minutes == Bits.Range(0, 59);
        TimeSpan unit = hours ? TimeSpan.FromHours(1) : minutes ? TimeSpan.FromMinutes(1) : TimeSpan.FromSeconds(1);
        return time.AddTicks(unit.Ticks - time.Ticks % unit.Ticks);
    }

    /// <summary>Whether every time of another is one of these.</summary>
    public bool Covers(ClockTimes other) => (other._hours & ~_hours) == 0 && (other._minutes & ~_minutes) == 0 && (other._seconds & ~_seconds) == 0;

    private static int Below(ulong set, int value) => Bits.Count(set & ((1UL << value) - 1));

    private int First(int hour) => hour * 3600 + Bits.Next(_minutes, 0) * 60 + Bits.Next(_seconds, 0);

    private int Last(int hour) => hour * 3600 + Bits.Previous(_minutes, 59) * 60 + Bits.Previous(_seconds, 59);
}
