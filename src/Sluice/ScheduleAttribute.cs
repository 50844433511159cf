namespace Sluice;

/// <summary>Adds a further schedule to a deployment of the same method.</summary>
/// <param name="deployment">The deployment's name.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class ScheduleAttribute(string deployment) : Attribute
{
    /// <summary>The deployment's name.</summary>
    public string Deployment { get; } = deployment;

    /// <summary>The schedule's stable name within the deployment. By default <c>schedule-N</c>, counted from 2 in order of declaration (the deployment's own schedule is <c>schedule-1</c>).</summary>
    public string? Slug { get; set; }

    /// <summary>A cron expression in croniter's dialect.</summary>
    public string? Cron { get; set; }

    /// <summary>Time between runs: seconds, <c>00:15:00</c> or <c>PT15M</c>.</summary>
    public string? Interval { get; set; }

    /// <summary>An RFC 5545 recurrence rule.</summary>
    public string? RRule { get; set; }

    /// <summary>IANA time zone id; UTC by default.</summary>
    public string? TimeZone { get; set; }

    /// <summary>With <see cref="Cron"/>: whether day of month and day of week are ORed (the default) or ANDed.</summary>
    public bool DayOr { get; set; } = true;

    /// <summary>With <see cref="Interval"/>: an ISO 8601 time that due times are counted from.</summary>
    public string? AnchorDate { get; set; }

    /// <summary>What becomes of due times that passed while no scheduler ran. By default they are passed over, as Prefect does.</summary>
    public MisfirePolicy Misfire { get; set; }

    /// <summary>With <see cref="MisfirePolicy.RunAll"/>: how many missed due times are made up for at most, the latest; 1 to 10,000, by default 100.</summary>
    public int MaxMisfires { get; set; } = 100;

    /// <summary>With <see cref="Cron"/> and <see cref="RRule"/>: how it goes through the change of clocks. By default as Prefect does. Intervals are exact.</summary>
    public DstPolicy Dst { get; set; }

    /// <summary>Parameters of this schedule's runs, laid over the deployment's, as a JSON object.</summary>
    public string? Parameters { get; set; }
}
