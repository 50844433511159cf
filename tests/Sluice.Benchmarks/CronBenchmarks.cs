using BenchmarkDotNet.Attributes;
using Sluice.Schedules;

namespace Sluice.Benchmarks;

/// <summary>Parsing and seeking of cron expressions, next to Quartz's on equivalent ones: dense, of every day, sparse.</summary>
[MemoryDiagnoser]
public class CronBenchmarks
{
    // Many times, so that nobody answers from what was asked before.
    private static readonly DateTime[] _times = [.. Enumerable.Range(0, 256).Select(i => new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(i * 123_457L))];
    private static readonly DateTimeOffset[] _quartzTimes = [.. _times.Select(time => new DateTimeOffset(time))];

    private int _at;
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
        for (int i = 0; i < _times.Length; i++)
        {
            // Quartz looks for later times only.
            if (_ours.Next(_times[i].AddSeconds(1)) is var ours && ours != _quartz.GetNextValidTimeAfter(_quartzTimes[i])?.UtcDateTime && Zone == "UTC")
                throw new InvalidOperationException($"{Cron} and {Equivalent} are not equivalent from {_times[i]:O}: {ours:O}");
        }
    }

    [Benchmark]
    public DateTime? Next() => _ours.Next(_times[++_at & 255]);

    [Benchmark]
    public DateTimeOffset? QuartzNext() => _quartz.GetNextValidTimeAfter(_quartzTimes[++_at & 255]);

    [Benchmark]
    public Occurrences Parse() => Schedules.Cron(Cron, Zone);

    // With the zone that the schedule needs, as ours.
    [Benchmark]
    public Quartz.CronExpression QuartzParse() => new(Equivalent, TimeZoneInfo.FindSystemTimeZoneById(Zone));
}
