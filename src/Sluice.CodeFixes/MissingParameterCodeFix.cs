using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers;
using Sluice.Generators.Analyzers.Deployments;
using Sluice.Generators.Parsing;

namespace Sluice.CodeFixes;

/// <summary>Gives scheduled runs the parameters that they lack, with values to be typed over (SLC0307).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MissingParameterCodeFix))]
[Shared]
internal sealed class MissingParameterCodeFix() : FlowCodeFix(MissingParameterAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (problem.Flow is not { } flow || problem.Attribute is not { } attribute || Problem.Read(flow, attribute) is not { } data)
            return;
        IReadOnlyList<string> missing = MissingParameterAnalyzer.Missing(flow, data);
        if (missing.Count == 0)
            return;
        string names = string.Join(", ", missing.Select(name => $"\"{name}\""));
        Add(problem, attribute, flow, data, missing, "Add", $"Add {names} to Parameters");
        if (data.IsOurs(Symbols.Schedule) && flow.Deployments.FirstOrDefault(deployment => deployment.FirstText() == data.FirstText()) is { } deployment
            && deployment.ApplicationSyntaxReference?.GetSyntax(problem.Cancellation) is AttributeSyntax whole)
            Add(problem, whole, flow, deployment, missing, "Add to deployment", $"Add {names} to the Parameters of '{data.FirstText()}'");
    }

    private static void Add(Problem problem, AttributeSyntax attribute, FlowMethod flow, AttributeData data, IReadOnlyList<string> missing, string kind, string title)
    {
        if (ParameterJson.Of(problem, attribute, flow, data) is not { Root: { } root } json)
            return;
        var placeholders = new Placeholders(json.Misfits);
        json.Offer(kind, title, JsonEdit.Add(json.Text, root, missing.Select(name =>
            (name, placeholders.For("$." + name, value => $"{{{JsonEdit.Quote(name)}: {value}}}")))));
    }
}
