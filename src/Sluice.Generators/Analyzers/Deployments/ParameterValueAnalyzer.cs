using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Json;

namespace Sluice.Generators.Analyzers.Deployments;

/// <summary>What a deployment gives must fit the parameter.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ParameterValueAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0305", "Parameter value does not fit", "{0}: {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0305.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach ((AttributeData attribute, JsonNode json) in ParametersJson.Of(flow))
            foreach (Misfit misfit in ParametersJson.Misfits(flow, json))
                report(flow.Place(attribute, "Parameters", misfit.Offset, misfit.Length), [misfit.Path, misfit.Message]);
    }
}
