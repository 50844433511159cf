using BenchmarkDotNet.Attributes;
using Sluice.Schedules;

namespace Sluice.Benchmarks;

/// <summary>Parsing and seeking of cron expressions, next to Quartz's on equivalent ones: dense, of every day, sparse.</summary>
[MemoryDiagnoser]
public class CronBenchmarks
{
    private static readonly DateTime _from = new(2026, 11, 22, 12, 34, 56, DateTimeKind.Utc);
    private static readonly DateTimeOffset _quartzFrom = new(_from);

    private Occurrences _ours = null!;
    private Quartz.CronExpression _quartz = null!;

    /// <summary>Ours; Quartz's is in <see cref="Equivalent"/>.</summary>
    [Params("*/5 * * * *", "0 6 * * mon-fri", "0 0 29 2 *", "0 0 * * L5")]
    public string Cron { get; set; } = "";

    [Params("UTC", "Europe/Paris")]
    public string Zone { get; set; } = "UTC";

    private string Equivalent => Cron switch
    {
        "*/5 * * * *" => "0 */5 * * * ?",
        "0 6 * * mon-fri" => "0 0 6 ? * MON-FRI",
        "0 0 29 2 *" => "0 0 0 29 2 ?",
        _ => "0 0 0 ? * 6L",
    };

    [GlobalSetup]
    public void Prepare()
    {
        _ours = Schedules.Cron(Cron, Zone);
        _quartz = new Quartz.CronExpression(Equivalent, TimeZoneInfo.FindSystemTimeZoneById(Zone));
        if (Next() != QuartzNext()?.UtcDateTime)
            throw new InvalidOperationException($"{Cron} and {Equivalent} are not equivalent: {Next():O} and {QuartzNext():O}");
    }

    [Benchmark]
    public DateTime? Next() => _ours.Next(_from);

    [Benchmark]
    public DateTimeOffset? QuartzNext() => _quartz.GetNextValidTimeAfter(_quartzFrom);

    [Benchmark]
    public Occurrences Parse() => Schedules.Cron(Cron, Zone);

    // With the zone that the schedule needs, as ours.
    [Benchmark]
    public Quartz.CronExpression QuartzParse() => new(Equivalent, TimeZoneInfo.FindSystemTimeZoneById(Zone));
}
