using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Analyzers.Schedules;
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
            if (DeclaredSchedule.Of(attribute).Length > 0 && Missing(flow, attribute) is { Count: > 0 } missing)
                report(flow.Place(attribute, DeclaredSchedule.Arguments.First(kind => attribute.Text(kind) is not null)), [$"{(missing.Count == 1 ? "parameter" : "parameters")} {string.Join(", ", missing.Select(name => $"'{name}'"))} {(missing.Count == 1 ? "has" : "have")}"]);
    }

    /// <summary>The parameters that runs of the attribute's schedule would lack; none where their JSON has a problem of its own.</summary>
    public static IReadOnlyList<string> Missing(FlowMethod flow, AttributeData attribute)
    {
        AttributeData? deployment = attribute.IsOurs(Symbols.Schedule) ? flow.Deployments.FirstOrDefault(candidate => candidate.FirstText() == attribute.FirstText()) : null;
        JsonText? own = AttributeReading.Of(attribute).Parameters, inherited = deployment is null ? null : AttributeReading.Of(deployment).Parameters;
        if (own is { Object: null } || inherited is { Object: null })
            return [];
        List<string>? missing = null;
        foreach (IParameterSymbol parameter in flow.Symbol.Parameters)
            if (!parameter.HasExplicitDefaultValue && FlowRules.IsRequired(parameter) && Names.Camel(parameter.Name) is var name && !Gives(own, name) && !Gives(inherited, name))
                (missing ??= []).Add(name);
        return missing ?? (IReadOnlyList<string>)[];
    }

    private static bool Gives(JsonText? parameters, string name)
    {
        if (parameters?.Object is not { } json)
            return false;
        foreach (JsonMember member in json.Members)
            if (member.Name == name)
                return true;
        return false;
    }
}
