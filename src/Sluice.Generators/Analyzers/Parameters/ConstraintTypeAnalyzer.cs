using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Parameters;

/// <summary>An attribute constrains what it stands on.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ConstraintTypeAnalyzer() : ConstraintAnalyzer(Rule, ConstraintRule.WrongType)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0211", "Constraint does not fit the type", "{0}: {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0211.md");
}
