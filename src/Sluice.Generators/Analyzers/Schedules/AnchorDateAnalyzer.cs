using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>An anchor is a time.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class AnchorDateAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0406", "Invalid anchor date", "'{0}' is no ISO 8601 time; write it as 2026-01-31T06:00:00Z", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0406.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData attribute in flow.Scheduling)
            if (attribute.Text("AnchorDate") is { } anchor && ScheduleText.Anchor(anchor) is null)
                report(flow.Place(attribute, "AnchorDate"), [anchor]);
    }
}
