using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers.Schedules;
using Sluice.Generators.Parsing;
using Sluice.Schedules;

namespace Sluice.CodeFixes;

/// <summary>Takes a month's last day where the day is one that the month never has: <c>0 0 31 2 *</c> as <c>0 0 L 2 *</c> (SLC0407).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(NeverFiresCodeFix))]
[Shared]
internal sealed class NeverFiresCodeFix() : FlowCodeFix(NeverFiresAnalyzer.Rule.Id)
{
    private const int DayOfMonth = 2;

    protected override void Offer(Problem problem)
    {
        if (problem.Diagnostic.Properties.Count > 0 || problem.Flow is not { } flow || problem.Attribute is not { } attribute
            || problem.Around<AttributeArgumentSyntax>() is not { NameEquals.Name.Identifier.ValueText: "Cron" } argument || Problem.Read(flow, attribute)?.Text("Cron") is not { } cron)
            return;
        string[] fields = cron.Split(' ');
        if (fields.Length < 5 || fields[DayOfMonth] is not ("30" or "31"))
            return;
        fields[DayOfMonth] = "L";
        string mended = string.Join(" ", fields);
        if (Occurrences.TryParseCron(mended, null, null, out Occurrences? due, out _) && due!.Next(DateTime.UtcNow) is not null
            && StringEdit.Set(argument.Expression, mended, problem.Model, problem.Cancellation) is { } edit)
            problem.Offer("Last", Titles.Change(mended, edit.Constant), edit.Change);
    }
}
