using BenchmarkDotNet.Attributes;
using Sluice.Schedules;

namespace Sluice.Benchmarks;

/// <summary>Parsing and seeking of cron expressions, next to Quartz's on equivalent ones.</summary>
[MemoryDiagnoser]
public class CronBenchmarks
{
    private static readonly DateTime From = new(2026, 11, 22, 12, 34, 56, DateTimeKind.Utc);
    private readonly Occurrences _ours = Parsed("*/5 * * * *");
    private readonly Quartz.CronExpression _quartz = new("0 */5 * * * ?", TimeZoneInfo.Utc);

    [Benchmark]
    public DateTime? Next() => _ours.Next(From);

    [Benchmark]
    public DateTimeOffset? QuartzNext() => _quartz.GetNextValidTimeAfter(From);

    private static Occurrences Parsed(string cron) =>
        Occurrences.TryParseCron(cron, null, null, out Occurrences? occurrences, out ScheduleError? error) ? occurrences! : throw new ArgumentException(error!.Message);
}
