using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Parameters;

/// <summary>Parameters are read from JSON.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ParameterTypeAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0201", "Parameter type is not supported", "Parameter '{0}' cannot be read from JSON: {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0201.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (var (parameter, problem, place) in ParameterProblems.Of(flow, TypeRule.Supported))
            report(place, [parameter.Name, problem.Path == parameter.Name ? problem.Message : $"{problem.Path}: {problem.Message}"]);
    }
}
