using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Model;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Parameters;

/// <summary>Names in JSON are camel case and must stay distinct.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class JsonNameClashAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0203", "Two names are the same in JSON", "{0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0203.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        if (flow.Flow is null)
            return;
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (IParameterSymbol parameter in flow.Symbol.Parameters)
        {
            if (FlowRules.Injected(parameter.Type) != InjectedKind.None)
                continue;
            string name = Names.Camel(parameter.Name);
            if (names.TryGetValue(name, out string? other))
                report(parameter.Locations[0], [$"Parameters '{other}' and '{parameter.Name}' are both \"{name}\" in JSON; rename one of them"]);
            else
                names.Add(name, parameter.Name);
        }
        foreach (var (_, problem, place) in ParameterProblems.Of(flow, TypeRule.DistinctNames))
            report(place, [$"{problem.Path}: {problem.Message}"]);
    }
}
