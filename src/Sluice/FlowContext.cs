using Microsoft.Extensions.Logging;
using Sluice.Runtime.Services;

namespace Sluice;

/// <summary>What a flow knows of its run. Take it as a parameter, or use <see cref="Current"/> anywhere below the flow.</summary>
public sealed class FlowContext
{
    private static readonly AsyncLocal<FlowContext?> CurrentContext = new();

    internal FlowContext(string flowName, Guid? flowRunId, ILogger logger, CancellationToken cancellation)
    {
        FlowName = flowName;
        FlowRunId = flowRunId;
        Logger = logger;
        Cancellation = cancellation;
        Services = FlowServices.Local(logger, TimeProvider.System);
        (Artifacts, Variables, Secrets, Concurrency) = (new(this), new(this), new(this), new(this));
    }

    /// <summary>The context of the flow that runs here, or null outside of one.</summary>
    public static FlowContext? Current
    {
        get => CurrentContext.Value;
        internal set => CurrentContext.Value = value;
    }

    /// <summary>The flow's name.</summary>
    public string FlowName { get; }

    /// <summary>The run's id, or null in a local run.</summary>
    public Guid? FlowRunId { get; }

    /// <summary>The run's name, or null in a local run.</summary>
    public string? FlowRunName { get; internal init; }

    /// <summary>The name of the run's deployment, or null where it has none or its worker does not tell.</summary>
    public string? DeploymentName { get; internal init; }

    /// <summary>When the run was due, in UTC; what a schedule's run is about. Null in a local run.</summary>
    public DateTimeOffset? ScheduledTime { get; internal init; }

    /// <summary>
    /// The first due time that the run makes up for, in UTC, where <see cref="MisfirePolicy.RunOnce"/> made one run of several that were missed: it is about
    /// the time from then to <see cref="ScheduledTime"/>. Null in every other run.
    /// </summary>
    public DateTimeOffset? MissedSince { get; internal init; }

    /// <summary>Which try this is, from 1.</summary>
    public int Attempt { get; internal init; } = 1;

    /// <summary>Writes to the run's log.</summary>
    public ILogger Logger { get; }

    /// <summary>Cancelled when the run is cancelled, times out or is terminated.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>What the run shows to people: texts, tables, links, images, progress.</summary>
    public FlowArtifacts Artifacts { get; }

    /// <summary>Values that flows and people share.</summary>
    public FlowVariables Variables { get; }

    /// <summary>Secrets, from the environment or the server.</summary>
    public FlowSecrets Secrets { get; }

    /// <summary>Limits that runs share.</summary>
    public FlowConcurrency Concurrency { get; }

    /// <summary>The server of all that.</summary>
    internal FlowServices Services { get; init; }
}
