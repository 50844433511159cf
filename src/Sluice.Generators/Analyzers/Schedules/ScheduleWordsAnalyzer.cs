using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>A schedule in words with its next due times, for those who turn it on. Off, it is never asked.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ScheduleWordsAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0421", "Schedule in words", "Fires {0}; {1}", Help.Category, DiagnosticSeverity.Info, isEnabledByDefault: false, helpLinkUri: Help.Pages + "SLC0421.md");

    private const int Shown = 5;

    protected override void Analyze(FlowMethod flow, Report report)
    {
        foreach (DeclaredSchedule schedule in flow.Declared)
            if (schedule.Occurrences is { } occurrences)
                report(flow.Place(schedule), [occurrences.Explain(), Next(schedule, occurrences)]);
    }

    private static string Next(DeclaredSchedule schedule, Occurrences occurrences)
    {
        if (!occurrences.HasZoneData)
            return $"this machine has no rules for {schedule.TimeZone} to tell the times";
        if (!Zone.TryFind(schedule.TimeZone, out Zone? zone, out _))
            Zone.TryFind(null, out zone, out _);
        IReadOnlyList<DateTime> due = occurrences.Take(DateTime.UtcNow, Shown);
        return due.Count == 0 ? "never again" : "next: " + string.Join("; ", due.Select(time => Text(time, zone!)));
    }

    /// <summary>Wall clock with offset and UTC: <c>Mon 2026-11-23 06:00 +01:00 (05:00Z)</c>.</summary>
    private static string Text(DateTime due, Zone zone)
    {
        string clock = due.TimeOfDay.Seconds == 0 ? "HH:mm" : "HH:mm:ss";
        if (zone.Id == "UTC")
            return due.ToString($"ddd yyyy-MM-dd {clock}", CultureInfo.InvariantCulture) + "Z";
        DateTime wall = zone.ToWall(due);
        string local = new DateTimeOffset(wall, zone.OffsetAt(due)).ToString($"ddd yyyy-MM-dd {clock} zzz", CultureInfo.InvariantCulture);
        return $"{local} ({due.ToString(wall.Date == due.Date ? clock : $"yyyy-MM-dd {clock}", CultureInfo.InvariantCulture)}Z)";
    }
}
