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
            foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
                if (argument.Value.Text() is { } text ? string.IsNullOrWhiteSpace(text) && Texts.Contains(argument.Key) : Lists.Contains(argument.Key) && argument.Value.Texts().Any(string.IsNullOrWhiteSpace))
                    report(flow.Place(attribute, argument.Key), [argument.Value.Kind == TypedConstantKind.Array ? $"An item of {argument.Key}" : argument.Key]);
    }

    private static readonly string[] Texts = ["WorkPool", "WorkQueue", "Slug", "Storage", "StorageKey", "Image", "Infrastructure"];
    private static readonly string[] Lists = ["Tags", "Secrets"];
}
