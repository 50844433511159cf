using System.Diagnostics;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators;

namespace Sluice.Benchmarks;

/// <summary>Where the cost of <see cref="AnalyzerBenchmarks"/> comes from: what a schedule adds to each analyzer's time, and to what it allocates when it runs alone.</summary>
internal static class AnalyzerTimes
{
    private const int Rounds = 40;

    public static async Task PrintAsync()
    {
        var times = new Dictionary<string, (List<double> Without, List<double> With)>(StringComparer.Ordinal);
        for (int round = 0; round < Rounds; round++)
            foreach (bool scheduled in round % 2 == 0 ? (bool[])[false, true] : [true, false])
            {
                GC.Collect();
                CSharpCompilation compilation = scheduled ? AnalyzerBenchmarks.Scheduled : AnalyzerBenchmarks.Manual;
                Add("(generator)", Cpu(() => CSharpGeneratorDriver.Create(new FlowGenerator()).RunGenerators(compilation)));
                CompilationWithAnalyzers run = Start(compilation, AnalyzerBenchmarks.Analyzers);
                Add("(analyzers together)", Cpu(() => run.GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult()));
                foreach (DiagnosticAnalyzer analyzer in AnalyzerBenchmarks.Analyzers)
                    Add(analyzer.GetType().Name, (await run.GetAnalyzerTelemetryInfoAsync(analyzer, CancellationToken.None)).ExecutionTime);

                void Add(string what, TimeSpan time)
                {
                    if (!times.TryGetValue(what, out var lists))
                        times[what] = lists = ([], []);
                    (scheduled ? lists.With : lists.Without).Add(time.TotalMicroseconds / AnalyzerBenchmarks.Flows);
                }
            }
        var bytes = new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["(generator)"] = Bytes(compilation => CSharpGeneratorDriver.Create(new FlowGenerator()).RunGenerators(compilation)),
            ["(analyzers together)"] = Bytes(compilation => Start(compilation, AnalyzerBenchmarks.Analyzers).GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult()),
        };
        foreach (DiagnosticAnalyzer analyzer in AnalyzerBenchmarks.Analyzers)
            bytes[analyzer.GetType().Name] = Bytes(compilation => Start(compilation, [analyzer]).GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult());

        Console.WriteLine("| for each flow | without, µs | with, µs | more, µs | more, bytes |\n|---|---|---|---|---|");
        foreach (var (what, lists) in times.OrderByDescending(pair => Low(pair.Value.With) - Low(pair.Value.Without)))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {Low(lists.Without):F2} | {Low(lists.With):F2} | {Low(lists.With) - Low(lists.Without):F2} | {bytes[what]:F0} |"));
    }

    private static CompilationWithAnalyzers Start(CSharpCompilation compilation, DiagnosticAnalyzer[] analyzers) => compilation.WithAnalyzers(
        [.. analyzers], new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), onAnalyzerException: null, concurrentAnalysis: false, logAnalyzerExecutionTime: true));

    /// <summary>The processor time that something takes, on whatever threads; other processes do not count.</summary>
    private static TimeSpan Cpu(Action action)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        action();
        return Environment.CpuUsage.TotalTime - before;
    }

    /// <summary>What a schedule adds to what something allocates.</summary>
    private static double Bytes(Action<CSharpCompilation> action)
    {
        return (double)(Least(AnalyzerBenchmarks.Scheduled) - Least(AnalyzerBenchmarks.Manual)) / AnalyzerBenchmarks.Flows;

        long Least(CSharpCompilation compilation) => Enumerable.Range(0, 3).Min(_ =>
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            action(compilation);
            return GC.GetTotalAllocatedBytes(precise: true) - before;
        });
    }

    /// <summary>A low one, since what disturbs only adds; the first rounds warm up.</summary>
    private static double Low(List<double> times) => times.Skip(Rounds / 5).Order().ElementAt(Rounds / 8);
}
