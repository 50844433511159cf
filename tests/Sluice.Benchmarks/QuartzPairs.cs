using BenchmarkDotNet.Attributes;
using Sluice.Schedules;

namespace Sluice.Benchmarks;

/// <summary>Parsing and seeking of schedules, next to Quartz's CronExpression on equivalent expressions.</summary>
[MemoryDiagnoser]
public abstract class QuartzPairs
{
    // Many times, so that nobody answers from what was asked before.
    private static readonly DateTime[] _times = [.. Enumerable.Range(0, 256).Select(i => new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(i * 123_457L))];
    private static readonly DateTimeOffset[] _quartzTimes = [.. _times.Select(time => new DateTimeOffset(time))];

    private int _at;
    private Occurrences _ours = null!;
    private Quartz.CronExpression _quartz = null!;

    [Params("UTC", "Europe/Paris")]
    public string Zone { get; set; } = "UTC";

    /// <summary>What fires as ours does.</summary>
    protected abstract string Equivalent { get; }

    [GlobalSetup]
    public void Prepare()
    {
        _ours = Parse();
        _quartz = QuartzParse();
        for (int i = 0; i < _times.Length; i++)
        {
            // Quartz looks for later times only.
            if (_ours.Next(_times[i].AddSeconds(1)) is var ours && ours != _quartz.GetNextValidTimeAfter(_quartzTimes[i])?.UtcDateTime && Zone == "UTC")
                throw new InvalidOperationException($"{_ours.Explain()} and {Equivalent} are not equivalent from {_times[i]:O}: {ours:O}");
        }
    }

    [Benchmark]
    public DateTime? Next() => _ours.Next(_times[++_at & 255]);

    [Benchmark]
    public DateTimeOffset? QuartzNext() => _quartz.GetNextValidTimeAfter(_quartzTimes[++_at & 255]);

    /// <summary>Reads ours.</summary>
    public abstract Occurrences Parse();

    // With the zone that the schedule needs, as ours.
    [Benchmark]
    public Quartz.CronExpression QuartzParse() => new(Equivalent, TimeZoneInfo.FindSystemTimeZoneById(Zone));
}
