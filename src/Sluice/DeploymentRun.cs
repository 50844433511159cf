using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sluice.Orchestration;

namespace Sluice;

/// <summary>A run of a deployment that was started.</summary>
/// <param name="Id">The flow run's id.</param>
/// <param name="Name">The flow run's name, for people.</param>
public sealed record DeploymentRun(Guid Id, string Name)
{
    /// <summary>
    /// Starts a run of a deployment that is named at run time, in a flow and outside of one. Where the deployment is known when compiling, the generated
    /// <c>Deployments.….RunAsync(…)</c> checks name and parameters.
    /// </summary>
    /// <param name="deployment">Its name as <c>flow/deployment</c>, or its id.</param>
    /// <param name="parameters">Laid over the deployment's own; null for none.</param>
    /// <param name="options">How it is started, and whether it is waited for; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the request or the wait; the run goes on unless <see cref="DeploymentRunOptions.CancelTogether"/> is set.</param>
    /// <exception cref="ArgumentException">The name is none, or a wait is negative.</exception>
    /// <exception cref="OrchestrationException">No API answers, it knows no such deployment, or it refuses the parameters.</exception>
    public static Task<DeploymentRun> StartAsync(string deployment, RunParameters? parameters = null, DeploymentRunOptions? options = null, CancellationToken cancellationToken = default) =>
        Runtime.DeploymentRuns.StartAsync(Runtime.DeploymentReference.Parse(deployment), parameters?.ToObject(), options, FlowContext.Current, cancellationToken);

    /// <summary>The run's state when this was answered: a final one where it was waited for to its end. Null where the server tells none.</summary>
    public StateType? State { get; init; }

    /// <summary>What the state says, as the reason of a failure.</summary>
    public string? Message { get; init; }

    /// <summary>
    /// What the flow returned, as JSON: of a run that was waited for and completed. Null where it has not, and for a result of more than 64 KiB that lies beyond this
    /// program's reach (in a cloud's store), is larger than 64 MiB, or could not be read in spite of retries: <see cref="ResultLocation"/> says where it is.
    /// </summary>
    public JsonElement? Result { get; init; }

    /// <summary>Where the result is kept besides, as <c>s3://bucket/results/…</c>; null for a small one that the flow does not persist.</summary>
    public string? ResultLocation { get; init; }

    /// <summary>The result as a value of this program.</summary>
    /// <param name="type">How its JSON is read, as <c>MyJson.Default.Report</c>.</param>
    /// <returns>The value; null where the flow returned null or nothing.</returns>
    /// <exception cref="InvalidOperationException">There is no result here; the message says why.</exception>
    /// <exception cref="JsonException">The result is of another shape.</exception>
    public T? ReadResult<T>(JsonTypeInfo<T> type) => Result is { } result ? result.Deserialize(type)
        : throw new InvalidOperationException(
            State != StateType.Completed ? $"The run {Name} has no result: it is {State?.ToString() ?? "not known how it is"}. Wait for its end (DeploymentRunOptions.Wait)."
            : ResultLocation is { } place ? $"The result of the run {Name} is kept at {place}, out of this program's reach, over 64 MiB, or not readable now: `sluice flow-run inspect {Id} --result` reads it."
            : $"The run {Name} completed without a result that was kept.");
}
