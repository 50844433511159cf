using System.Collections.Concurrent;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>The changes of clocks of the next 13 months. They are looked for day by day, which is done once for all schedules of a zone.</summary>
internal sealed class ZoneChanges
{
    private const int Months = 13;

    private readonly ConcurrentDictionary<string, (DateTime Day, ClockChange[] Changes)> _zones = new(StringComparer.Ordinal);

    public ClockChange[] Of(string zone, DateTime today)
    {
        if (_zones.TryGetValue(zone, out var known) && known.Day == today)
            return known.Changes;
        ClockChange[] changes = Zone.TryFind(zone, out Zone? found, out _) ? [.. found!.Changes(today, today.AddMonths(Months))] : [];
        _zones[zone] = (today, changes);
        return changes;
    }
}
