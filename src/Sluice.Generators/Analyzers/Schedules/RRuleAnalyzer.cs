using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>Recurrence rules are parsed by the grammar of the server.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class RRuleAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0404", "Invalid recurrence rule", "Invalid recurrence rule: {0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0404.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        foreach (DeclaredSchedule schedule in flow.Declared)
            if (schedule is { Kind: ScheduleKind.RRule, Error: { } error })
                report(flow.Place(schedule, error.Offset, error.Length), [error.Message]);
    }
}
