using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Analyzers;
using Sluice.Generators.Analyzers.Schedules;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests.Schedules;

/// <summary>What schedules cost the analyzers: each text is parsed once for all of them.</summary>
public class SharedReadingTests
{
    [Fact]
    public async Task A_schedule_is_parsed_once_for_all_analyzers()
    {
        const int flows = 100;
        string source = "public static class Flows\n{\n" + string.Concat(Enumerable.Range(0, flows).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""
                [Flow("Flow {{i}}")]
                [Deployment("daily", Cron = "{{i % 60}} 6 * * *", TimeZone = "Europe/Paris")]
                [Schedule("daily", Interval = "PT7H")]
                [Schedule("daily", RRule = "FREQ=WEEKLY;INTERVAL=2")]
                public static void Run{{i}}() { }

            """))) + "}";
        Probe first = new(), second = new();
        await GeneratorTest.Compile(source).WithAnalyzers([first, .. AnalyzerTest.All, second]).GetAnalyzerDiagnosticsAsync();

        first.Seen.Count.ShouldBe(3 * flows);
        second.Seen.ShouldBe(first.Seen, ignoreOrder: true);
        first.Seen.ShouldAllBe(schedule => schedule.Readings == 1);
    }

    /// <summary>Sees what any analyzer sees; the rule is borrowed and never reported.</summary>
#pragma warning disable RS1001 // The attribute is for analyzers that a compiler is to find.
    private sealed class Probe() : FlowAnalyzer(CronAnalyzer.Rule)
    {
        public ConcurrentBag<DeclaredSchedule> Seen { get; } = [];

        protected override void Analyze(FlowMethod flow, Report report)
        {
            foreach (DeclaredSchedule schedule in flow.Declared)
                Seen.Add(schedule);
        }
    }
}
