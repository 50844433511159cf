using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
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
        foreach (var (_, problem, place) in ParameterProblems.Of(flow, TypeRule.DeclaredSchema))
            report(place, [problem.Path, problem.Message]);
    }
}
