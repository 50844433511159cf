using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>A further schedule belongs to a deployment of the same method.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class UnknownDeploymentAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0408", "[Schedule] names no deployment of the method", "'{0}' has no deployment '{1}'{2}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0408.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        string[] known = [.. flow.Deployments.Select(deployment => deployment.FirstText()).OfType<string>()];
        foreach (AttributeData schedule in flow.Schedules)
            if (schedule.FirstText() is { } name && !known.Contains(name))
                report(flow.Place(schedule), [flow.Symbol.Name, name, known.Length == 0 ? "" : $"; it has {string.Join(", ", known)}"]);
    }
}
