using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>Cron expressions are parsed by the grammar of the server.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class CronAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0402", "Invalid cron expression", "Invalid cron expression: {0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0402.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        foreach (DeclaredSchedule schedule in flow.Declared)
            if (schedule is { Kind: ScheduleKind.Cron, Error: { } error })
                report(flow.Place(schedule, error.Offset, error.Length), [error.Message], Mend.Replace(CronMend.Of(schedule.Text, error)));
    }
}
