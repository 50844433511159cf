using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>A rule that takes days from its start should say when that is.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class RRuleStartAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0415", "Recurrence rule without DTSTART", "Without DTSTART the rule starts on 2020-01-01: {0}; write the DTSTART that is meant", Help.Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0415.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        foreach (DeclaredSchedule schedule in flow.Declared)
            if (schedule is { Kind: ScheduleKind.RRule, Occurrences: RRuleOccurrences rule } && RRuleStart.Decides(rule.Set) is { } what)
                report(flow.Place(schedule), [what], Mend.Replace(RRuleStart.WithStart(schedule.Text)));
    }
}
