using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Deployments;

/// <summary>An empty name names nothing.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class EmptyTextAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0309", "Empty name", "{0} must not be empty; leave it out", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0309.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData attribute in flow.Scheduling)
        {
            foreach (string name in Texts)
                if (attribute.Text(name) is { } text && string.IsNullOrWhiteSpace(text))
                    report(flow.Place(attribute, name), [name]);
            foreach (string name in Lists)
                if (attribute.Texts(name).Any(string.IsNullOrWhiteSpace))
                    report(flow.Place(attribute, name), [$"An item of {name}"]);
        }
    }

    private static readonly string[] Texts = ["WorkPool", "WorkQueue", "Slug", "Storage", "StorageKey", "Image", "Infrastructure"];
    private static readonly string[] Lists = ["Tags", "Secrets"];
}
