using System.ComponentModel;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;

namespace Sluice.Runtime;

/// <summary>What the generated <c>Deployments.…RunAsync</c> methods call.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DeploymentRuns
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>Creates a run of a deployment, and waits for its end where the options say so.</summary>
    /// <param name="flowName">The flow's name.</param>
    /// <param name="deploymentName">The deployment's name.</param>
    /// <param name="writeParameters">Writes the members of the parameters' JSON object: names and values, without the braces.</param>
    /// <param name="options">How it is started; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="ArgumentOutOfRangeException">The options' wait is negative.</exception>
    /// <exception cref="OrchestrationException">No API answers, it knows no such deployment, or it refuses the parameters.</exception>
    public static async Task<DeploymentRun> StartAsync(
        string flowName, string deploymentName, Action<Utf8JsonWriter> writeParameters, DeploymentRunOptions? options, CancellationToken cancellationToken)
    {
        if (options?.Wait is { } asked && asked < TimeSpan.Zero && asked != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(options), asked, "Wait is 0 or more, or Timeout.InfiniteTimeSpan.");
        JsonElement parameters = Parameters.ToObject(writeParameters);
        ApiEndpoint endpoint = await ApiAddress.FindAsync(cancellationToken).ConfigureAwait(false);
        await using HttpOrchestrationApi api = new(endpoint);
        Deployment? deployment;
        try
        {
            deployment = await api.FindDeploymentAsync(flowName, deploymentName, cancellationToken).ConfigureAwait(false);
        }
        catch (OrchestrationException exception) when (exception.Kind == OrchestrationErrorKind.Unreachable && ApiEndpoint.FromEnvironment() is null)
        {
            throw new OrchestrationException(
                exception.Kind, $"No orchestration API answers at {endpoint}: start one with `sluice dev`, or set {ApiEndpoint.UrlVariable}.", exception);
        }

        if (deployment is null)
        {
            throw new OrchestrationException(
                OrchestrationErrorKind.NotFound, $"There is no deployment '{flowName}/{deploymentName}' at {endpoint}: publish its project there with `dotnet publish`.");
        }

        DeploymentRunCreate create = new()
        {
            Name = options?.Name,
            IdempotencyKey = options?.IdempotencyKey,
            Tags = options?.Tags is { Count: > 0 } tags ? tags : null,
            State = options?.ScheduledTime is { } due ? new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = due.ToUniversalTime() } } : null,
            Parameters = parameters.EnumerateObject().ToDictionary(member => member.Name, member => member.Value),
        };
        FlowRun run = await api.CreateDeploymentRunAsync(deployment.Id, create, cancellationToken).ConfigureAwait(false);
        if (options?.Wait is { } wait)
            run = await WaitAsync(api, run, wait, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        ResultData? kept = RunResults.Of(run.State);
        return new(run.Id, run.Name)
        {
            State = run.StateType,
            Message = run.State?.Message,
            Result = kept is null ? null : await RunResults.ReadAsync(kept, run.Id, api, cancellationToken).ConfigureAwait(false),
            ResultLocation = kept?.StorageKey,
        };
    }

    private static async Task<FlowRun> WaitAsync(HttpOrchestrationApi api, FlowRun run, TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        // What changed before is behind this number, so that no change is missed between a look and the wait for the next one.
        long change = (await api.GetInfoAsync(cancellationToken).ConfigureAwait(false)).Change;
        while (true)
        {
            run = await api.ReadFlowRunAsync(run.Id, cancellationToken).ConfigureAwait(false)
                ?? throw new OrchestrationException(OrchestrationErrorKind.NotFound, $"The run {run.Name} ({run.Id}) was deleted while it was waited for.");
            TimeSpan left = wait == Timeout.InfiniteTimeSpan ? LongestWait : wait - time.GetElapsedTime(started);
            if (run.StateType?.IsFinal() == true || left <= TimeSpan.Zero)
                return run;
            change = await api.WaitForChangeAsync(change, left < LongestWait ? left : LongestWait, cancellationToken).ConfigureAwait(false);
        }
    }
}
