using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>A [Schedule] says when.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class EmptyScheduleAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0409", "[Schedule] without a schedule", "Give one of Cron, Interval and RRule", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0409.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData schedule in flow.Schedules)
            if (schedule.Text("Cron") is null && schedule.Text("Interval") is null && schedule.Text("RRule") is null)
                report(flow.NameOf(schedule), []);
    }
}
