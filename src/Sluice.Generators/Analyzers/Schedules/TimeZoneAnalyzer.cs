using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>Time zones are IANA ids.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class TimeZoneAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0405", "Unknown time zone", "Unknown time zone: {0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0405.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        foreach (AttributeData attribute in flow.Scheduling)
            if (attribute.Text("TimeZone") is { Length: > 0 } zone && !ZoneIds.Contains(zone))
                report(flow.Place(attribute, "TimeZone", 0, zone.Length), [ZoneIds.Explain(zone)], Mend.Replace(ZoneIds.Suggest(zone, out _)));
    }
}
