using System.Diagnostics;
using System.Globalization;

namespace Sluice.Benchmarks;

/// <summary>
/// <see cref="AnalyzerBenchmarks"/>' two sides in turn, since their difference is less than the machine's drift; in processor time, which other processes disturb less, and in
/// time on the wall. Beside them what the compiler does by itself for either side, which is no part of the generator's and analyzers' time.
/// </summary>
internal static class AnalyzerPairs
{
    private const int WarmUp = 10;

    private const int Rounds = 100;

    public static async Task PrintAsync()
    {
        var benchmark = new AnalyzerBenchmarks();
        var sides = new Side[] { new(() => AnalyzerBenchmarks.CompilerAlone(false)), new(() => AnalyzerBenchmarks.CompilerAlone(true)), new(benchmark.WithoutSchedules), new(benchmark.WithSchedules) };
        for (int round = 0; round < WarmUp + Rounds; round++)
            // Each side goes first as often as the others.
            for (int i = 0; i < sides.Length; i++)
                await sides[(round + i) % sides.Length].RunAsync(round >= WarmUp);

        (double Cpu, double Wall)[] medians = [.. sides.Select(side => (Median(side.Cpu), Median(side.Wall)))];
        Console.WriteLine("| | processor time | time |\n|---|---|---|");
        Line("compiler alone, without schedules", medians[0]);
        Line("compiler alone, with schedules", medians[1]);
        Line("with generator and analyzers, without schedules", medians[2]);
        Line("with generator and analyzers, with schedules", medians[3]);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| schedules add to the generator and the analyzers | {More(medians.Select(side => side.Cpu).ToArray()):P1} | {More(medians.Select(side => side.Wall).ToArray()):P1} |"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| with the compiler's share of both | {medians[3].Cpu / medians[2].Cpu - 1:P1} | {medians[3].Wall / medians[2].Wall - 1:P1} |"));
    }

    private static void Line(string what, (double Cpu, double Wall) median) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {median.Cpu:F1} ms | {median.Wall:F1} ms |"));

    private static double More(double[] medians) => (medians[3] - medians[1]) / (medians[2] - medians[0]) - 1;

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private sealed record Side(Func<Task> Run)
    {
        public List<double> Cpu { get; } = [];

        public List<double> Wall { get; } = [];

        public async Task RunAsync(bool isCounted)
        {
            GC.Collect();
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            await Run();
            TimeSpan wall = Stopwatch.GetElapsedTime(start);
            if (!isCounted)
                return;
            Cpu.Add((Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds);
            Wall.Add(wall.TotalMilliseconds);
        }
    }
}
