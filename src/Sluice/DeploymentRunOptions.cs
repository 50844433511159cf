namespace Sluice;

/// <summary>How a run of a deployment is started. Everything may be left out.</summary>
public sealed record DeploymentRunOptions
{
    /// <summary>The run's name; made up when absent.</summary>
    public string? Name { get; init; }

    /// <summary>When it is due; now when absent.</summary>
    public DateTimeOffset? ScheduledTime { get; init; }

    /// <summary>Two starts with the same key are one run, so that a flow that is tried again starts nothing twice.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// How long to wait for the run's end: 0 or more, or <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes. Null: the run is started, not
    /// waited for. When the time is over the run goes on, and <see cref="DeploymentRun.State"/> is not a final one.
    /// </summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Added to the deployment's tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Laid over the deployment's job variables, as <c>new() { ["env"] = … }</c>. Prefect 2 knows those of deployments only and refuses them.</summary>
    public RunParameters? JobVariables { get; init; }

    /// <summary>Another queue of the deployment's pool, created when missing. Prefect 2 refuses it.</summary>
    public string? WorkQueueName { get; init; }

    /// <summary>
    /// Whether a run that is started by a flow's run is shown as a part of it, as Prefect does: a task run of the parent stands for it and has its state. Outside of a
    /// flow, and in a local run, there is nothing to be a part of.
    /// </summary>
    public bool AsSubflow { get; init; } = true;

    /// <summary>Whether the run is cancelled when the wait for it is, as when the flow that waits is cancelled. Otherwise it goes on.</summary>
    public bool CancelTogether { get; init; }

    /// <summary>
    /// Whether a run of an environment (<c>SluiceEnvironment</c>) starts the deployment itself. Otherwise it starts the copy of the same environment, and fails where
    /// there is none, so that nothing of a trial reaches what others rely on. Without meaning outside of environments.
    /// </summary>
    public bool OutsideEnvironment { get; init; }
}
