using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Parameters;

/// <summary>What looks like a check is one.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class UncheckedConstraintAnalyzer() : ConstraintAnalyzer(Rule, ConstraintRule.Unchecked)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0214", "Validation attribute is not checked", "{0}: {1}", Help.Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0214.md");
}
