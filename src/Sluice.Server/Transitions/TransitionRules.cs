using Sluice.Orchestration;

namespace Sluice.Server.Transitions;

/// <summary>
/// Prefect's <c>CoreFlowPolicy</c>: the rules of flow-run states in its order of priority. The first rule that objects decides; when none does
/// the state is taken. Where Prefect's code and its recorded answers differ, the recording was followed (tests/data/transitions).
/// </summary>
internal static class TransitionRules
{
    private static readonly TimeSpan _slotRetry = TimeSpan.FromSeconds(30);

    private static readonly Func<Transition, Outcome?>[] _rules =
    [
        PreventDuplicateTransitions,
        HandleTerminalStates,
        LetCancellingOnlyBecomeCancelled,
        CancelRunsWithoutInfrastructure,
        PreventPending,
        KeepSlotAtRunning,
        SecureSlot,
        MarkOnlyScheduledRunsLate,
        HandlePausing,
        HandleResuming,
        WaitForScheduledTime,
        RetryFailedRuns,
    ];

    /// <summary>Decides about a proposed state.</summary>
    public static Outcome Decide(Transition transition)
    {
        foreach (Func<Transition, Outcome?> rule in _rules)
        {
            if (rule(transition) is { } outcome)
                return outcome;
        }
        return new(SetStateStatus.Accept, WithCopiedDetails(transition), PolicyAfter(transition));
    }

    /// <summary>What <c>force</c> and the server itself do: the state is taken whatever holds.</summary>
    public static Outcome Force(Transition transition) => new(SetStateStatus.Accept, transition.To, PolicyAfter(transition));

    private static Outcome? PreventDuplicateTransitions(Transition t) =>
        t.To.StateDetails.TransitionId is { } id && t.From?.StateDetails.TransitionId == id
            ? Reject(t, "This run has already made this state transition.")
            : null;

    private static Outcome? HandleTerminalStates(Transition t)
    {
        if (t.From is not { } from || !from.Type.IsFinal())
            return null;
        if (t.To.Type is StateType.Crashed or StateType.Cancelling or StateType.Paused)
            return Abort(t, $"Run is already in terminal state {Wire(from.Type)}.");
        if (from.Type == StateType.Completed && KeepsResult(from) && (!t.To.Type.IsFinal() || t.To.Type == StateType.Completed && !KeepsResult(t.To)))
            return Reject(t, "Run is already COMPLETED.");
        if (t.To.Type == StateType.Scheduled && !t.Run.HasDeployment)
            return Abort(t, "Cannot reschedule a run without an associated deployment.");
        return null;
    }

    private static Outcome? LetCancellingOnlyBecomeCancelled(Transition t) =>
        t.FromType == StateType.Cancelling && t.To.Type != StateType.Cancelled
            ? Reject(t, "Cannot transition flows that are cancelling to a state other than Cancelled.")
            : null;

    private static Outcome? CancelRunsWithoutInfrastructure(Transition t)
    {
        if (t.To.Type != StateType.Cancelling || t.From is not { } from)
            return null;
        if (from.Type == StateType.Scheduled && (t.Run.InfrastructurePid is null || from.Name == "Resuming"))
            return RejectWith(t, NewState(t, StateType.Cancelled, "Cancelled"), "Scheduled flow run has no infrastructure to terminate.");
        if (from.Type == StateType.Paused && from.StateDetails.PauseReschedule == true)
            return RejectWith(t, NewState(t, StateType.Cancelled, "Cancelled"), "Suspended flow run has no infrastructure to terminate.");
        return null;
    }

    private static Outcome? PreventPending(Transition t)
    {
        if (t.To.Type != StateType.Pending || t.FromType is not (StateType.Pending or StateType.Running or StateType.Cancelling or StateType.Cancelled))
            return null;
        // A worker reports its progress by names of PENDING, as Submitting.
        if (t.FromType == StateType.Pending && t.To.Name != "Pending" && t.To.Name != t.From!.Name)
            return null;
        return Abort(t, $"This run is in a {Wire(t.FromType.Value)} state and cannot transition to a PENDING state.");
    }

    /// <summary>A PENDING run whose slot was given to another one after the grace may not start beyond the limit.</summary>
    private static Outcome? KeepSlotAtRunning(Transition t) =>
        t.FromType == StateType.Pending && t.To.Type == StateType.Running && t.Run.Slots is { Free: false } slots && t.From!.Timestamp + slots.Grace <= t.Now
            ? RejectWith(t, NewState(t, StateType.Cancelled, "Cancelled") with { Message = SlotReason }, SlotReason)
            : null;

    private static Outcome? SecureSlot(Transition t)
    {
        if (t.To.Type != StateType.Pending || t.FromType == StateType.Pending || t.Run.Slots is not { Free: false } slots)
            return null;
        if (slots.Limit == 0)
            return Abort(t, "The deployment concurrency limit is 0. The flow will not run until the limit is increased.");
        if (slots.CancelNew)
            return RejectWith(t, NewState(t, StateType.Cancelled, "Cancelled") with { Message = SlotReason }, SlotReason);
        return RejectWith(t, Due(NewState(t, StateType.Scheduled, "AwaitingConcurrencySlot"), t.Now + _slotRetry), SlotReason);
    }

    private static Outcome? MarkOnlyScheduledRunsLate(Transition t) =>
        t.To.Type == StateType.Scheduled && t.To.Name == "Late" && t.FromType != StateType.Scheduled
            ? Reject(t, "Only scheduled flows can be marked late.")
            : null;

    private static Outcome? HandlePausing(Transition t)
    {
        if (t.To.Type != StateType.Paused)
            return null;
        bool suspend = t.To.StateDetails.PauseReschedule == true;
        string verb = suspend ? "suspend" : "pause";
        if (t.FromType != StateType.Running)
            return Reject(t, $"Cannot {verb} flows that are not currently running.");
        if (t.To.StateDetails.PauseKey is { } key && t.Run.Policy.PauseKeys?.Contains(key) == true)
            return RejectWith(t, NewState(t, StateType.Running, "Running"), $"This {verb} has already fired.");
        if (suspend && t.Run.IsSubflow)
            return Abort(t, "Cannot suspend subflows.");
        return suspend && !t.Run.HasDeployment ? Abort(t, "Cannot suspend flows without a deployment.") : null;
    }

    private static Outcome? HandleResuming(Transition t)
    {
        if (t.From is not { Type: StateType.Paused } from)
            return null;
        if (t.To.Type is not (StateType.Running or StateType.Scheduled) && !t.To.Type.IsFinal())
            return Reject(t, $"This run cannot transition to the StateType.{Wire(t.To.Type)} state from the StateType.PAUSED state.");
        if (t.To.Type.IsFinal())
            return null;
        if (from.StateDetails.PauseReschedule == true && !t.Run.HasDeployment)
            return Reject(t, "Cannot reschedule a paused flow run without a deployment.");
        if (from.StateDetails.PauseTimeout < t.Now)
        {
            State failed = NewState(t, StateType.Failed, "Failed") with { Message = "The flow was paused and never resumed." };
            return RejectWith(t, failed, "The flow run pause has timed out and can no longer resume.");
        }
        return null;
    }

    private static Outcome? WaitForScheduledTime(Transition t) =>
        t.FromType is StateType.Scheduled or StateType.Pending && t.To.Type == StateType.Running
            && t.From!.StateDetails.ScheduledTime is { } due && due > t.Now
            ? new(SetStateStatus.Wait, null, t.Run.Policy, "Scheduled time is in the future", due - t.Now)
            : null;

    private static Outcome? RetryFailedRuns(Transition t)
    {
        if (t.FromType != StateType.Running || t.To.Type != StateType.Failed || t.Run.Policy.Retries is not { } retries || t.Run.RunCount > retries)
            return null;
        State retry = NewState(t, StateType.Scheduled, "AwaitingRetry") with { Message = t.To.Message, Data = t.To.Data };
        return new(SetStateStatus.Reject, Due(retry, t.Now + TimeSpan.FromSeconds(t.Run.Policy.RetryDelay ?? 0)),
            t.Run.Policy with { Resuming = false, PauseKeys = [], RetryType = "in_process" }, "Retrying");
    }

    private const string SlotReason = "Deployment concurrency limit reached.";

    /// <summary>What a taken state inherits: the due time from SCHEDULED to PENDING, the slot through all states of one attempt.</summary>
    private static State WithCopiedDetails(Transition t)
    {
        StateDetails details = t.To.StateDetails;
        if (t.FromType is StateType.Scheduled or StateType.Pending && t.To.Type == StateType.Pending)
            details = details with { ScheduledTime = details.ScheduledTime ?? t.From!.StateDetails.ScheduledTime };
        if (t.To.Type == StateType.Pending && t.FromType != StateType.Pending && t.Run.Slots is not null)
            details = details with { DeploymentConcurrencyLeaseId = t.NewId() };
        else if (t.To.Type != StateType.Scheduled)
            details = details with { DeploymentConcurrencyLeaseId = details.DeploymentConcurrencyLeaseId ?? t.From?.StateDetails.DeploymentConcurrencyLeaseId };
        return t.To with { StateDetails = details };
    }

    private static FlowRunPolicy PolicyAfter(Transition t)
    {
        FlowRunPolicy policy = t.Run.Policy;
        if (t.FromType?.IsFinal() == true)
            return policy with { Resuming = false, PauseKeys = [], RetryType = t.To.Type == StateType.Scheduled ? "reschedule" : null };
        if (t.FromType == StateType.Paused && !t.To.Type.IsFinal())
        {
            IReadOnlyList<string> keys = t.From!.StateDetails.PauseKey is { } key ? [.. (policy.PauseKeys ?? []).Append(key)] : policy.PauseKeys ?? [];
            return policy with { Resuming = t.To.Type == StateType.Scheduled, PauseKeys = keys };
        }
        // A state that its owner chose ends the in-process retries: what is due again is due for every worker.
        if (t.To.Type == StateType.Scheduled && t.FromType != StateType.Scheduled || t.To.Type.IsFinal())
            return policy with { RetryType = null };
        return t.To.Type == StateType.Running && policy.Resuming == true ? policy with { Resuming = false } : policy;
    }

    private static bool KeepsResult(State state) =>
        state.Data is { ValueKind: System.Text.Json.JsonValueKind.Object } data
            && !(data.TryGetProperty("type", out System.Text.Json.JsonElement type) && type.ValueEquals("unpersisted"));

    private static State NewState(Transition t, StateType type, string name) => new()
    {
        Id = t.NewId(),
        Type = type,
        Name = name,
        Timestamp = t.Now,
        StateDetails = new() { FlowRunId = t.To.StateDetails.FlowRunId },
    };

    private static State Due(State state, DateTimeOffset time) => state with { StateDetails = state.StateDetails with { ScheduledTime = time } };

    private static Outcome Reject(Transition t, string reason) => new(SetStateStatus.Reject, null, t.Run.Policy, reason);

    private static Outcome RejectWith(Transition t, State state, string reason) => new(SetStateStatus.Reject, state, t.Run.Policy, reason);

    private static Outcome Abort(Transition t, string reason) => new(SetStateStatus.Abort, null, t.Run.Policy, reason);

    private static string Wire(StateType type) => type.ToString().ToUpperInvariant();
}
