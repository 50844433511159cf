using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Deployments;

/// <summary>What Prefect refuses in names.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class DeploymentNameAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0302", "Deployment name is not allowed", "{0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0302.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData deployment in flow.Deployments)
        {
            if (deployment.FirstText() is not { } name || FlowRules.BadName(name) is not { } bad)
                continue;
            if (bad.Length == 0)
                report(flow.Place(deployment), ["A deployment's name must not be empty"]);
            else
                report(flow.Place(deployment, null, name.IndexOf(bad, StringComparison.Ordinal), 1), [$"A deployment's name must not contain '{bad}' (nor any of / % & > <)"]);
        }
    }
}
