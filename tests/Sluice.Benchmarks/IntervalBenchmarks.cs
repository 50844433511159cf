using BenchmarkDotNet.Attributes;
using Sluice.Schedules;

namespace Sluice.Benchmarks;

/// <summary>Intervals from an anchor at midnight. Quartz's expressions have no anchor, and no interval that does not divide the hour or the day.</summary>
public class IntervalBenchmarks : QuartzPairs
{
    [Params(900, 86_400)]
    public double Seconds { get; set; }

    protected override string Equivalent => Seconds == 900 ? "0 0/15 * * * ?" : "0 0 0 * * ?";

    [Benchmark]
    public override Occurrences Parse() => Schedules.Interval(Seconds, Zone);
}
