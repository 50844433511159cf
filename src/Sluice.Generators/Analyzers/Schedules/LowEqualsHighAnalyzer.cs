using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>A range of one value is the whole range to croniter.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class LowEqualsHighAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0411", "Range of one value means every value", "{0}: '{1}' stands for the whole range {2}, since it ends where it begins; for that value alone write {3}", Help.Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0411.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        foreach (DeclaredSchedule schedule in flow.Declared)
            foreach (CronRange range in schedule.Ranges)
                if (range.Low == range.High && range.LowText != "*" && !IsWeek(range))
                    report(
                        flow.Place(schedule, range.Offset, range.Text.Length), [range.Field.Name, range.Text, $"{range.Field.Allowed}{(range.Step > 1 ? $" in steps of {range.Step}" : "")}", range.LowText],
                        Mend.Replace(schedule.Text.Remove(range.Offset, range.Text.Length).Insert(range.Offset, range.LowText)));
    }

    /// <summary>0-7, which everybody reads as the whole week.</summary>
    private static bool IsWeek(CronRange range) => range is { IsDayOfWeek: true, Low: 0, HighText: "7" } && range.LowText != "7";
}
