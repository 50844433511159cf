using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Cli.Runs;
using Sluice.Generators.Analyzers.Schedules;
using Sluice.Generators.Parsing;

namespace Sluice.CodeFixes;

/// <summary>Lets a [Schedule] name a deployment that there is (SLC0408).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ScheduleTargetCodeFix))]
[Shared]
internal sealed class ScheduleTargetCodeFix() : FlowCodeFix(UnknownDeploymentAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (problem.Flow is not { } flow || problem.Attribute is not { } attribute || Problem.Read(flow, attribute)?.FirstText() is not { } wrong)
            return;
        string[] known = [.. flow.Deployments.Select(deployment => deployment.FirstText()).OfType<string>()];
        if (attribute.Argument() is { } given && (DidYouMean.Nearest(wrong, known) ?? (known.Length == 1 ? known[0] : null)) is { } near
            && StringEdit.Set(given.Expression, near, problem.Model, problem.Cancellation) is { } edit)
            problem.Offer("Rename", Titles.Change(near, edit.Constant), edit.Change);
    }
}
