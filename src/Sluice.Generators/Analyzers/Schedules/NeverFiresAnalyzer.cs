using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>A schedule without due times from now on is probably a mistake.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class NeverFiresAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0407", "Schedule never fires", "'{0}' never fires", Help.Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0407.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        // In UTC, for which every machine has the rules; a zone's offset does not make dates.
        foreach (AttributeData attribute in flow.Scheduling)
        {
            if (attribute.Text("Cron") is { } cron && Occurrences.TryParseCron(cron, attribute.Flag("DayOr"), null, out Occurrences? crons, out _)
                && crons!.Next(DateTime.UtcNow) is null)
                report(flow.Place(attribute, "Cron"), [cron]);
            if (attribute.Text("RRule") is { } rule && Occurrences.TryParseRRule(rule, null, out Occurrences? rules, out _) && rules!.Next(DateTime.UtcNow) is null)
                report(flow.Place(attribute, "RRule"), [rule]);
        }
    }
}
