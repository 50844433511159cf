using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>A step that leaves its range at once is the range's first value.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class StepBeyondRangeAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0412", "Step beyond the range", "{0}: the step of '{1}' goes beyond {2}, so that only {3} matches{4}", Help.Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0412.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        foreach (DeclaredSchedule schedule in flow.Declared)
            foreach (CronRange range in schedule.Ranges)
            {
                // 59/5 begins where its range ends: another rule's.
                if (range.Step <= range.Span || range.Low == range.High)
                    continue;
                string first = range.LowText == "*" ? range.Low.ToString(System.Globalization.CultureInfo.InvariantCulture) : range.LowText;
                string last = range.HighText.Length > 0 ? range.HighText : range.Field.Max.ToString(System.Globalization.CultureInfo.InvariantCulture);
                report(
                    flow.Place(schedule, range.Offset, range.Text.Length), [range.Field.Name, range.Text, $"{first}-{last}", first, Interval(range)],
                    Mend.Replace(schedule.Text.Remove(range.Offset, range.Text.Length).Insert(range.Offset, first)));
            }
    }

    /// <summary>What says "every 90 minutes", which cron cannot.</summary>
    private static string Interval(CronRange range)
    {
        string? unit = range.Field.Name switch { "minute" => "M", "hour" => "H", "second" => "S", _ => null };
        return unit is null || range.LowText != "*" || range.Step == range.Span + 1 || range.Step == int.MaxValue
            ? "" : $"; for every {range.Step} {range.Field.Name}s use Interval = \"PT{range.Step}{unit}\"";
    }
}
