using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration.Http.Prefect2;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    /// <inheritdoc/>
    /// <remarks>A run without an idempotency key gets a random one, so that a request whose answer was lost can be repeated and still makes one run.</remarks>
    public async Task<FlowRun> CreateDeploymentRunAsync(Guid deploymentId, DeploymentRunCreate run, CancellationToken cancellationToken)
    {
        run = run with { IdempotencyKey = run.IdempotencyKey ?? NewKey() };
        string path = $"/deployments/{deploymentId}/create_flow_run";
        bool isPlain = run is { State: null, EnforceParameterSchema: null, Labels: null, WorkQueueName: null, JobVariables: null, EmpiricalPolicy: null };
        ApiCall call = !isPlain && await IsPrefect2Async(cancellationToken).ConfigureAwait(false)
            ? Post(path, Prefect2Dialect.Run(run), Prefect2Json.Default.Prefect2DeploymentRunBody)
            : Post(path, run, Json.DeploymentRunCreate);
        return await _transport.SendAsync(call, Json.FlowRun, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>A run without an idempotency key gets a random one, so that a request whose answer was lost can be repeated and still makes one run.</remarks>
    public async Task<FlowRun> CreateFlowRunAsync(FlowRunCreate run, CancellationToken cancellationToken)
    {
        run = run with { IdempotencyKey = run.IdempotencyKey ?? NewKey() };
        ApiCall call = await IsPrefect2Async(cancellationToken).ConfigureAwait(false)
            ? Post("/flow_runs/", Prefect2Dialect.Run(run), Prefect2Json.Default.Prefect2FlowRunBody)
            : Post("/flow_runs/", run, Json.FlowRunCreate);
        return await _transport.SendAsync(call, Json.FlowRun, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<FlowRun?> ReadFlowRunAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get($"/flow_runs/{id}"), Json.FlowRun, cancellationToken);

    /// <inheritdoc/>
    public async Task UpdateFlowRunAsync(Guid id, FlowRunUpdate update, CancellationToken cancellationToken)
    {
        ApiCall call = update is not { EmpiricalPolicy: null, JobVariables: null } && await IsPrefect2Async(cancellationToken).ConfigureAwait(false)
            ? Patch($"/flow_runs/{id}", Prefect2Dialect.Patch(update), Prefect2Json.Default.Prefect2FlowRunPatch)
            : Patch($"/flow_runs/{id}", update, Json.FlowRunUpdate);
        await _transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task UpdateFlowRunLabelsAsync(Guid id, IReadOnlyDictionary<string, JsonElement> labels, CancellationToken cancellationToken)
    {
        if (!await IsPrefect2Async(cancellationToken).ConfigureAwait(false))
            await _transport.SendAsync(Patch($"/flow_runs/{id}/labels", labels, Json.IReadOnlyDictionaryStringJsonElement), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FlowRun>> ListFlowRunsAsync(FlowRunsQuery query, CancellationToken cancellationToken)
    {
        ApiCall call = await FlowRunsAsync("/flow_runs/filter", query, cancellationToken).ConfigureAwait(false);
        return await _transport.SendAsync(call, Json.IReadOnlyListFlowRun, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<int> CountFlowRunsAsync(FlowRunsQuery query, CancellationToken cancellationToken)
    {
        ApiCall call = await FlowRunsAsync("/flow_runs/count", query with { Sort = null, Limit = null, Offset = null }, cancellationToken).ConfigureAwait(false);
        return await _transport.SendAsync(call, WireJson.Default.Int32, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<bool> DeleteFlowRunAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(Delete($"/flow_runs/{id}"), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<State>> ListFlowRunStatesAsync(Guid flowRunId, CancellationToken cancellationToken) =>
        _transport.SendAsync(Get($"/flow_run_states/?flow_run_id={flowRunId}"), Json.IReadOnlyListState, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>
    /// A state without a transition id gets one, so that a request whose answer was lost can be repeated: the server then rejects the repetition
    /// with the state that the first attempt made, which is answered here as the ACCEPT that it was. Prefect 2 knows no such ids: there a request whose
    /// answer was lost is repeated only after the run was read and is seen not to be in that state. A claim says in its message whose it is. FAILED may be answered
    /// by a retry, a state of the server's own that another FAILED would end: whoever repeats it looks at the run first.
    /// </remarks>
    public async Task<OrchestrationResult> SetFlowRunStateAsync(Guid id, StateCreate state, SetStateOptions options, CancellationToken cancellationToken)
    {
        StateDetails details = state.StateDetails ?? new();
        Guid transition = details.TransitionId ?? Guid.NewGuid();
        if (await IsPrefect2Async(cancellationToken).ConfigureAwait(false))
        {
            return await SetPrefect2StateAsync(id, state, transition, options.Force, cancellationToken).ConfigureAwait(false);
        }

        SetStateBody body = new() { State = state with { StateDetails = details with { TransitionId = transition } }, Force = options.Force };
        ApiCall call = Post($"/flow_runs/{id}/set_state", body, WireJson.Default.SetStateBody) with
        {
            Repeatable = state.Type != StateType.Failed || options.Force,
            Headers =
            [
                (HttpTransport.LeaseHeader, options.Lease?.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)),
                (HttpTransport.AttemptHeader, options.Attempt is { } attempt ? $"{id}/{attempt}" : null),
                (HttpTransport.CrashRetriesHeader, options.CrashRetries?.ToString(CultureInfo.InvariantCulture)),
                ("User-Agent", options.RenewsConcurrencyLease ? HttpTransport.RenewingAgent : null),
            ],
        };

        ApiAnswer answer = await _transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
        OrchestrationResult result = _transport.Read(call, answer, Json.OrchestrationResult);
        bool wasOurs = answer.Repeated && result.Status == SetStateStatus.Reject && result.State?.Type == state.Type && result.State.StateDetails.TransitionId == transition;
        return wasOurs ? result with { Status = SetStateStatus.Accept, Details = new() { Type = "accept_details" } } : result;
    }

    /// <inheritdoc/>
    public Task CreateLogsAsync(IReadOnlyList<LogCreate> logs, CancellationToken cancellationToken) =>
        _transport.SendAsync(PostOnce("/logs/", logs, Json.IReadOnlyListLogCreate), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Log>> ListLogsAsync(LogsQuery query, CancellationToken cancellationToken)
    {
        if (await IsPrefect2Async(cancellationToken).ConfigureAwait(false))
            Prefect2Dialect.Check(query);
        return await _transport.SendAsync(Post("/logs/filter", query, Json.LogsQuery), Json.IReadOnlyListLog, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ApiCall> FlowRunsAsync(string path, FlowRunsQuery query, CancellationToken cancellationToken)
    {
        await CheckAsync(query.Deployments, cancellationToken).ConfigureAwait(false);
        return query is not { Flows: null, FlowRuns: null, Deployments: null } && await IsPrefect2Async(cancellationToken).ConfigureAwait(false)
            ? Post(path, Prefect2Dialect.Query(query), Prefect2Json.Default.Prefect2Query)
            : Post(path, query, Json.FlowRunsQuery);
    }

    private async Task<OrchestrationResult> SetPrefect2StateAsync(Guid id, StateCreate state, Guid transition, bool force, CancellationToken cancellationToken)
    {
        if (state.Type == StateType.Pending)
        {
            // Two workers may claim at once; only the message tells afterwards whose claim was taken.
            state = state with { Message = $"{(state.Message is null ? "Claimed" : state.Message)} ({transition:N})" };
        }

        ApiCall call = PostOnce($"/flow_runs/{id}/set_state", new Prefect2SetStateBody { State = Prefect2Dialect.State(state), Force = force }, Prefect2Json.Default.Prefect2SetStateBody);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                ApiAnswer answer = await _transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
                OrchestrationResult result = _transport.Read(call, answer, Json.OrchestrationResult);
                return result.Status != SetStateStatus.Accept && state.Type == StateType.Pending && IsSame(result.State, state)
                    ? result with { Status = SetStateStatus.Accept, Details = new() { Type = "accept_details" } }
                    : result;
            }
            catch (OrchestrationException error) when (error.Kind == OrchestrationErrorKind.Unavailable && attempt < _transport.MostAttempts)
            {
                FlowRun? run = await ReadFlowRunAsync(id, cancellationToken).ConfigureAwait(false);
                if (state.Type == StateType.Failed && !force && run?.State is { Type: StateType.Scheduled, Name: "AwaitingRetry" })
                {
                    return new() { State = run.State, Status = SetStateStatus.Reject, Details = new() { Type = "reject_details" } };
                }

                if (IsSame(run?.State, state))
                {
                    return new() { State = run!.State, Status = SetStateStatus.Accept, Details = new() { Type = "accept_details" } };
                }

                await _transport.PauseAsync(attempt, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether a state is the claim that was proposed (its message is nobody else's), or another one that only the run's owner proposes.</summary>
    private static bool IsSame(State? now, StateCreate proposed) =>
        now?.Type == proposed.Type && now.Message == proposed.Message && (proposed.Name is null || now.Name == proposed.Name) && proposed.Type is not StateType.Scheduled and not StateType.Cancelling;

    private static string NewKey() => Guid.NewGuid().ToString();
}
