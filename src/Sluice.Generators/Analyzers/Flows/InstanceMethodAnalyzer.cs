using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Sluice.Generators.Analyzers.Flows;

/// <summary>A flow is a static method.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class InstanceMethodAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0102", "Flow is an instance method", "The flow '{0}' must be static", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0102.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        if (flow.Flow is not null && !flow.Symbol.IsStatic && flow.Symbol.MethodKind == MethodKind.Ordinary)
            report(flow.Identifier, [flow.Symbol.Name]);
    }
}
