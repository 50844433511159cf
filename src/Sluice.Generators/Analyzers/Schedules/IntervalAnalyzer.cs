using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>Intervals are durations above zero.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class IntervalAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0403", "Invalid interval", "Invalid interval: {0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0403.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData attribute in flow.Scheduling)
        {
            if (attribute.Text("Interval") is not { } text)
                continue;
            if (!Durations.TryParse(text, out TimeSpan interval, out ScheduleError? error)
                || !Occurrences.TryParseInterval(interval.TotalSeconds, null, null, out _, out error))
                report(flow.Place(attribute, "Interval", error!.Offset, error.Length == 0 ? text.Length : error.Length), [error.Message]);
        }
    }
}
