using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>A call of Hangfire's Cron class is no cron expression, but returns one.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class HangfireCronAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0414", "Hangfire call as text", "'{0}' is a call of Hangfire's Cron class, left as text{1}", Help.Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0414.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        foreach (DeclaredSchedule schedule in flow.Declared)
            if (schedule is { Kind: ScheduleKind.Cron, Error: not null } && HangfireCron.TryRead(schedule.Text, out string? cron))
                report(flow.Place(schedule), [schedule.Text, Advice(cron)], Mend.Replace(cron));
    }

    private static string Advice(string? cron) => cron is null ? "; write a cron expression, or leave Cron out for a deployment that runs when asked" : $"; write what it returns: '{cron}'";
}
