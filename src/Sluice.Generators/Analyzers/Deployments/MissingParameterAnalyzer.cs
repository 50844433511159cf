using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Json;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Deployments;

/// <summary>A run that nobody starts gets its parameters from the deployment and the schedule, or from the method's defaults.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class MissingParameterAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0307", "Scheduled runs lack a parameter", "Runs of this schedule can never start: {0} no default, and no value in Parameters", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0307.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        if (flow.Flow is null)
            return;
        foreach (AttributeData attribute in flow.Scheduling)
            if (Kinds.FirstOrDefault(kind => attribute.Text(kind) is not null) is { } kind && Missing(flow, attribute) is { Count: > 0 } missing)
                report(flow.Place(attribute, kind), [$"{(missing.Count == 1 ? "parameter" : "parameters")} {string.Join(", ", missing.Select(name => $"'{name}'"))} {(missing.Count == 1 ? "has" : "have")}"]);
    }

    private static readonly string[] Kinds = ["Cron", "Interval", "RRule"];

    /// <summary>The parameters that runs of the attribute's schedule would lack; none where their JSON has a problem of its own.</summary>
    public static IReadOnlyList<string> Missing(FlowMethod flow, AttributeData attribute)
    {
        string[] required = [.. flow.Symbol.Parameters.Where(FlowRules.IsRequired).Select(parameter => Names.Camel(parameter.Name))];
        if (required.Length == 0)
            return [];
        var given = new HashSet<string>(StringComparer.Ordinal);
        AttributeData? deployment = attribute.IsOurs(Symbols.Schedule) ? flow.Deployments.FirstOrDefault(candidate => candidate.FirstText() == attribute.FirstText()) : null;
        foreach (AttributeData giving in deployment is null ? [attribute] : new[] { deployment, attribute })
        {
            if (giving.Text("Parameters") is not { } text)
                continue;
            if (JsonParser.Parse(text, out _) is not { Kind: JsonKind.Object } json)
                return [];
            given.UnionWith(json.Members.Select(member => member.Name));
        }
        return [.. required.Where(name => !given.Contains(name))];
    }
}
