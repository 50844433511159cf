using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Json;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Deployments;

/// <summary>Parameters and JobVariables are JSON objects.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class JsonObjectAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0303", "Not a JSON object", "{0} must be a JSON object: {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0303.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData attribute in flow.Scheduling)
        {
            foreach (string name in new[] { "Parameters", "JobVariables" })
            {
                if (attribute.Text(name) is not { } text)
                    continue;
                JsonNode? json = JsonParser.Parse(text, out JsonError? error);
                if (json is null)
                    report(flow.Place(attribute, name, error!.Offset, error.Length), [name, error.Message]);
                else if (json.Kind != JsonKind.Object)
                    report(flow.Place(attribute, name, json.Offset, json.Length), [name, $"this is {(json.Kind == JsonKind.Array ? "an array" : "a single value")}"]);
            }
        }
    }
}
