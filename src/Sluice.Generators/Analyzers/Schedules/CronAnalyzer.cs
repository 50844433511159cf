using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>Cron expressions are parsed by the grammar of the server.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class CronAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0402", "Invalid cron expression", "Invalid cron expression: {0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0402.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData attribute in flow.Scheduling)
            if (attribute.Text("Cron") is { } cron && !Occurrences.TryParseCron(cron, attribute.Flag("DayOr"), null, out _, out ScheduleError? error))
                report(flow.Place(attribute, "Cron", error!.Offset, error.Length), [error.Message]);
    }
}
