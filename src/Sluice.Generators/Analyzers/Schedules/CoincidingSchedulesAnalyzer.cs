using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>Two schedules of a deployment that say the same start each run twice.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class CoincidingSchedulesAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0417", "Two schedules of a deployment coincide", "{0} due times are those of the deployment's {1} too, so that each starts two runs; remove one of the schedules", Help.Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0417.md");

    private const int Compared = 1_000;

    protected override void Analyze(FlowMethod flow, Report report)
    {
        if (flow.Schedules.Count == 0)
            return;
        DateTime now = DateTime.UtcNow;
        foreach (var deployment in flow.Declared.GroupBy(schedule => schedule.Deployment, StringComparer.Ordinal))
        {
            var earlier = new List<DeclaredSchedule>();
            foreach (DeclaredSchedule schedule in deployment)
            {
                foreach (DeclaredSchedule other in earlier)
                {
                    // Several schedules in one attribute are another rule's. Runs with other parameters are other runs.
                    if (ReferenceEquals(other.Attribute, schedule.Attribute) || Parameters(other) != Parameters(schedule) || Common(other, schedule, now) is not { } count)
                        continue;
                    string times = count == Compared ? "Its next 1,000" : $"All {count.ToString(CultureInfo.InvariantCulture)}";
                    report(flow.Place(schedule), [times, other.Shown]);
                    break;
                }
                earlier.Add(schedule);
            }
        }
    }

    private static string? Parameters(DeclaredSchedule schedule) => schedule.Attribute.IsOurs(Symbols.Schedule) ? schedule.Attribute.Text("Parameters") : null;

    /// <summary>How many due times two schedules have in common, from 1, when these are all of the next 1,000; null at the first difference.</summary>
    private static int? Common(DeclaredSchedule left, DeclaredSchedule right, DateTime now)
    {
        if (left.Due is not { } leftDue || right.Due is not { } rightDue || left.IsUnanchored != right.IsUnanchored)
            return null;
        bool comparable = leftDue == left.Occurrences && rightDue == right.Occurrences;
        if (!comparable && left.TimeZone != right.TimeZone)
            return null;
        int count = 0;
        for (DateTime from = now; count < Compared; count++)
        {
            DateTime? next = leftDue.Next(from);
            if (next != rightDue.Next(from))
                return null;
            if (next is not { } due)
                break;
            from = due.AddTicks(1);
        }
        return count == 0 ? null : count;
    }
}
