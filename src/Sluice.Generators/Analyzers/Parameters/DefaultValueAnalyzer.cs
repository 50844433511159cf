using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Parameters;

/// <summary>A default is a value like any other.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class DefaultValueAnalyzer() : ConstraintAnalyzer(Rule, ConstraintRule.Default)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0213", "Default does not satisfy the constraints", "{0}: {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0213.md");
}
