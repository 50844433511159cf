using BenchmarkDotNet.Attributes;
using Sluice.Schedules;

namespace Sluice.Benchmarks;

/// <summary>Cron expressions: dense, of every day, sparse.</summary>
public class CronBenchmarks : QuartzPairs
{
    [Params("*/5 * * * *", "0 6 * * mon-fri", "0 0 29 2 *", "0 0 * * L5")]
    public string Cron { get; set; } = "";

    protected override string Equivalent => Cron switch
    {
        "*/5 * * * *" => "0 */5 * * * ?",
        "0 6 * * mon-fri" => "0 0 6 ? * MON-FRI",
        "0 0 29 2 *" => "0 0 0 29 2 ?",
        _ => "0 0 0 ? * 6L",
    };

    [Benchmark]
    public override Occurrences Parse() => Schedules.Cron(Cron, Zone);
}
