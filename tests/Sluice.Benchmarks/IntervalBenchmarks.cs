using BenchmarkDotNet.Attributes;
using Sluice.Schedules;

namespace Sluice.Benchmarks;

/// <summary>Making and seeking of intervals. Quartz has none with an anchor.</summary>
[MemoryDiagnoser]
public class IntervalBenchmarks
{
    private static readonly DateTime _from = new(2026, 11, 22, 12, 34, 56, DateTimeKind.Utc);

    private Occurrences _schedule = null!;

    [Params(900, 86_400)]
    public double Seconds { get; set; }

    [GlobalSetup]
    public void Prepare() => _schedule = Parse();

    [Benchmark]
    public DateTime? Next() => _schedule.Next(_from);

    [Benchmark]
    public DateTime? Previous() => _schedule.Previous(_from);

    [Benchmark]
    public Occurrences Parse() => Schedules.Interval(Seconds, "Europe/Paris");
}
