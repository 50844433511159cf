using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Sluice.Schedules;

/// <summary>What a change of clocks does to a series of wall times, in words.</summary>
internal static class WallDstNotes
{
    /// <summary>How many wall times a sentence names.</summary>
    private const int MaxNamed = 3;

    /// <summary>How many wall times of a gap are looked at for whether anything moves.</summary>
    private const int MaxCompared = 100;

    /// <summary>The note on a change, or null when the series has no part in it.</summary>
    public static DstNote? Of(ClockChange change, Zone zone, VixieClock? vixie, Func<DateTime, DateTime?> nextWall)
    {
        List<DateTime> walls = Within(change, nextWall, MaxCompared);
        if (walls.Count == 0)
            return null;
        bool realTime = vixie?.IsRealTime(change) == true;
        if (!change.IsForward)
            return Note(realTime ? DstNoteKind.Repeated : DstNoteKind.Skipped, change, zone, walls, realTime ? "twice and run{0} both times" : "twice and run{0} the first time only", "come{0} ");
        if (realTime)
            return Note(DstNoteKind.Skipped, change, zone, walls, "not exist and do{1} not run", "do{1} ");
        if (vixie != null)
            return Moved(change, zone, walls, new[] { change.To });
        TimeSpan gap = change.After - change.Before;
        return walls.All(wall => nextWall(wall + gap) == wall + gap) ? null : Moved(change, zone, walls, walls.ConvertAll(wall => wall + gap));
    }

    /// <summary>The note on wall times of a gap that run at others.</summary>
    public static DstNote Moved(ClockChange change, Zone zone, IReadOnlyList<DateTime> walls, IReadOnlyList<DateTime> to) =>
        Note(DstNoteKind.Moved, change, zone, walls, "not exist and run{0} at " + Times(to, change.To.Date), "do{1} ");

    private static List<DateTime> Within(ClockChange change, Func<DateTime, DateTime?> nextWall, int count)
    {
        var walls = new List<DateTime>();
        for (DateTime? wall = nextWall(change.From); wall < change.To && walls.Count < count; wall = nextWall(wall.Value.AddTicks(1)))
            walls.Add(wall.Value);
        return walls;
    }

    private static DstNote Note(DstNoteKind kind, ClockChange change, Zone zone, IReadOnlyList<DateTime> walls, string what, string verb)
    {
        bool one = walls.Count == 1;
        DateTime day = change.From.Date;
        DateTime before = DateTime.SpecifyKind(change.Utc + change.Before, DateTimeKind.Unspecified), after = DateTime.SpecifyKind(change.Utc + change.After, DateTimeKind.Unspecified);
        string clocks = $"On {day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} clocks in {zone.Id} go {(change.IsForward ? "forward" : "back")} from {Time(before, day)} to {Time(after, day)}";
        string message = $"{clocks}: {Times(walls, day)} {string.Format(CultureInfo.InvariantCulture, verb + what, one ? "s" : "", one ? "es" : "")}.";
        return new DstNote(kind, walls[0], change.Utc, message);
    }

    private static string Times(IReadOnlyList<DateTime> times, DateTime day)
    {
        List<string> texts = times.Take(MaxNamed).Select(time => Time(time, day)).ToList();
        if (times.Count > MaxNamed)
            texts.Add("later ones");
        return Words.Join(texts, "and");
    }

    private static string Time(DateTime time, DateTime day) =>
        time.ToString((time.Date == day ? "" : "yyyy-MM-dd ") + (time.Second == 0 ? "HH:mm" : "HH:mm:ss"), CultureInfo.InvariantCulture);
}
