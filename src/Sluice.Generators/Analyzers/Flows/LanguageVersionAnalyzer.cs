using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Flows;

/// <summary>Generated code is compiled with the project's language version.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class LanguageVersionAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0109", "Language version is too old for flows", "Flows need C# {0} or later, and this project is compiled as C# {1}; raise or remove its LangVersion", Help.Category,
        DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0109.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        if (flow.Flow is not null && FlowRules.TooOldLanguage(flow.Symbol) is { } version)
            report(flow.NameOf(flow.Flow), [FlowRules.OldestLanguage.ToDisplayString(), version.ToDisplayString()]);
    }
}
