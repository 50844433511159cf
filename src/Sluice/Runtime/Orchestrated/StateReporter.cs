using Sluice.Orchestration;

namespace Sluice.Runtime.Orchestrated;

/// <summary>Proposes the states of one run and follows the answers.</summary>
internal sealed class StateReporter(IOrchestrationApi api, Guid flowRunId, Guid? attempt, Patience patience, TimeProvider time)
{
    private static readonly TimeSpan PendingPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>Asks for RUNNING, as often as the server says to wait.</summary>
    /// <param name="name">The state's name; the type's when null.</param>
    /// <param name="crashRetries">How often the run may be scheduled again when it crashes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The state that holds: of type RUNNING when the code may run. Null when the server says to stop.</returns>
    public async Task<State?> EnterRunningAsync(string? name, int crashRetries, CancellationToken cancellationToken)
    {
        while (true)
        {
            OrchestrationResult answer = await ProposeAsync(new() { Type = StateType.Running, Name = name }, new() { CrashRetries = crashRetries > 0 ? crashRetries : null, RenewsConcurrencyLease = true }, cancellationToken).ConfigureAwait(false);
            switch (answer.Status)
            {
                case SetStateStatus.Wait:
                    await DelayAsync(answer, cancellationToken).ConfigureAwait(false);
                    break;
                case SetStateStatus.Reject when answer.State?.Type == StateType.Pending:
                    await Task.Delay(PendingPause, time, cancellationToken).ConfigureAwait(false);
                    break;
                case SetStateStatus.Abort:
                    Note(answer);
                    return null;
                default:
                    return answer.State;
            }
        }
    }

    /// <summary>
    /// Reports a state in which the run ends. Where the run is being cancelled, only CANCELLED is taken, and that is reported in its place.
    /// </summary>
    /// <returns>Null when the run is over; the AwaitingRetry state when the server wants it tried again in this process.</returns>
    public async Task<State?> ReportAsync(StateCreate state, CancellationToken cancellationToken)
    {
        while (true)
        {
            OrchestrationResult answer = await ProposeAsync(state, default, cancellationToken).ConfigureAwait(false);
            switch (answer.Status)
            {
                case SetStateStatus.Accept:
                    return null;
                case SetStateStatus.Wait:
                    await DelayAsync(answer, cancellationToken).ConfigureAwait(false);
                    break;
                case SetStateStatus.Reject when answer.State?.Type == StateType.Scheduled && state.Type == StateType.Failed:
                    return answer.State;
                case SetStateStatus.Reject when answer.State?.Type == StateType.Cancelling && state.Type != StateType.Cancelled:
                    state = new() { Type = StateType.Cancelled, Message = "Flow run was cancelled." };
                    break;
                default:
                    Note(answer);
                    return null;
            }
        }
    }

    /// <summary>Sets a state past the rules.</summary>
    public Task ForceAsync(StateCreate state, CancellationToken cancellationToken) => ProposeAsync(state, new() { Force = true }, cancellationToken);

    /// <summary>One transition: the same id each time it is asked again, so that an answer that was lost on the way is recognised.</summary>
    private async Task<OrchestrationResult> ProposeAsync(StateCreate state, SetStateOptions options, CancellationToken cancellationToken)
    {
        Guid transition = Guid.NewGuid();
        StateCreate proposal = state with { StateDetails = (state.StateDetails ?? new()) with { TransitionId = transition } };
        bool asked = false;
        OrchestrationResult answer = await patience.AskAsync(AskAsync, null, cancellationToken).ConfigureAwait(false);
        return answer.Status == SetStateStatus.Reject && answer.State?.StateDetails.TransitionId == transition
            ? answer with { Status = SetStateStatus.Accept }
            : answer;

        async Task<OrchestrationResult> AskAsync(CancellationToken token)
        {
            // A retry is the server's own state, without the transition's id: FAILED that is asked again would end the run with tries left.
            if (asked && state.Type == StateType.Failed && !options.Force
                && (await api.ReadFlowRunAsync(flowRunId, token).ConfigureAwait(false))?.State is { Type: StateType.Scheduled, Name: "AwaitingRetry" } retry)
            {
                return new() { State = retry, Status = SetStateStatus.Reject, Details = new() { Type = "reject_details" } };
            }

            asked = true;
            return await api.SetFlowRunStateAsync(flowRunId, proposal, options with { Attempt = attempt }, token).ConfigureAwait(false);
        }
    }

    private Task DelayAsync(OrchestrationResult answer, CancellationToken cancellationToken)
    {
        double delay = Math.Clamp(answer.Details.DelaySeconds ?? 1, ShortestWait.TotalSeconds, LongestWait.TotalSeconds);
        // Servers answer rounded seconds. Where our clock agrees to half a second, it knows the rest.
        if (answer.State?.StateDetails.ScheduledTime is { } due)
            delay = Math.Max(Math.Clamp((due - time.GetUtcNow()).TotalSeconds, delay - 0.5, delay + 0.5), ShortestWait.TotalSeconds);
        return Task.Delay(TimeSpan.FromSeconds(delay), time, cancellationToken);
    }

    private static void Note(OrchestrationResult answer) =>
        Console.Error.WriteLine($"The flow run stays {answer.State?.Name ?? answer.State?.Type.ToString() ?? "as it is"}: {answer.Details.Reason ?? "the server gave no reason"}");
}
