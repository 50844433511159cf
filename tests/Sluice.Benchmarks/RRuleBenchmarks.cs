using BenchmarkDotNet.Attributes;
using Sluice.Schedules;

namespace Sluice.Benchmarks;

/// <summary>Recurrence rules that a cron expression says too: the two that Prefect walks for seconds, of every day, of weekdays, the month's last weekday, sparse.</summary>
public class RRuleBenchmarks : QuartzPairs
{
    [Params(
        "FREQ=MINUTELY;INTERVAL=5",
        "FREQ=SECONDLY;INTERVAL=30",
        "FREQ=DAILY;BYHOUR=6",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=6",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=MONTHLY;BYDAY=2MO",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29")]
    public string RRule { get; set; } = "";

    protected override string Equivalent => RRule switch
    {
        "FREQ=MINUTELY;INTERVAL=5" => "0 0/5 * * * ?",
        "FREQ=SECONDLY;INTERVAL=30" => "0/30 * * * * ?",
        "FREQ=DAILY;BYHOUR=6" => "0 0 6 * * ?",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=6" => "0 0 6 ? * MON-FRI",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1" => "0 0 0 LW * ?",
        "FREQ=MONTHLY;BYDAY=2MO" => "0 0 0 ? * 2#2",
        _ => "0 0 0 29 2 ?",
    };

    [Benchmark]
    public override Occurrences Parse() => Schedules.RRule(RRule, Zone);
}
