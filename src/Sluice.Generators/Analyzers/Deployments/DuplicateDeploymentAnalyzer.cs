using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Deployments;

/// <summary>Deployments are told apart by name.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class DuplicateDeploymentAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0301", "Two deployments of a flow have the same name", "The flow already has a deployment '{0}'; further schedules of it are [Schedule(\"{0}\", …)]", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0301.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (AttributeData deployment in flow.Deployments)
            if (deployment.FirstText() is { } name && !names.Add(name))
                report(flow.Place(deployment), [name]);
    }
}
