using System.Globalization;
using Sluice.Runtime.Binding;

namespace Sluice.Generators.Parsing;

/// <summary>Readings of schedule texts that go into the manifest.</summary>
internal static class ScheduleText
{
    /// <summary>Reads an interval: seconds, <c>00:15:00</c> or ISO 8601; above 0.</summary>
    public static bool TryInterval(string text, out TimeSpan interval)
    {
        interval = default;
        if (IsoText.TryDuration(text, out long ticks))
            interval = new TimeSpan(ticks);
        else if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal seconds) && seconds < 100_000_000_000)
            interval = new TimeSpan((long)(seconds * TimeSpan.TicksPerSecond));
        else if (!text.Contains(":") || !TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out interval))
            return false;
        return interval > TimeSpan.Zero;
    }

    /// <summary>Reads an anchor and writes it with its offset; without one it is UTC, so that no machine's own zone comes in.</summary>
    public static string? Anchor(string text)
    {
        if (IsoText.TryDateTime(text, out _, out int? offset))
            return offset is null ? text + "Z" : text;
        return IsoText.TryDate(text, out _) ? text + "T00:00:00Z" : null;
    }
}
