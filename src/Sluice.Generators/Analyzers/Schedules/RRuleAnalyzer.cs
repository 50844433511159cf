using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>Recurrence rules are parsed by the grammar of the server.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class RRuleAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0404", "Invalid recurrence rule", "Invalid recurrence rule: {0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0404.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData attribute in flow.Scheduling)
            if (attribute.Text("RRule") is { } rule && !Occurrences.TryParseRRule(rule, null, out _, out ScheduleError? error))
                report(flow.Place(attribute, "RRule", error!.Offset, error.Length), [error.Message]);
    }
}
