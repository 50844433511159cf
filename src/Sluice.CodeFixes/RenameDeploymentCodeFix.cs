using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers;
using Sluice.Generators.Analyzers.Deployments;
using Sluice.Generators.Parsing;

namespace Sluice.CodeFixes;

/// <summary>Gives a deployment an allowed name (SLC0302), or one that no other of the flow has (SLC0301), unless it only was to be a further schedule.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RenameDeploymentCodeFix))]
[Shared]
internal sealed class RenameDeploymentCodeFix() : FlowCodeFix(DuplicateDeploymentAnalyzer.Rule.Id, DeploymentNameAnalyzer.Rule.Id)
{
    private static readonly HashSet<string> OfSchedules = new(StringComparer.Ordinal)
    {
        "Cron", "Interval", "RRule", "TimeZone", "DayOr", "AnchorDate", "Parameters", "Misfire", "MaxMisfires", "Dst",
    };

    protected override void Offer(Problem problem)
    {
        if (problem.Flow is not { } flow || problem.Attribute is not { } attribute || attribute.Argument() is not { } given
            || Problem.Read(flow, attribute) is not { } data || data.FirstText() is not { } old)
            return;
        bool isDuplicate = problem.Diagnostic.Id == DuplicateDeploymentAnalyzer.Rule.Id;
        string? name = isDuplicate ? Free(flow, data, old) : string.IsNullOrWhiteSpace(old) ? null : AllowedNames.Mend(old);
        if (name is not null && StringEdit.Set(given.Expression, name, problem.Model, problem.Cancellation) is { Constant: null } edit)
            problem.Offer("Rename", Titles.Change(name, null), edit.Change);
        if (isDuplicate && AttributeEdit.NameLike(attribute, "Deployment", "Schedule") is { } schedule && data.NamedArguments.Any(argument => argument.Key is "Cron" or "Interval" or "RRule") && data.NamedArguments.All(argument => OfSchedules.Contains(argument.Key)))
            problem.Offer("Schedule", $"Make it a [Schedule] of '{old}'", new Change(attribute.SyntaxTree, attribute.Name.Span, schedule));
    }

    /// <summary>Of the deployments that share the name, each but the first gets another, so that "fix all" leaves none.</summary>
    private static string Free(FlowMethod flow, AttributeData data, string old)
    {
        var taken = new HashSet<string>(flow.Deployments.Select(deployment => deployment.FirstText()).OfType<string>(), StringComparer.Ordinal);
        foreach (AttributeData deployment in flow.Deployments.Where(deployment => deployment.FirstText() == old).Skip(1))
        {
            string name = AllowedNames.Free(old, "-", taken);
            if (deployment.ApplicationSyntaxReference?.Span == data.ApplicationSyntaxReference?.Span)
                return name;
        }
        return AllowedNames.Free(old, "-", taken);
    }
}
