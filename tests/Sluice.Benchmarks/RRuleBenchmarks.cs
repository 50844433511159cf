using BenchmarkDotNet.Attributes;
using Sluice.Schedules;

namespace Sluice.Benchmarks;

/// <summary>Parsing and seeking of recurrence rules: the two that Prefect walks for seconds, a daily one, sparse ones, one that never fires. Quartz has none.</summary>
[MemoryDiagnoser]
public class RRuleBenchmarks
{
    private static readonly DateTime _from = new(2026, 11, 22, 12, 34, 56, DateTimeKind.Utc);

    private Occurrences _schedule = null!;

    [Params(
        "FREQ=MINUTELY;INTERVAL=5",
        "FREQ=SECONDLY;INTERVAL=30",
        "FREQ=DAILY;BYHOUR=6",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3;BYMINUTE=0;BYSECOND=7",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
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
