using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Sluice.Cli.Runs;
using Sluice.Generators.Analyzers.Deployments;

namespace Sluice.CodeFixes;

/// <summary>Names an infrastructure that there is (SLC0311).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(InfrastructureCodeFix))]
[Shared]
internal sealed class InfrastructureCodeFix() : FlowCodeFix(InfrastructureAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (problem.Text is not ("Infrastructure", var written))
            return;
        string? known = written.ToLowerInvariant() is "k8s" ? "kubernetes" : DidYouMean.Nearest(written.Trim(), InfrastructureAnalyzer.Known);
        if (known is not null)
            problem.OfferText("Name", known);
    }
}
