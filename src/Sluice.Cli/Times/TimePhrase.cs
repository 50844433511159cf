using System.Globalization;

namespace Sluice.Cli.Times;

/// <summary>
/// Times as people write them, in English: <c>tomorrow at 9am</c>, <c>next monday 9:30</c>, <c>in 2 hours</c>, <c>2026-12-01 08:00 Europe/Paris</c>. The whole
/// text must be understood; what could mean two things (<c>12/01/2026</c>, <c>EST</c>) is refused with what to write. docs/cli.md has the rules.
/// </summary>
/// <remarks>
/// Hours and smaller units are exact; days, weeks, months and years keep the wall clock. The clock goes through its changes as schedules do: a time that a
/// change skips is moved forward by it, and of a time that comes twice the first one counts.
/// </remarks>
internal static class TimePhrase
{
    /// <summary>What a message shows to somebody whose words were not understood.</summary>
    public const string Examples = "write e.g. 'tomorrow at 9am', 'next monday 9:30', 'in 2 hours', '2026-12-01 08:00' or '2026-12-01T08:00:00+01:00'";

    /// <summary>Reads a time.</summary>
    /// <param name="text">What somebody wrote.</param>
    /// <param name="now">The time that it is said at.</param>
    /// <param name="zone">Whose clock is meant where the text names none.</param>
    /// <param name="time">The time that is meant.</param>
    /// <param name="error">Why not, as the rest of a sentence that begins with the text.</param>
    public static bool TryParse(string text, DateTimeOffset now, TimeZoneInfo zone, out PhraseTime time, out string? error)
    {
        time = default;
        try
        {
            var parser = new PhraseParser(PhraseWords.Split(text), now, zone);
            time = parser.Read();
            error = null;
            return true;
        }
        catch (PhraseException exception)
        {
            error = exception.Message;
        }
        catch (ArgumentOutOfRangeException)
        {
            // What .NET's calendar says to years before 1 and after 9999.
            error = "is too far away";
        }
        return false;
    }

    /// <summary>Reads a length of time, as <c>10 minutes</c> or <c>an hour and a half</c>: how long it is from now on.</summary>
    public static bool TryParseDuration(string text, DateTimeOffset now, TimeZoneInfo zone, out TimeSpan duration)
    {
        duration = default;
        try
        {
            var cursor = new PhraseCursor(PhraseWords.Split(text));
            cursor.Take("in");
            if (PhraseDuration.Read(cursor) is not { } length)
                return false;
            if (cursor.Take("from"))
                cursor.Expect("now");
            if (!cursor.AtEnd)
                return false;
            duration = length.After(now, zone) - now;
            return true;
        }
        catch (Exception exception) when (exception is PhraseException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }
}

/// <summary>A time that somebody named.</summary>
/// <param name="Time">The time.</param>
/// <param name="Note">What the change of clocks did to it, as a sentence; null where it did nothing.</param>
internal readonly record struct PhraseTime(DateTimeOffset Time, string? Note);

/// <summary>Words that are not understood; the message is the rest of a sentence that begins with them.</summary>
internal sealed class PhraseException(string message) : Exception(message);

/// <summary>A wall clock.</summary>
internal static class WallClock
{
    public static DateTime At(DateTimeOffset time, TimeZoneInfo zone) => DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(time, zone).DateTime, DateTimeKind.Unspecified);

    /// <summary>The time at which that clock shows this, or would show it if it were not put forward just then; the first of two.</summary>
    public static PhraseTime ToTime(DateTime wall, TimeZoneInfo zone)
    {
        if (zone.IsInvalidTime(wall))
        {
            // The offset before the change, which is that of a day earlier: no zone changes its clocks twice a day.
            var moved = new DateTimeOffset(wall - zone.GetUtcOffset(wall.AddDays(-1)), TimeSpan.Zero);
            return new(moved, string.Create(CultureInfo.InvariantCulture, $"{wall:HH:mm} on {wall:yyyy-MM-dd} does not exist in {zone.Id}, where clocks go forward: it is {At(moved, zone):HH:mm}."));
        }
        if (zone.IsAmbiguousTime(wall))
        {
            TimeSpan first = zone.GetAmbiguousTimeOffsets(wall).Max();
            return new(new DateTimeOffset(wall - first, TimeSpan.Zero), string.Create(CultureInfo.InvariantCulture, $"{wall:HH:mm} on {wall:yyyy-MM-dd} comes twice in {zone.Id}, where clocks go back: it is the first of them."));
        }
        return new(new DateTimeOffset(wall - zone.GetUtcOffset(wall), TimeSpan.Zero), null);
    }
}
