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

    private static readonly string[] Arguments = ["Parameters", "JobVariables"];

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData attribute in flow.Scheduling)
        {
            foreach (string name in Arguments)
            {
                (JsonNode? json, JsonError? error) = Read(attribute, name);
                if (error is not null)
                    report(flow.Place(attribute, name, error.Offset, error.Length), [name, error.Message]);
                else if (json is not null && json.Kind != JsonKind.Object)
                    report(flow.Place(attribute, name, json.Offset, json.Length), [name, $"this is {(json.Kind == JsonKind.Array ? "an array" : "a single value")}"]);
            }
        }
    }

    private static (JsonNode? Json, JsonError? Error) Read(AttributeData attribute, string name)
    {
        if (name == "Parameters")
            return AttributeReading.Of(attribute).Parameters is { } parameters ? (parameters.Node, parameters.Error) : default;
        return attribute.Text(name) is { } text ? (JsonParser.Parse(text, out JsonError? error), error) : default;
    }
}
