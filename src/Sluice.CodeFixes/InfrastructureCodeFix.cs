using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Cli.Runs;
using Sluice.Generators.Analyzers.Deployments;
using Sluice.Generators.Parsing;

namespace Sluice.CodeFixes;

/// <summary>Names an infrastructure that there is (SLC0311).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(InfrastructureCodeFix))]
[Shared]
internal sealed class InfrastructureCodeFix() : FlowCodeFix(InfrastructureAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (problem.Flow is not { } flow || problem.Attribute is not { } attribute || attribute.Argument("Infrastructure") is not { } given
            || Problem.Read(flow, attribute)?.Text("Infrastructure") is not { } written)
            return;
        string? known = written.ToLowerInvariant() is "k8s" ? "kubernetes" : DidYouMean.Nearest(written.Trim(), InfrastructureAnalyzer.Known);
        if (known is not null && StringEdit.Set(given.Expression, known, problem.Model, problem.Cancellation) is { } edit)
            problem.Offer("Name", Titles.Change(known, edit.Constant), edit.Change);
    }
}
