using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Sluice.Generators.Analyzers.Schedules;
using Sluice.Generators.Parsing;

namespace Sluice.CodeFixes;

/// <summary>Removes a [Schedule] that belongs to no deployment (SLC0408), says not when (SLC0409), or repeats another one (SLC0417).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RemoveScheduleCodeFix))]
[Shared]
internal sealed class RemoveScheduleCodeFix() : FlowCodeFix(UnknownDeploymentAnalyzer.Rule.Id, EmptyScheduleAnalyzer.Rule.Id, CoincidingSchedulesAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (problem.Flow is { } flow && problem.Attribute is { } attribute && Problem.Read(flow, attribute)?.IsOurs(Symbols.Schedule) == true)
            problem.Offer("Remove", "Remove the [Schedule]", AttributeEdit.Remove(attribute));
    }
}
