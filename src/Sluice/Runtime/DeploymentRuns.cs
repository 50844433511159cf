using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;

namespace Sluice.Runtime;

/// <summary>What the generated <c>Deployments.…RunAsync</c> methods call.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DeploymentRuns
{
    // What publishing an environment's copy leaves in the environment of its runs.
    private const string EnvironmentVariable = "SLUICE_ENVIRONMENT";

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestCancellation = TimeSpan.FromSeconds(10);

    /// <summary>Creates a run of a deployment, and waits for its end where the options say so.</summary>
    /// <param name="flowName">The flow's name.</param>
    /// <param name="deploymentName">The deployment's name.</param>
    /// <param name="writeParameters">Writes the members of the parameters' JSON object: names and values, without the braces.</param>
    /// <param name="options">How it is started; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="ArgumentOutOfRangeException">The options' wait is negative.</exception>
    /// <exception cref="OrchestrationException">No API answers, it knows no such deployment, or it refuses the parameters.</exception>
    public static Task<DeploymentRun> StartAsync(
        string flowName, string deploymentName, Action<Utf8JsonWriter> writeParameters, DeploymentRunOptions? options, CancellationToken cancellationToken) => StartAsync(
            new(flowName, deploymentName, null),
            Parameters.ToObject(writeParameters).EnumerateObject().ToDictionary(member => member.Name, member => member.Value), options, FlowContext.Current, cancellationToken);

    /// <summary>The same, for a deployment that is named at run time.</summary>
    /// <param name="reference">The deployment.</param>
    /// <param name="parameters">The parameters; null for none.</param>
    /// <param name="options">How it is started; null for the defaults.</param>
    /// <param name="context">The flow that starts it; null outside of one.</param>
    /// <param name="cancellationToken">Cancels the request or the wait.</param>
    internal static async Task<DeploymentRun> StartAsync(
        DeploymentReference reference, IReadOnlyDictionary<string, JsonElement>? parameters, DeploymentRunOptions? options, FlowContext? context, CancellationToken cancellationToken) =>
        await StartAsync(await ApiAddress.FindAsync(cancellationToken).ConfigureAwait(false), reference, parameters, options, context, cancellationToken).ConfigureAwait(false);

    /// <summary>The same, at that API.</summary>
    internal static async Task<DeploymentRun> StartAsync(
        ApiEndpoint endpoint, DeploymentReference reference, IReadOnlyDictionary<string, JsonElement>? parameters, DeploymentRunOptions? options, FlowContext? context, CancellationToken cancellationToken)
    {
        if (options?.Wait is { } asked && asked < TimeSpan.Zero && asked != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(options), asked, "Wait is 0 or more, or Timeout.InfiniteTimeSpan.");
        // A run of an environment starts what is of the same environment.
        string? environment = reference.Id is null && options?.OutsideEnvironment != true && Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } name ? name : null;
        DeploymentReference declared = reference;
        if (environment is not null && !reference.Name.EndsWith("-" + environment, StringComparison.Ordinal))
            reference = reference with { Name = $"{reference.Name}-{environment}" };
        await using HttpOrchestrationApi api = new(endpoint);
        Deployment? deployment;
        try
        {
            deployment = reference.Id is { } id
                ? await api.ReadDeploymentAsync(id, cancellationToken).ConfigureAwait(false)
                : await api.FindDeploymentAsync(reference.FlowName, reference.Name, cancellationToken).ConfigureAwait(false);
        }
        catch (OrchestrationException exception) when (exception.Kind == OrchestrationErrorKind.Unreachable && ApiEndpoint.FromEnvironment() is null)
        {
            throw new OrchestrationException(
                exception.Kind, $"No orchestration API answers at {endpoint}: start one with `sluice dev`, or set {ApiEndpoint.UrlVariable}.", exception);
        }

        if (deployment is null)
        {
            throw new OrchestrationException(
                OrchestrationErrorKind.NotFound, $"There is no deployment '{reference}' at {endpoint}: publish its project there with `dotnet publish{(environment is null ? "`." : $" -p:SluiceEnvironment={environment}`. A run of the environment {environment} starts runs of the same environment; for '{declared}' itself, set OutsideEnvironment of the options.")}");
        }

        ParentTaskRun? link = context?.FlowRunId is { } parent && options?.AsSubflow != false
            ? await LinkAsync(api, context, parent, reference, deployment, options?.IdempotencyKey, cancellationToken).ConfigureAwait(false) : null;
        DeploymentRunCreate create = new()
        {
            Name = options?.Name,
            IdempotencyKey = options?.IdempotencyKey,
            Tags = options?.Tags is { Count: > 0 } tags ? tags : null,
            State = options?.ScheduledTime is { } due ? new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = due.ToUniversalTime() } } : null,
            Parameters = parameters ?? new Dictionary<string, JsonElement>(),
            JobVariables = options?.JobVariables?.ToObject(),
            WorkQueueName = options?.WorkQueueName,
            ParentTaskRunId = link?.Id,
        };
        FlowRun run;
        try
        {
            // One that the server may have made already is known before it is given up, so that it can be cancelled.
            cancellationToken.ThrowIfCancellationRequested();
            using CancellationTokenSource late = new();
            using CancellationTokenRegistration cancelled = cancellationToken.Register(() => late.CancelAfter(LongestCancellation));
            run = await api.CreateDeploymentRunAsync(deployment.Id, create, options is { Wait: not null, CancelTogether: true } ? late.Token : cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (link is not null && exception is (OrchestrationException or OperationCanceledException))
        {
            // One that was found by its key has the states of the run that an earlier attempt made.
            if (link.StateType is null or StateType.Pending)
                await EndLinkAsync(api, link.Id, exception, context!).ConfigureAwait(false);
            throw;
        }
        if (options?.Wait is { } wait)
        {
            try
            {
                run = await WaitAsync(api, run, wait, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (options.CancelTogether)
            {
                await CancelAsync(api, run, context).ConfigureAwait(false);
                throw;
            }
        }
        ResultData? kept = RunResults.Of(run.State);
        return new(run.Id, run.Name)
        {
            State = run.StateType,
            Message = run.State?.Message,
            Result = kept is null ? null : await RunResults.ReadAsync(kept, run.Id, api, cancellationToken).ConfigureAwait(false),
            ResultLocation = kept?.StorageKey,
        };
    }

    /// <summary>
    /// The task run of the parent that stands for the run, as Prefect's own clients make it: its server gives it the run's states, and its pages show the one within the other.
    /// Null where the server has no task runs: the run is started all the same.
    /// </summary>
    private static async Task<ParentTaskRun?> LinkAsync(
        HttpOrchestrationApi api, FlowContext context, Guid parent, DeploymentReference reference, Deployment deployment, string? key, CancellationToken cancellationToken)
    {
        string name = reference.Id is null ? reference.ToString() : $"{deployment.Name} ({deployment.Id})";
        try
        {
            return await api.CreateTaskRunAsync(
                new()
                {
                    FlowRunId = parent,
                    Name = name,
                    TaskKey = $"sluice.run_deployment.{name}",
                    // A run that is made once is linked once, however often its flow is tried.
                    DynamicKey = key ?? Guid.NewGuid().ToString(),
                    TaskVersion = deployment.Version,
                    State = new() { Type = StateType.Pending },
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (OrchestrationException exception) when (exception.Kind == OrchestrationErrorKind.NotFound)
        {
            context.Logger.LogDebug("The run of {Deployment} is not shown as a part of this one: this server has no task runs.", name);
            return null;
        }
    }

    /// <summary>Ends the task run that would stand for a run which was not made: nothing else ever would. Where it was made after all and only the answer is missing, its next state is shown again.</summary>
    private static async Task EndLinkAsync(HttpOrchestrationApi api, Guid link, Exception reason, FlowContext context)
    {
        using CancellationTokenSource bound = new(LongestCancellation);
        StateCreate end = reason is OperationCanceledException
            ? new() { Type = StateType.Cancelled, Message = "The flow was cancelled before its run of the deployment was there." }
            : new() { Type = StateType.Failed, Message = $"The run of the deployment was not created: {reason.Message}" };
        try
        {
            await api.SetTaskRunStateAsync(link, end, bound.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OrchestrationException or OperationCanceledException)
        {
            context.Logger.LogWarning("The task run {Link} stays as it is, although the run that it stands for was not created: {Reason}", link, exception.Message);
        }
    }

    /// <summary>Cancels a run whose waiting flow was cancelled. That is short of time, so one that cannot be reached is said and left.</summary>
    private static async Task CancelAsync(HttpOrchestrationApi api, FlowRun run, FlowContext? context)
    {
        using CancellationTokenSource bound = new(LongestCancellation);
        try
        {
            StateCreate cancelling = new() { Type = StateType.Cancelling, StateDetails = new() { TransitionId = Guid.NewGuid() } };
            await api.SetFlowRunStateAsync(run.Id, cancelling, default, bound.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OrchestrationException or OperationCanceledException)
        {
            context?.Logger.LogWarning("The run {Name} ({Id}) could not be cancelled and goes on: {Reason}", run.Name, run.Id, exception.Message);
        }
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
