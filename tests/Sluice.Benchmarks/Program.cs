using System.Diagnostics;
using System.Globalization;
using BenchmarkDotNet.Running;
using Sluice.Benchmarks;

// dotnet run --project tests/Sluice.Benchmarks -- --filter '*Cron*'     (BenchmarkDotNet's own arguments; --list flat names all)
// dotnet run --project tests/Sluice.Benchmarks -- analyzer-pairs        AnalyzerBenchmarks' two sides in turn, since their difference is less than the machine's drift
if (args is not ["analyzer-pairs"])
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
    return;
}
var benchmark = new AnalyzerBenchmarks();
var without = new List<double>();
var with = new List<double>();
for (int round = 0; round < 110; round++)
{
    // Each side goes first as often as the other.
    foreach (bool scheduled in round % 2 == 0 ? (bool[])[false, true] : [true, false])
    {
        GC.Collect();
        long start = Stopwatch.GetTimestamp();
        await (scheduled ? benchmark.WithSchedules() : benchmark.WithoutSchedules());
        (scheduled ? with : without).Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
}
double plain = Median(without), more = Median(with);
Console.WriteLine("| | median of 100 pairs | quickest |\n|---|---|---|");
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| without schedules | {plain:F1} ms | {without.Skip(10).Min():F1} ms |"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| with schedules | {more:F1} ms | {with.Skip(10).Min():F1} ms |"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| more | {more / plain - 1:P1} | {with.Skip(10).Min() / without.Skip(10).Min() - 1:P1} |"));

// The first ten warm up.
static double Median(List<double> times) => times.Skip(10).Order().ElementAt(50);
