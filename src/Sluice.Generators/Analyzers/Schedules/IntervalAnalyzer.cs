using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>Intervals are durations above zero.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class IntervalAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0403", "Invalid interval", "Invalid interval: {0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0403.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        foreach (DeclaredSchedule schedule in flow.Declared)
            if (schedule is { Kind: ScheduleKind.Interval, Error: { } error })
                report(flow.Place(schedule, error.Offset, error.Length == 0 ? schedule.Text.Length : error.Length), [error.Message]);
    }
}
