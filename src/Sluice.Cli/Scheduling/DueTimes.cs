using System.Globalization;
using Sluice.Cli.Output;
using Sluice.Schedules;

namespace Sluice.Cli.Scheduling;

/// <summary>Shows people when a schedule fires: its words, its due times in UTC and on the clocks that matter, and what the change of clocks does to it.</summary>
internal sealed class DueTimes(Occurrences occurrences, string? zone, DateTimeOffset from, int count)
{
    /// <summary>Notes look so far ahead: every change of clocks comes once or twice within it.</summary>
    private const int NoteMonths = 13;

    /// <summary>Writes the table and the notes.</summary>
    public void Write(Screen screen, TimeProvider time)
    {
        IReadOnlyList<DateTime> due = occurrences.Take(from.UtcDateTime, count);
        if (due.Count == 0)
        {
            screen.Line(occurrences.Previous(from.UtcDateTime) is { } last
                ? $"It never fires again; the last time was {Words.Utc(new(last, TimeSpan.Zero))}."
                : "It never fires.");
            return;
        }
        DateTimeOffset now = time.GetUtcNow();
        TimeZoneInfo own = zone is { Length: > 0 } id && TimeZoneInfo.TryFindSystemTimeZoneById(id, out TimeZoneInfo? found) ? found : TimeZoneInfo.Utc;
        DateTimeOffset[] times = [.. due.Select(one => new DateTimeOffset(one, TimeSpan.Zero))];
        // This machine's wall clock says something new only where it differs from both others.
        bool showsHere = times.Any(one => time.LocalTimeZone.GetUtcOffset(one) is var here && here != TimeSpan.Zero && here != own.GetUtcOffset(one));
        var table = new TableView([new("UTC"), new($"In {zone ?? "UTC"}"), .. showsHere ? [new Column("Here")] : Array.Empty<Column>(), new("Is")]);
        foreach (DateTimeOffset one in times)
            table.Add([Words.Utc(one), Wall(one, own), .. showsHere ? [Wall(one, time.LocalTimeZone)] : Array.Empty<Cell>(), Words.Relative(one, now)]);
        table.Write(screen);
        foreach (DstNote note in occurrences.DstNotes(from.UtcDateTime, NotesEnd()))
            screen.Line($"Note: {note.Message}");
    }

    private DateTime NotesEnd() => from.UtcDateTime < DateTime.MaxValue.AddMonths(-NoteMonths) ? from.UtcDateTime.AddMonths(NoteMonths) : DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);

    private static string Wall(DateTimeOffset time, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(time, zone).ToString("ddd yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
}
