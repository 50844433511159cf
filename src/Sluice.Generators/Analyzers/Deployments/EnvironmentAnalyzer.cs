using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Json;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Deployments;

/// <summary>The variables that a run gets have names and values.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class EnvironmentAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0310", "Environment is not names and values", "'env' of JobVariables must be {0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0310.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData deployment in flow.Deployments)
        {
            if (deployment.Text("JobVariables") is not { } text || JsonParser.Parse(text, out _)?.Members.FirstOrDefault(member => member.Name == "env")?.Value is not { } env)
                continue;
            if (env.Kind != JsonKind.Object)
                report(flow.Place(deployment, "JobVariables", env.Offset, env.Length), ["a JSON object of names and values"]);
            foreach (JsonMember variable in env.Members)
                if (variable.Value.Kind is JsonKind.Array or JsonKind.Object)
                    report(flow.Place(deployment, "JobVariables", variable.Value.Offset, variable.Value.Length), [$"names and texts; '{variable.Name}' is {(variable.Value.Kind == JsonKind.Array ? "an array" : "an object")}"]);
        }
    }
}
