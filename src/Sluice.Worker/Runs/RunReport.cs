using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Worker.Runs;

/// <summary>What a worker tells the API about one of its runs. Refusals mean that the run is final, or somebody else's, and are no failure.</summary>
internal sealed class RunReport(RunServices services, FlowRun run)
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(3);

    /// <summary>How long a claim on a Prefect server may take: longer than one request, since a claim that is taken there has no lease that would end it.</summary>
    private static readonly TimeSpan s_longestClaim = TimeSpan.FromSeconds(75);

    /// <summary>How long a claim whose answer did not come is looked for.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(5);

    /// <summary>The claim under which the run is ours; null before it was made.</summary>
    public Guid? Claim { get; private set; }

    /// <summary>The lease of the run's slot under its deployment's concurrency limit; null where it has none.</summary>
    public Guid? SlotLease { get; private set; }

    /// <summary>The run as it is now; null when it was deleted.</summary>
    public Task<FlowRun?> ReadAsync(CancellationToken cancellationToken) =>
        services.Calls.CallAsync(token => services.Api.ReadFlowRunAsync(run.Id, token), cancellationToken);

    /// <summary>Takes the run for this worker. Answers false when it is not to be had: another worker was faster, or no slot is free.</summary>
    /// <param name="stop">Leaves some time still, since a claim whose answer nobody waits for would hold the run until its lease ran out.</param>
    /// <param name="abort">Ends it at once.</param>
    public async Task<bool> ClaimAsync(CancellationToken stop, CancellationToken abort)
    {
        var transition = Guid.NewGuid();
        var state = new StateCreate { Type = StateType.Pending, StateDetails = new() { TransitionId = transition } };

        // Not for ever: a server that fails for this run alone must not keep the others waiting, and after its length a lease is void anyway.
        using var valid = CancellationTokenSource.CreateLinkedTokenSource(abort);
        valid.CancelAfter(services.Info.IsSluice ? services.Options.Lease : s_longestClaim);
        await using CancellationTokenRegistration stopping = stop.Register(() => valid.CancelAfter(StopGrace));
        try
        {
            OrchestrationResult result = await SetAsync(state, new() { Lease = services.Options.Lease }, valid.Token);

            // A request that was repeated after a broken answer is rejected with our own state: that is a claim too.
            return result.State?.Type == StateType.Pending
                && (result.Status == SetStateStatus.Accept || (result.Status == SetStateStatus.Reject && result.State.StateDetails.TransitionId == transition))
                && Take(transition, result.State);
        }
        catch (OrchestrationException e) when (e.Kind is OrchestrationErrorKind.NotFound or OrchestrationErrorKind.Conflict)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            return !services.Info.IsSluice && await WasClaimedAsync(transition);
        }
    }

    /// <summary>
    /// Looks whether a claim that was given up was taken nevertheless: on a Prefect server the run would be PENDING for ever. It is then this worker's, which starts it
    /// or gives it back. The request may still be on its way, so that it is looked for more than once.
    /// </summary>
    private async Task<bool> WasClaimedAsync(Guid transition)
    {
        using var bound = new CancellationTokenSource(s_look, services.Time);
        try
        {
            while (true)
            {
                State? state = (await ReadAsync(bound.Token))?.State;
                // Prefect 2 keeps no ids of transitions: there the message of a claim says whose it is.
                if (state?.Type == StateType.Pending
                    && (state.StateDetails.TransitionId == transition || state.Message?.Contains(transition.ToString("N"), StringComparison.Ordinal) == true))
                {
                    return Take(transition, state);
                }
                if (state?.Type != StateType.Scheduled)
                    return false;
                await Task.Delay(TimeSpan.FromMilliseconds(500), services.Time, bound.Token);
            }
        }
        catch (OperationCanceledException)
        {
            services.Log($"{run.Name}: the server did not say whether this worker's claim was taken. Where the run stays PENDING, cancel it or schedule it again.");
            return false;
        }
        catch (OrchestrationException e)
        {
            services.Log($"{run.Name}: the server did not say whether this worker's claim was taken: {e.Message}");
            return false;
        }
    }

    private bool Take(Guid transition, State claimed)
    {
        Claim = transition;
        SlotLease = claimed.StateDetails.DeploymentConcurrencyLeaseId;
        return true;
    }

    /// <summary>
    /// Says, as Prefect 3's workers do, who starts the run and that it is being started. Elsewhere nothing is said: 2.10 knows neither, and a Sluice server has the claim.
    /// </summary>
    /// <returns>False where the run is no longer this worker's: it was cancelled or ended meanwhile.</returns>
    public async Task<bool> SubmittingAsync(WorkPool? pool, CancellationToken cancellationToken)
    {
        if (!services.IsPrefect3)
            return true;
        if (pool is not null)
        {
            Dictionary<string, string> labels = new()
            {
                ["prefect.worker.name"] = services.Options.Name,
                ["prefect.worker.type"] = pool.Type,
                ["prefect.work-pool.name"] = pool.Name,
                ["prefect.work-pool.id"] = pool.Id.ToString("D"),
            };
            try
            {
                await services.Calls.CallAsync(
                    token => services.Api.UpdateFlowRunLabelsAsync(run.Id, labels.ToDictionary(label => label.Key, label => JsonSerializer.SerializeToElement(label.Value)), token), cancellationToken);
            }
            catch (OrchestrationException e)
            {
                services.Log($"{run.Name}: its labels could not be set: {e.Message}");
            }
        }
        OrchestrationResult? result = await ProposeAsync(
            new() { Type = StateType.Pending, Name = "Submitting", StateDetails = new() { TransitionId = Guid.NewGuid() } }, cancellationToken);
        if (result?.State?.Type != StateType.Cancelling)
            return result?.State?.Type == StateType.Pending;
        await CancelledAsync("Flow run was cancelled before it started.", cancellationToken);
        return false;
    }

    /// <summary>Gives a claimed run back, with the due time that it had.</summary>
    public Task GiveBackAsync(CancellationToken cancellationToken) => ProposeAsync(
        new()
        {
            Type = StateType.Scheduled,
            Message = $"Worker '{services.Options.Name}' stopped before it started the flow run.",
            StateDetails = new() { ScheduledTime = run.NextScheduledStartTime ?? run.ExpectedStartTime ?? services.Time.GetUtcNow(), TransitionId = Guid.NewGuid() },
        },
        cancellationToken);

    /// <summary>Says that its infrastructure failed.</summary>
    public async Task CrashedAsync(string message, CancellationToken cancellationToken)
    {
        OrchestrationResult? result = await ProposeAsync(
            new() { Type = StateType.Crashed, Message = message, StateDetails = new() { TransitionId = Guid.NewGuid() } }, cancellationToken);
        if (result is { Status: SetStateStatus.Reject, State.Type: StateType.Cancelling })
            await CancelledAsync("Flow run was cancelled.", cancellationToken);
    }

    /// <summary>Says that it was cancelled, against any rule: its process is gone.</summary>
    public async Task CancelledAsync(string message, CancellationToken cancellationToken)
    {
        var state = new StateCreate { Type = StateType.Cancelled, Message = message, StateDetails = new() { TransitionId = Guid.NewGuid() } };
        OrchestrationResult? result = await ProposeAsync(state, cancellationToken);
        if (result is not null && result.Status != SetStateStatus.Accept && result.State?.Type.IsFinal() != true)
            await ProposeAsync(state with { StateDetails = new() { TransitionId = Guid.NewGuid() } }, cancellationToken, force: true);
    }

    /// <summary>Says where it runs.</summary>
    public async Task StartedAsync(string infrastructurePid, CancellationToken cancellationToken)
    {
        try
        {
            await services.Calls.CallAsync(token => services.Api.UpdateFlowRunAsync(run.Id, new() { InfrastructurePid = infrastructurePid }, token), cancellationToken);
        }
        catch (OrchestrationException e) when (e.Kind == OrchestrationErrorKind.NotFound)
        {
            services.Log($"{run.Name}: the flow run was deleted; its process goes on.");
        }
    }

    /// <summary>Adds a line to the run's log. One that the API refuses is told here: for a line of its log no run fails.</summary>
    public async Task LogAsync(int level, string message, CancellationToken cancellationToken)
    {
        LogCreate record = new() { Name = "sluice.worker", Level = level, Message = message, Timestamp = services.Time.GetUtcNow(), FlowRunId = run.Id };
        try
        {
            await services.Calls.CallAsync(token => services.Api.CreateLogsAsync([record], token), cancellationToken);
        }
        catch (OrchestrationException e)
        {
            services.Log($"{run.Name}: the API refused a line of its log ({message.TrimEnd('.')}): {e.Message}");
        }
    }

    private async Task<OrchestrationResult?> ProposeAsync(StateCreate state, CancellationToken cancellationToken, bool force = false)
    {
        try
        {
            return await SetAsync(state, new() { Force = force, Attempt = Claim }, cancellationToken);
        }
        catch (OrchestrationException e) when (e.Kind == OrchestrationErrorKind.NotFound)
        {
            return null;
        }
    }

    private Task<OrchestrationResult> SetAsync(StateCreate state, SetStateOptions options, CancellationToken cancellationToken) =>
        services.Calls.CallAsync(token => services.Api.SetFlowRunStateAsync(run.Id, state, options, token), cancellationToken);
}
