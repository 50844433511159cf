using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>Misfire, MaxMisfires and Dst are values that exist.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class MisfireOptionAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0431", "Schedule option out of range", "{0} must be {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0431.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData attribute in flow.Scheduling)
        {
            if (attribute.Named("MaxMisfires")?.Value is int limit and (< 1 or > MisfireOptions.MaxLimit))
                report(flow.Place(attribute, "MaxMisfires"), ["MaxMisfires", "from 1 to 10000"]);
            if (!MisfireOptions.IsKnown(attribute, "Misfire"))
                report(flow.Place(attribute, "Misfire"), ["Misfire", "Skip, RunOnce or RunAll"]);
            if (!MisfireOptions.IsKnown(attribute, "Dst"))
                report(flow.Place(attribute, "Dst"), ["Dst", "PrefectCompatible or VixieLike"]);
        }
    }
}
