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

    /// <summary>
    /// Runs another deployment and waits for its end, as Prefect's <c>run_deployment</c> does. Prefect and <c>sluice</c> show the run as a part of this one
    /// (<see cref="DeploymentRunOptions.AsSubflow"/>). A flow that is tried again starts it again, unless it has an <see cref="DeploymentRunOptions.IdempotencyKey"/>.
    /// </summary>
    /// <param name="deployment">Its name as <c>flow/deployment</c>, or its id.</param>
    /// <param name="parameters">Laid over the deployment's own, as <c>new() { ["city"] = "Oslo" }</c>; null for none.</param>
    /// <param name="timeout">How long to wait for the end, after which the run goes on and the answer's state is not a final one; zero: not at all. Null: as long as it takes.</param>
    /// <param name="options">How it is started; <see cref="DeploymentRunOptions.Wait"/> must be left out.</param>
    /// <param name="cancellationToken">Ends the wait, as the run's own token does.</param>
    /// <returns>The run, with its state and, where it completed, its result. A run that failed is an answer, no exception.</returns>
    /// <exception cref="ArgumentException">The name is none, the timeout is negative, or the options say how long to wait as well.</exception>
    /// <exception cref="Orchestration.OrchestrationException">No API answers, it knows no such deployment, or it refuses the parameters.</exception>
    public async Task<DeploymentRun> RunDeploymentAsync(
        string deployment, RunParameters? parameters = null, TimeSpan? timeout = null, DeploymentRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (options?.Wait is not null)
            throw new ArgumentException("Say how long to wait by timeout, and leave Wait out.", nameof(options));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Cancellation);
        options = (options ?? new()) with { Wait = timeout ?? Timeout.InfiniteTimeSpan };
        return await Runtime.DeploymentRuns.StartAsync(Runtime.DeploymentReference.Parse(deployment), parameters?.ToObject(), options, this, either.Token).ConfigureAwait(false);
    }

    /// <summary>The server of all that.</summary>
    internal FlowServices Services { get; init; }
}
