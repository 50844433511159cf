using BenchmarkDotNet.Attributes;
using Sluice.Schedules;

namespace Sluice.Benchmarks;

/// <summary>Recurrence rules that no cron expression says, or that never fire: of how many steps the answer is.</summary>
[MemoryDiagnoser]
public class SparseBenchmarks
{
    private static readonly DateTime _from = new(2026, 11, 22, 12, 34, 56, DateTimeKind.Utc);

    private Occurrences _schedule = null!;

    [Params(
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3;BYMINUTE=0;BYSECOND=7",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
        "FREQ=HOURLY;INTERVAL=14;BYDAY=MO;BYHOUR=2")]
    public string RRule { get; set; } = "";

    [GlobalSetup]
    public void Prepare() => _schedule = Parse();

    [Benchmark]
    public DateTime? Next() => _schedule.Next(_from);

    [Benchmark]
    public DateTime? Previous() => _schedule.Previous(_from);

    [Benchmark]
    public Occurrences Parse() => Schedules.RRule(RRule, "Europe/Paris");
}
