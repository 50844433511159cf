using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Deployments;

/// <summary>What runs a flow is one of three.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class InfrastructureAnalyzer() : FlowAnalyzer(Rule)
{
    /// <summary>What <c>Infrastructure</c> may be.</summary>
    public static readonly string[] Known = ["process", "docker", "kubernetes"];

    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0311", "Unknown infrastructure", "There is no infrastructure '{0}'; there are process, docker and kubernetes", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0311.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData deployment in flow.Deployments)
            if (deployment.Text("Infrastructure") is { } text && !string.IsNullOrWhiteSpace(text) && !Known.Contains(text) && !IsBlock(text))
                report(flow.Place(deployment, "Infrastructure"), [text]);
    }

    /// <summary>A named block, as <c>docker-container/prod</c>.</summary>
    private static bool IsBlock(string text) => text.Split('/') is [{ Length: > 0 }, { Length: > 0 }];
}
