using Sluice.Runtime.Binding;
using Sluice.Schedules;

namespace Sluice.Generators.Parsing;

/// <summary>Readings of schedule texts that go into the manifest.</summary>
internal static class ScheduleText
{
    /// <summary>Reads an interval: seconds, <c>00:15:00</c> or ISO 8601; above 0.</summary>
    public static bool TryInterval(string text, out TimeSpan interval) =>
        Durations.TryParse(text, out interval, out _) && interval > TimeSpan.Zero;

    /// <summary>Reads an anchor and writes it with its offset; without one it is UTC, so that no machine's own zone comes in.</summary>
    public static string? Anchor(string text)
    {
        if (IsoText.TryDateTime(text, out _, out int? offset))
            return offset is null ? text + "Z" : text;
        return IsoText.TryDate(text, out _) ? text + "T00:00:00Z" : null;
    }

    /// <summary>Reads an anchor as a time; null when there is none, or no valid one.</summary>
    public static DateTimeOffset? AnchorTime(string? text)
    {
        if (text is null)
            return null;
        int? offset = null;
        if (!IsoText.TryDateTime(text, out long ticks, out offset) && !IsoText.TryDate(text, out ticks))
            return null;
        return new DateTimeOffset(ticks - ((offset ?? 0) * TimeSpan.TicksPerMinute), TimeSpan.Zero);
    }
}
