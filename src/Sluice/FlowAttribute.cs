namespace Sluice;

/// <summary>Makes a static method a flow.</summary>
/// <param name="name">The flow's name. By default the method's name, its words split and <c>Async</c> dropped: <c>BuildReportAsync</c> is <c>Build report</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FlowAttribute(string? name = null) : Attribute
{
    /// <summary>The flow's name, or null for the default.</summary>
    public string? Name { get; } = name;

    /// <summary>What it does, in Markdown. By default the method's XML summary.</summary>
    public string? Description { get; set; }

    /// <summary>The flow's version, reported with each run.</summary>
    public string? Version { get; set; }

    /// <summary>How often a failed run is tried again, from 0.</summary>
    public int Retries { get; set; }

    /// <summary>Seconds between tries, from 0.</summary>
    public double RetryDelaySeconds { get; set; }

    /// <summary>
    /// How often a run is scheduled again when its worker and its process have vanished (their machine died, kill -9), from 0. Without it such a run becomes Crashed.
    /// Ask for it only where it does no harm that a part of the flow's work is done twice. A Sluice server does it; Prefect's servers do not.
    /// </summary>
    public int CrashRetries { get; set; }

    /// <summary>Seconds after which a try fails; 0 is never.</summary>
    public double TimeoutSeconds { get; set; }

    /// <summary>Whether the result also goes to storage.</summary>
    public bool PersistResult { get; set; }
}
