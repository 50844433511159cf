using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Flows;

/// <summary>Generated code begins its names with <c>global::System</c> and <c>global::Sluice</c>, which a global type of that name hides.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class HiddenNamespaceAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0110", "A type hides a namespace from flows", "The type '{0}' in the global namespace hides the namespace {0}, which the flow '{1}' needs; put the type into a namespace",
        Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0110.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        if (flow.Flow is not null && TypeWalks.Of(flow.Symbol.ContainingAssembly).Hidden is { } name)
            report(flow.Identifier, [name, flow.Symbol.Name]);
    }
}
