using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Sluice.Generators.Analyzers.Flows;

/// <summary>A deployment needs a flow.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class DeploymentWithoutFlowAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0101", "[Deployment] or [Schedule] without [Flow]", "'{0}' has [{1}] but no [Flow]; add [Flow], or it is not deployed", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0101.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        if (flow.Flow is not null)
            return;
        foreach (AttributeData attribute in flow.Scheduling)
            report(flow.NameOf(attribute), [flow.Symbol.Name, attribute.AttributeClass!.Name.Replace("Attribute", "")]);
    }
}
