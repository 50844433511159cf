using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>What the next changes of clocks do to a schedule. Silent where the machine has no rules for its zone.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class DstAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0418", "Clocks change at a due time", "{0}", Help.Category, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0418.md");

    private const int Months = 13;

    // A zone's changes are looked for day by day, which is done once for all schedules of the zone.
    private readonly ConcurrentDictionary<string, (DateTime Day, ClockChange[] Changes)> _zones = new(StringComparer.Ordinal);

    protected override void Analyze(FlowMethod flow, Report report)
    {
        DateTime today = DateTime.UtcNow.Date;
        foreach (DeclaredSchedule schedule in flow.Declared)
            if (schedule is { TimeZone: { Length: > 0 } zone, Occurrences.HasZoneData: true } && ZoneIds.Contains(zone) && schedule.Reading.NotesOn(today, Changes(zone, today)) is { } notes)
                report(flow.Place(schedule), [notes]);
    }

    private ClockChange[] Changes(string id, DateTime today)
    {
        if (_zones.TryGetValue(id, out var known) && known.Day == today)
            return known.Changes;
        ClockChange[] changes = Zone.TryFind(id, out Zone? zone, out _) ? [.. zone!.Changes(today, today.AddMonths(Months))] : [];
        _zones[id] = (today, changes);
        return changes;
    }
}
