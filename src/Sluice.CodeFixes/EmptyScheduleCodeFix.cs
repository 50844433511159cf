using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Sluice.Generators.Analyzers.Schedules;

namespace Sluice.CodeFixes;

/// <summary>Lets a [Schedule] say when, to be typed over (SLC0409).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(EmptyScheduleCodeFix))]
[Shared]
internal sealed class EmptyScheduleCodeFix() : FlowCodeFix(EmptyScheduleAnalyzer.Rule.Id)
{
    private const string Daily = "0 6 * * *";

    protected override void Offer(Problem problem)
    {
        if (problem.Attribute is { } attribute)
            problem.Offer("Cron", $"Add Cron = \"{Daily}\"", AttributeEdit.Add(attribute, "Cron", $"\"{Daily}\""));
    }
}
