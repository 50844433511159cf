using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Json;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Deployments;

/// <summary>What a deployment gives must be a parameter of its flow.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class UnknownParameterAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0304", "Unknown parameter", "The flow has no parameter '{0}'; {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0304.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        string[] known = [.. ParametersJson.Types(flow, out _).Keys];
        foreach ((AttributeData attribute, JsonNode json) in ParametersJson.Of(flow))
            foreach (JsonMember member in json.Members)
                if (!known.Contains(member.Name))
                    report(flow.Place(attribute, "Parameters", member.Offset, member.Length),
                        [member.Name, known.Length == 0 ? "it has none" : $"it has {string.Join(", ", known)}"]);
    }
}
