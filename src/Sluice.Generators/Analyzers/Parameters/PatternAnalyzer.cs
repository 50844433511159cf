using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Parameters;

/// <summary>A schema and a flow must read a pattern alike.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class PatternAnalyzer() : ConstraintAnalyzer(Rule, ConstraintRule.Pattern)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0210", "Regular expression is not portable", "{0}: {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0210.md");
}
