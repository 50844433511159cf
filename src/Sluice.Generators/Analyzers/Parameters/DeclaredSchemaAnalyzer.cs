using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Model;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Parameters;

/// <summary>No one can read from a converter's code what it takes.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class DeclaredSchemaAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0205", "What a converter takes is not declared", "{0}: {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0205.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        if (flow.Flow is null)
            return;
        var types = new FlowTypes(flow.Symbol.ContainingAssembly, forInput: true, flow.Cancellation);
        int seen = 0;
        foreach (IParameterSymbol parameter in flow.Symbol.Parameters)
        {
            if (FlowRules.Injected(parameter.Type) != InjectedKind.None)
                continue;
            types.Parse(parameter.Type, parameter.Name);
            for (; seen < types.Problems.Count; seen++)
                if (types.Problems[seen].Rule == TypeRule.DeclaredSchema)
                    report(types.Problems[seen].Place ?? flow.TypeOf(parameter), [types.Problems[seen].Path, types.Problems[seen].Message]);
        }
    }
}
