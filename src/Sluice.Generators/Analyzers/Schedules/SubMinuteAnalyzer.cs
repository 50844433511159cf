using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>Schedules of seconds are legal and rarely meant.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class SubMinuteAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0419", "Schedule fires more often than once a minute", "Fires more often than once a minute: {0}", Help.Category, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0419.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        DateTime now = DateTime.UtcNow;
        foreach (DeclaredSchedule schedule in flow.Declared)
            if (schedule is { MayBeDense: true, Foreign: null, Due: { } due } && IsDense(due, now))
                report(flow.Place(schedule), [schedule.Occurrences!.Explain()]);
    }

    /// <summary>Three due times tell: the first one may be the last of its minute.</summary>
    private static bool IsDense(Occurrences schedule, DateTime now)
    {
        DateTime? before = null;
        for (int i = 0; i < 3; i++)
        {
            if (schedule.Next(before?.AddTicks(1) ?? now) is not { } due)
                return false;
            if (due - before < TimeSpan.FromMinutes(1))
                return true;
            before = due;
        }
        return false;
    }
}
