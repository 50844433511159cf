using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Analyzers;
using Sluice.Generators.Analyzers.Schedules;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests.Schedules;

/// <summary>What schedules cost at compile time, as work: each text is parsed once for all analyzers, and the generator writes a line more. Time is for AnalyzerBenchmarks.</summary>
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
        first.Seen.ShouldAllBe(schedule => schedule.Reading.Readings == 1);
        first.Seen.Select(schedule => schedule.Reading).Distinct().Count().ShouldBe(60 + 2);
    }

    [Fact]
    public void A_schedule_adds_little_to_what_the_generator_allocates()
    {
        long with = Bytes(", Cron = \"30 6 * * mon-fri\", TimeZone = \"Europe/Paris\""), without = Bytes("");
        with.ShouldBeGreaterThan(without);
        // Buffers grow by doubling: a line more may cost a buffer more.
        ((double)with / without).ShouldBeLessThan(1.1, $"{with} against {without} bytes");

        static long Bytes(string schedule)
        {
            CSharpCompilation compilation = GeneratorTest.Compile("public static class Flows\n{\n" + string.Concat(Enumerable.Range(0, 100).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""
                    /// <summary>Does the work of number {{i}}.</summary>
                    [Flow("Flow {{i}}")]
                    [Deployment("daily"{{schedule}}, WorkQueue = "reports", Parameters = "{\"city\": \"Oslo\"}")]
                    public static int Run{{i}}(string city, int days = 7) => days;

                """))) + "}");
            long least = long.MaxValue;
            for (int run = 0; run < 3; run++)
            {
                CSharpCompilation again = compilation.ReplaceSyntaxTree(compilation.SyntaxTrees[0], GeneratorTest.Parse(compilation.SyntaxTrees[0].GetText().ToString()));
                // Binding is the compiler's own work, which it does once for whoever asks.
                again.GetDeclarationDiagnostics();
                long before = GC.GetAllocatedBytesForCurrentThread();
                CSharpGeneratorDriver.Create(new FlowGenerator()).RunGenerators(again).GetRunResult().GeneratedTrees.Length.ShouldBeGreaterThan(100);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            return least;
        }
    }

    /// <summary>Bytes are counted on one thread, since what else runs in the process allocates too.</summary>
    [Fact]
    public void A_schedule_adds_little_to_what_the_analyzers_allocate_and_nothing_once_it_is_read()
    {
        (double first, double again) with = Bytes(i => $", Cron = \"{i % 60} 9 * * mon-fri\", TimeZone = \"Europe/Paris\""), without = Bytes(_ => "");
        // Measured: 1,925, most of it the parsed expression and its ranges; where each analyzer read for itself it was twice that.
        (with.first - without.first).ShouldBeInRange(100, 2_400);
        (with.again - without.again).ShouldBeLessThan(200);

        static (double First, double Again) Bytes(Func<int, string> schedule)
        {
            const int flows = 100;
            string source = "public static class Flows\n{\n" + string.Concat(Enumerable.Range(0, flows).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""
                    [Flow("Flow {{i}}")]
                    [Deployment("daily"{{schedule(i)}}, WorkQueue = "reports", Parameters = "{\"city\": \"Oslo\"}")]
                    public static int Run{{i}}(string city, int days = 7) => days;

                """))) + "}";
            // Whatever is made once for all, as the zones' names, is made by the first of two.
            _ = Analyze(source);
            CSharpCompilation compilation = GeneratorTest.Compile(source);
            (long first, long again) = (Analyze(compilation), Analyze(compilation));
            return ((double)first / flows, (double)again / flows);
        }

        static long Analyze(object input)
        {
            CSharpCompilation compilation = input as CSharpCompilation ?? GeneratorTest.Compile((string)input);
            ImmutableArray<ISymbol> methods = compilation.GetTypeByMetadataName("Flows")!.GetMembers();
            foreach (ISymbol method in methods)
                foreach (AttributeData attribute in method.GetAttributes())
                    attribute.NamedArguments.Length.ShouldBeGreaterThanOrEqualTo(0);
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (FlowAnalyzer analyzer in AnalyzerTest.All.OfType<FlowAnalyzer>())
                if (analyzer.SupportedDiagnostics[0].IsEnabledByDefault)
                    foreach (ISymbol method in methods)
                        analyzer.Look(method, diagnostic => throw new InvalidOperationException(diagnostic.ToString()));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
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
