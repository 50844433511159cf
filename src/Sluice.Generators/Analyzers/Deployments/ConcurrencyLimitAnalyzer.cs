using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Deployments;

/// <summary>A limit is not negative.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ConcurrencyLimitAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0306", "Concurrency limit out of range", "ConcurrencyLimit must be 0 (no limit) or more", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0306.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData deployment in flow.Deployments)
            if (deployment.Named("ConcurrencyLimit")?.Value is < 0)
                report(flow.Place(deployment, "ConcurrencyLimit"), []);
    }
}
