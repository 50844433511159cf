using System;

namespace Sluice.Schedules;

/// <summary>Durations as users write them: seconds (<c>900</c>, <c>0.5</c>), <c>00:15:00</c> (also <c>1.00:00:00</c>), or ISO 8601 (<c>PT15M</c>, <c>P1DT2H</c>, <c>P2W</c>; no years or months).</summary>
public static class Durations
{
    /// <summary>Parses a duration; the sign is kept, range checks are the caller's.</summary>
    public static bool TryParse(string text, out TimeSpan duration, out ScheduleError? error) => throw new NotImplementedException();
}
