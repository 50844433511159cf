using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Sluice.Generators.Analyzers.Schedules;
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
        if (problem.Text is not ("Cron", var cron))
            return;
        string[] fields = cron.Split(' ');
        if (fields.Length < 5 || fields[DayOfMonth] is not ("30" or "31"))
            return;
        fields[DayOfMonth] = "L";
        string mended = string.Join(" ", fields);
        if (Occurrences.TryParseCron(mended, null, null, out Occurrences? due, out _) && due!.Next(DateTime.UtcNow) is not null)
            problem.OfferText("Last", mended);
    }
}
