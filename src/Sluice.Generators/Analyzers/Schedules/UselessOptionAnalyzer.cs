using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>The options of a schedule stand beside one that they do something to.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class UselessOptionAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0432", "Schedule option has no effect", "{0} has no effect {1}", Help.Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0432.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData attribute in flow.Scheduling)
        {
            ScheduleArguments schedule = ScheduleArguments.Of(attribute);
            bool isScheduled = schedule.HasSchedule;
            void Check(string option, bool isUseless, string why)
            {
                if (isUseless && attribute.Named(option) is not null)
                    report(flow.Place(attribute, option), [option, why]);
            }

            // A [Schedule] without any schedule is another rule's.
            bool isExplained = !isScheduled && attribute.IsOurs(Symbols.Schedule);
            Check("TimeZone", !isScheduled && !isExplained, "without Cron, Interval or RRule beside it");
            Check("DayOr", schedule.Cron is null && !isExplained, "without Cron beside it");
            Check("AnchorDate", schedule.Interval is null && !isExplained, "without Interval beside it");
            Check("Misfire", !isScheduled && MisfireOptions.Policy(schedule) is not null, "without Cron, Interval or RRule");
            Check("MaxMisfires", !MisfireOptions.RunsAll(schedule), "without Misfire = MisfirePolicy.RunAll");
            Check("Dst", !isScheduled && MisfireOptions.Dst(schedule) is not null, "without Cron or RRule");
            Check("Dst", schedule.Interval is not null && MisfireOptions.Dst(schedule) is not null, "on an Interval, which is exact");
        }
    }
}
