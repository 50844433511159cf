namespace Sluice;

/// <summary>How a cron schedule or a recurrence rule goes through the change of clocks. Applied by the embedded server; a Prefect server always does as <see cref="PrefectCompatible"/> says.</summary>
public enum DstPolicy
{
    /// <summary>As Prefect does.</summary>
    PrefectCompatible,

    /// <summary>
    /// As Vixie cron does. Due at fixed times (<c>30 2 * * *</c>): what falls into the hour left out runs right after it, and what falls into the repeated
    /// hour runs in its first turn only. By the clock (a minute or hour that begins with <c>*</c>, rules of HOURLY and finer): real time, so that nothing of
    /// the hour left out is made up for, and both turns of the repeated hour run.
    /// </summary>
    VixieLike,
}
