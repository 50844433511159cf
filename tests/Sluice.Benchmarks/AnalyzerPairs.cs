using System.Diagnostics;
using System.Globalization;

namespace Sluice.Benchmarks;

/// <summary>
/// <see cref="AnalyzerBenchmarks"/>' two sides in turn, since their difference is less than the machine's drift; in processor time, which other processes disturb less, and in
/// time on the wall, and as the compiler reports it of the generator and each analyzer (what <c>-p:ReportAnalyzer=true</c> prints). Beside them what the compiler does by itself for either side, which is no part of the generator's and analyzers' time. The lower quartile counts, since what
/// disturbs only adds. Wanted is a budget that no garbage collection falls into (<c>DOTNET_GCgen0size</c>): one costs more than all the schedules and would fall to a side by
/// chance. What collections cost goes by what is allocated, which is told beside.
/// </summary>
internal static class AnalyzerPairs
{
    private const int WarmUp = 10;

    private const int Rounds = 100;

    public static async Task PrintAsync()
    {
        var benchmark = new AnalyzerBenchmarks();
        var sides = new Side[]
        {
            new("compiler alone, without schedules", () => Alone(false)),
            new("compiler alone, with schedules", () => Alone(true)),
            new("with generator and analyzers, without schedules", benchmark.WithoutSchedules),
            new("with generator and analyzers, with schedules", benchmark.WithSchedules),
        };
        for (int round = 0; round < WarmUp + Rounds; round++)
            // Each side goes first as often as the others.
            for (int i = 0; i < sides.Length; i++)
                await sides[(round + i) % sides.Length].RunAsync(round >= WarmUp);

        Console.WriteLine("| | as the compiler reports | processor time | time | allocated |\n|---|---|---|---|---|");
        foreach (Side side in sides)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {side.What} | {(Low(side.Reported) is > 0 and var reported ? $"{reported:F1} ms" : "")} | {Low(side.Cpu):F1} ms | {Low(side.Wall):F1} ms | {Low(side.Megabytes):F1} MB |"));
        Line("schedules add to the generator and the analyzers", of => (of(sides[3]) - of(sides[1])) / (of(sides[2]) - of(sides[0])) - 1);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{sides.Sum(side => side.Collections)} garbage collections in {sides.Length * Rounds} runs."));

        void Line(string what, Func<Func<Side, double>, double> more) => Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {what} | {(Low(sides[3].Reported) / Low(sides[2].Reported) - 1) * 100:F1} % | {more(side => Low(side.Cpu)) * 100:F1} % | {more(side => Low(side.Wall)) * 100:F1} % | {more(side => Low(side.Megabytes)) * 100:F1} % |"));

        static async Task<TimeSpan> Alone(bool scheduled)
        {
            await AnalyzerBenchmarks.CompilerAlone(scheduled);
            return TimeSpan.Zero;
        }
    }

    private static double Low(List<double> figures) => figures.Order().ElementAt(figures.Count / 4);

    private sealed record Side(string What, Func<Task<TimeSpan>> Run)
    {
        public List<double> Reported { get; } = [];

        public List<double> Cpu { get; } = [];

        public List<double> Wall { get; } = [];

        public List<double> Megabytes { get; } = [];

        public int Collections { get; private set; }

        public async Task RunAsync(bool isCounted)
        {
            GC.Collect();
            int collections = GC.CollectionCount(0);
            long bytes = GC.GetTotalAllocatedBytes(precise: true);
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            TimeSpan reported = await Run();
            TimeSpan wall = Stopwatch.GetElapsedTime(start);
            if (!isCounted)
                return;
            Reported.Add(reported.TotalMilliseconds);
            Cpu.Add((Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds);
            Wall.Add(wall.TotalMilliseconds);
            Megabytes.Add((GC.GetTotalAllocatedBytes(precise: true) - bytes) / 1e6);
            Collections += GC.CollectionCount(0) - collections;
        }
    }
}
