namespace Sluice;

/// <summary>Deploys a flow when its project is published.</summary>
/// <param name="name">The deployment's name, unique within the flow, without <c>/ % &amp; &gt; &lt;</c>.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class DeploymentAttribute(string name) : Attribute
{
    /// <summary>The deployment's name.</summary>
    public string Name { get; } = name;

    /// <summary>A cron expression in croniter's dialect: 5 fields, seconds as the 6th, years as the 7th. At most one of Cron, Interval and RRule.</summary>
    public string? Cron { get; set; }

    /// <summary>Time between runs: seconds, <c>00:15:00</c> or <c>PT15M</c>.</summary>
    public string? Interval { get; set; }

    /// <summary>An RFC 5545 recurrence rule.</summary>
    public string? RRule { get; set; }

    /// <summary>IANA time zone id of the schedule; UTC by default.</summary>
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

    /// <summary>The work pool. By default <c>SluiceWorkPool</c>, else the server's built-in pool.</summary>
    public string? WorkPool { get; set; }

    /// <summary>The queue; created when missing. By default <c>default</c>.</summary>
    public string? WorkQueue { get; set; }

    /// <summary>Tags of the deployment and its runs.</summary>
    public string[] Tags { get; set; } = [];

    /// <summary>Parameters of its runs, as a JSON object.</summary>
    public string? Parameters { get; set; }

    /// <summary>What it is for, in Markdown. By default the flow's description.</summary>
    public string? Description { get; set; }

    /// <summary>The deployment's version. By default the project's version and commit.</summary>
    public string? Version { get; set; }

    /// <summary>Whether it is created paused. Left out, a pause made by a person stays.</summary>
    public bool Paused { get; set; }

    /// <summary>The storage URI or named block that its package goes to. By default <c>SluiceStorage</c>.</summary>
    public string? Storage { get; set; }

    /// <summary>The package's folder in the store, in place of the one made from the name and time.</summary>
    public string? StorageKey { get; set; }

    /// <summary>
    /// Names of secrets that its runs need, as <c>AWS_CREDENTIALS</c>. Only the names are deployed: whoever starts a run looks the values up (its environment first,
    /// then the server's secrets) and gives them to the run as environment variables of these names.
    /// </summary>
    public string[] Secrets { get; set; } = [];

    /// <summary>Whether a package on a machine's own disk binds the deployment to that machine.</summary>
    public bool AddDefaultLabels { get; set; } = true;

    /// <summary>
    /// What runs it: <c>process</c>, <c>docker</c> or <c>kubernetes</c>, which its work pool must be of; for agents of Prefect 2 also a named infrastructure block, as
    /// <c>docker-container/prod</c>. Left out, the work pool decides.
    /// </summary>
    public string? Infrastructure { get; set; }

    /// <summary>The container image, for Docker and Kubernetes.</summary>
    public string? Image { get; set; }

    /// <summary>Job variables, as a JSON object.</summary>
    public string? JobVariables { get; set; }

    /// <summary>How many of its runs may be pending or running at once, from 1; 0 is no limit.</summary>
    public int ConcurrencyLimit { get; set; }
}
