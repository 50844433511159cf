using System.Globalization;

namespace Sluice.Cli.Times;

/// <summary>Reads whose clock is meant: <c>UTC</c>, <c>+02:00</c>, <c>Europe/Paris</c>.</summary>
internal static class PhraseZones
{
    private static readonly Dictionary<string, string> s_ambiguous = new(StringComparer.Ordinal)
    {
        ["est"] = "America/New_York", ["edt"] = "America/New_York", ["et"] = "America/New_York", ["cst"] = "America/Chicago", ["cdt"] = "America/Chicago",
        ["mst"] = "America/Denver", ["mdt"] = "America/Denver", ["pst"] = "America/Los_Angeles", ["pdt"] = "America/Los_Angeles", ["pt"] = "America/Los_Angeles",
        ["cet"] = "Europe/Paris", ["cest"] = "Europe/Paris", ["bst"] = "Europe/London", ["ist"] = "Asia/Kolkata", ["jst"] = "Asia/Tokyo", ["aest"] = "Australia/Sydney",
    };

    /// <summary>Null, and nothing taken, where there is none.</summary>
    public static TimeZoneInfo? Read(PhraseCursor cursor)
    {
        if (cursor.Next.Kind == PhraseKind.Zone)
            return Find(cursor.TakeNext().Written);
        if (cursor.TakeOne("utc", "gmt", "z"))
            return cursor.Next.Kind == PhraseKind.Offset ? Fixed(cursor.TakeNext().Written) : TimeZoneInfo.Utc;
        if (cursor.Next.Kind == PhraseKind.Offset)
            return Fixed(cursor.TakeNext().Written);
        if (s_ambiguous.TryGetValue(cursor.Next.Text, out string? zone))
            throw new PhraseException($"names its zone '{cursor.Next.Written}', which stands for several: write an IANA time zone, as {zone}");
        if (cursor.Take("local", "time"))
            throw new PhraseException("says local time, which is what is meant without it");
        return null;
    }

    public static TimeZoneInfo Find(string id) => TimeZoneInfo.TryFindSystemTimeZoneById(id, out TimeZoneInfo? zone)
        ? zone
        : throw new PhraseException($"names '{id}', which is no time zone that this machine knows; write one as Europe/Paris or UTC");

    private static TimeZoneInfo Fixed(string offset)
    {
        string digits = offset[1..].Replace(":", "", StringComparison.Ordinal);
        int hours = int.Parse(digits.Length > 2 ? digits[..^2] : digits, CultureInfo.InvariantCulture);
        int minutes = digits.Length > 2 ? int.Parse(digits[^2..], CultureInfo.InvariantCulture) : 0;
        var span = new TimeSpan(hours, minutes, 0);
        if (span > TimeSpan.FromHours(14) || minutes > 59)
            throw new PhraseException($"has the offset {offset}, which no clock has");
        return span == TimeSpan.Zero ? TimeZoneInfo.Utc : TimeZoneInfo.CreateCustomTimeZone($"UTC{offset}", offset[0] == '-' ? -span : span, null, null);
    }
}
