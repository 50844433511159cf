using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Parameters;

/// <summary>Constraints leave something to give.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ImpossibleConstraintAnalyzer() : ConstraintAnalyzer(Rule, ConstraintRule.Impossible)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0212", "No value satisfies the constraint", "{0}: {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0212.md");
}
