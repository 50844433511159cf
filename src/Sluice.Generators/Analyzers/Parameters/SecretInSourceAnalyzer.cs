using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Analyzers.Deployments;
using Sluice.Generators.Json;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Parameters;

/// <summary>A secret that stands in the source is none.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class SecretInSourceAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0215", "Secret stands in the source", "'{0}' is secret, and its value stands here for all to read", Help.Category, DiagnosticSeverity.Warning, isEnabledByDefault: true,
        helpLinkUri: Help.Pages + "SLC0215.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        if (flow.Flow is null)
            return;
        var secrets = new HashSet<string>(StringComparer.Ordinal);
        foreach (IParameterSymbol parameter in flow.Symbol.Parameters)
        {
            if (parameter.Ours("SecretAttribute") is null)
                continue;
            secrets.Add(Names.Camel(parameter.Name));
            if (parameter is { HasExplicitDefaultValue: true, ExplicitDefaultValue: string { Length: > 0 } })
                report(flow.ParameterSyntax(parameter)?.Default?.Value.GetLocation() ?? flow.Identifier, [parameter.Name]);
        }
        if (secrets.Count == 0)
            return;
        foreach ((AttributeData attribute, JsonNode json) in ParametersJson.Of(flow))
            foreach (JsonMember member in json.Members)
                if (secrets.Contains(member.Name) && member.Value is { Kind: JsonKind.String, Text.Length: > 0 })
                    report(flow.Place(attribute, "Parameters", member.Value.Offset, member.Value.Length), [member.Name]);
    }
}
