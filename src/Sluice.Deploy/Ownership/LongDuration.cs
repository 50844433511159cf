using System.Globalization;
using Sluice.Schedules;

namespace Sluice.Deploy.Ownership;

/// <summary>Durations as everywhere (seconds, <c>00:15:00</c>, <c>PT15M</c>), and days and hours as people write them.</summary>
public static class LongDuration
{
    private const double MostUnits = 36_500;

    /// <summary>Reads <c>7d</c>, <c>12h</c>, <c>90</c> (seconds), <c>00:15:00</c> or <c>PT15M</c>; never a negative one.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        if (text.Length > 1 && text[^1] is 'd' or 'h' && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number <= MostUnits)
        {
            duration = text[^1] == 'd' ? TimeSpan.FromDays(number) : TimeSpan.FromHours(number);
            return true;
        }
        return Durations.TryParse(text, out duration, out _) && duration >= TimeSpan.Zero;
    }
}
