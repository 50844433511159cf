using System.Globalization;
using System.Text.Json;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    /// <inheritdoc/>
    /// <remarks>A run without an idempotency key gets a random one, so that a request whose answer was lost can be repeated and still makes one run.</remarks>
    public Task<FlowRun> CreateDeploymentRunAsync(Guid deploymentId, DeploymentRunCreate run, CancellationToken cancellationToken)
    {
        run = run with { IdempotencyKey = run.IdempotencyKey ?? NewKey() };
        return _transport.SendAsync(Post($"/deployments/{deploymentId}/create_flow_run", run, Json.DeploymentRunCreate), Json.FlowRun, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>A run without an idempotency key gets a random one, so that a request whose answer was lost can be repeated and still makes one run.</remarks>
    public Task<FlowRun> CreateFlowRunAsync(FlowRunCreate run, CancellationToken cancellationToken)
    {
        run = run with { IdempotencyKey = run.IdempotencyKey ?? NewKey() };
        return _transport.SendAsync(Post("/flow_runs/", run, Json.FlowRunCreate), Json.FlowRun, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<FlowRun?> ReadFlowRunAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get($"/flow_runs/{id}"), Json.FlowRun, cancellationToken);

    /// <inheritdoc/>
    public Task UpdateFlowRunAsync(Guid id, FlowRunUpdate update, CancellationToken cancellationToken) =>
        _transport.SendAsync(Patch($"/flow_runs/{id}", update, Json.FlowRunUpdate), cancellationToken);

    /// <inheritdoc/>
    public async Task UpdateFlowRunLabelsAsync(Guid id, IReadOnlyDictionary<string, JsonElement> labels, CancellationToken cancellationToken)
    {
        if (!(await GetInfoAsync(cancellationToken).ConfigureAwait(false)).Version.StartsWith("2.", StringComparison.Ordinal))
            await _transport.SendAsync(Patch($"/flow_runs/{id}/labels", labels, Json.IReadOnlyDictionaryStringJsonElement), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<FlowRun>> ListFlowRunsAsync(FlowRunsQuery query, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post("/flow_runs/filter", query, Json.FlowRunsQuery), Json.IReadOnlyListFlowRun, cancellationToken);

    /// <inheritdoc/>
    public Task<int> CountFlowRunsAsync(FlowRunsQuery query, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post("/flow_runs/count", query with { Sort = null, Limit = null, Offset = null }, Json.FlowRunsQuery), WireJson.Default.Int32, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteFlowRunAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(Delete($"/flow_runs/{id}"), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<State>> ListFlowRunStatesAsync(Guid flowRunId, CancellationToken cancellationToken) =>
        _transport.SendAsync(Get($"/flow_run_states/?flow_run_id={flowRunId}"), Json.IReadOnlyListState, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>
    /// A state without a transition id gets one, so that a request whose answer was lost can be repeated: the server then rejects the repetition
    /// with the state that the first attempt made, which is answered here as the ACCEPT that it was.
    /// </remarks>
    public async Task<OrchestrationResult> SetFlowRunStateAsync(Guid id, StateCreate state, SetStateOptions options, CancellationToken cancellationToken)
    {
        StateDetails details = state.StateDetails ?? new();
        Guid transition = details.TransitionId ?? Guid.NewGuid();
        SetStateBody body = new() { State = state with { StateDetails = details with { TransitionId = transition } }, Force = options.Force };
        ApiCall call = Post($"/flow_runs/{id}/set_state", body, WireJson.Default.SetStateBody) with
        {
            Headers =
            [
                (HttpTransport.LeaseHeader, options.Lease?.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)),
                (HttpTransport.AttemptHeader, options.Attempt is { } attempt ? $"{id}/{attempt}" : null),
                (HttpTransport.CrashRetriesHeader, options.CrashRetries?.ToString(CultureInfo.InvariantCulture)),
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
    public Task<IReadOnlyList<Log>> ListLogsAsync(LogsQuery query, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post("/logs/filter", query, Json.LogsQuery), Json.IReadOnlyListLog, cancellationToken);

    private static string NewKey() => Guid.NewGuid().ToString();
}
