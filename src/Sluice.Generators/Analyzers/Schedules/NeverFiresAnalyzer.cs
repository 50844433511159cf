using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>A schedule without due times from now on is probably a mistake.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class NeverFiresAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0407", "Schedule never fires", "'{0}' never fires{1}", Help.Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0407.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        foreach (DeclaredSchedule schedule in flow.Declared)
            if (schedule.Due is { FiresForever: false } due && due.Next(DateTime.UtcNow) is null)
            {
                string? started = RRuleStart.IsMissed(due) ? RRuleStart.WithStart(schedule.Text) : null;
                report(flow.Place(schedule), [schedule.Text, started is null ? "" : ": where UNTIL has a Z, Prefect needs a DTSTART with one"], Mend.Replace(started));
            }
    }
}
