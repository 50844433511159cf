using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>Expressions of schedulers with another order of fields.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ForeignCronAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0413", "Cron expression of another scheduler", "'{0}': {1}{2}", Help.Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0413.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        foreach (DeclaredSchedule schedule in flow.Declared)
        {
            if (schedule.Foreign is not { } foreign)
                continue;
            string advice = "; nothing here says the same";
            if (foreign.Replacement is { } replacement && Occurrences.TryParseCron(replacement, null, null, out Occurrences? meant, out _))
                advice = $"; write '{replacement}' ({meant!.Explain()})";
            report(flow.Place(schedule), [schedule.Text, foreign.Explanation, advice], Mend.Replace(foreign.Replacement));
        }
    }
}
