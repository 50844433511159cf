using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>What the next changes of clocks do to a schedule. Silent where the machine has no rules for its zone.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class DstAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0418", "Clocks change at a due time", "{0}", Help.Category, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0418.md");

    private readonly ZoneChanges _zones = new();

    protected override void Analyze(FlowMethod flow, Report report)
    {
        DateTime today = DateTime.UtcNow.Date;
        foreach (DeclaredSchedule schedule in flow.Declared)
            if (schedule.Reading is { NamesZone: true, Occurrences.HasZoneData: true } reading && reading.NotesOn(today, _zones) is { } notes)
                report(flow.Place(schedule), [notes]);
    }
}
