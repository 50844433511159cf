using Sluice.Orchestration;
using static Sluice.Orchestration.StateType;

namespace Sluice.Server.Transitions;

/// <summary>
/// Prefect's <c>CoreFlowPolicy</c>: the rules of flow-run states in its order of priority and under its names. The first rule that objects decides;
/// when none does the state is taken, with what the rules add. Where Prefect's code and its recorded answers differ, the recording was followed
/// (tests/data/transitions).
/// </summary>
internal static class TransitionRules
{
    private static readonly TimeSpan _slotRetry = TimeSpan.FromSeconds(30);

    private static readonly StateType[] _final = [Completed, Cancelled, Failed, Crashed];

    /// <summary>The rules.</summary>
    public static IReadOnlyList<TransitionRule> Table { get; } =
    [
        // Ours, before all of Prefect's: the server gave the attempt up, and another one may be running.
        new("RefuseLostAttempts", null, null) { Judge = RefuseLostAttempts },
        new("PreserveDeploymentConcurrencyLeaseId", null, [Pending, Running, Completed, Failed, Cancelled, Crashed, Paused, Cancelling]) { Complete = KeepLease },
        new("PreventDuplicateTransitions", null, null) { Judge = PreventDuplicates },
        // Ours: who looked a moment ago may claim what another worker has run to its end meanwhile. Prefect lets a run go from its end to PENDING.
        new("ClaimOnlyScheduledRuns", null, [Pending]) { Judge = ClaimOnlyScheduled },
        new("HandleFlowTerminalStateTransitions", _final, null) { Judge = HandleTerminal, Follow = LeaveTerminal },
        new("EnforceCancellingToCancelledTransition", [Cancelling], null) { Judge = EnforceCancelled },
        new("BypassCancellingFlowRunsWithNoInfra", [Scheduled, Paused], [Cancelling]) { Judge = BypassCancelling },
        new("PreventPendingTransitions", [Pending, Running, Cancelling, Cancelled], [Pending]) { Judge = PreventPending, Complete = CarryForward },
        // Ours: a limit of a queue or a pool holds also when several workers look at once.
        new("HoldWorkLimits", [Scheduled, Paused, .. _final], [Pending]) { Judge = t => t.Run.FullAt is { } place ? Abort(t, $"The {place} is at its concurrency limit.") : null },
        new("ValidateDeploymentConcurrencyAtRunning", [Pending], [Running]) { Judge = ValidateSlot, Complete = SecureAgain },
        new("SecureFlowConcurrencySlots", [Scheduled, Paused, .. _final], [Pending]) { Judge = SecureSlot, Complete = GrantLease },
        new("EnsureOnlyScheduledFlowsMarkedLate", null, [Scheduled]) { Judge = MarkOnlyScheduledLate },
        new("HandlePausingFlows", null, [Paused]) { Judge = HandlePausing, Follow = RememberPause },
        new("HandleResumingPausedFlows", [Paused], null) { Judge = HandleResuming, Follow = MarkResuming },
        new("CopyScheduledTime", [Scheduled], [Pending]) { Complete = CopyScheduledTime },
        new("WaitForScheduledTime", [Scheduled, Pending], [Running]) { Judge = WaitForScheduledTime },
        new("RetryFailedFlows", [Running], [Failed]) { Judge = RetryFailed },
        new("RemoveResumingIndicator", null, [Running, .. _final]) { Follow = (_, policy) => policy.Resuming == true ? policy with { Resuming = false } : policy },
        // A state that its owner chose ends the in-process retries: what is due again is due for every worker.
        new("EndRetriesInProcess", [Scheduled, Pending, Running, Paused, Cancelling], [Scheduled, .. _final]) { Follow = EndRetriesInProcess },
    ];

    /// <summary>Decides about a proposed state.</summary>
    public static Outcome Decide(Transition transition)
    {
        foreach (TransitionRule rule in Table)
        {
            if (rule.Judge is { } judge && rule.Applies(transition) && judge(transition) is { } outcome)
                return outcome;
        }
        return Take(transition);
    }

    /// <summary>
    /// What <c>force</c> does, as Prefect's <c>MinimalFlowPolicy</c>: the state is taken, but a run without infrastructure is cancelled at once.
    /// A lost attempt forces nothing.
    /// </summary>
    public static Outcome Force(Transition transition) =>
        RefuseLostAttempts(transition)
        ?? (transition.FromType is Scheduled or Paused && transition.To.Type == Cancelling ? BypassCancelling(transition) : null)
        ?? Impose(transition);

    /// <summary>What the server itself does: the state is taken whatever holds.</summary>
    public static Outcome Impose(Transition transition) => new(SetStateStatus.Accept, transition.To, PolicyAfter(transition));

    private static Outcome Take(Transition t)
    {
        StateDetails details = t.To.StateDetails;
        foreach (TransitionRule rule in Table.Where(rule => rule.Complete is not null && rule.Applies(t)))
            details = rule.Complete!(t, details);
        return new(SetStateStatus.Accept, t.To with { StateDetails = details }, PolicyAfter(t));
    }

    private static FlowRunPolicy PolicyAfter(Transition t)
    {
        FlowRunPolicy policy = t.Run.Policy;
        foreach (TransitionRule rule in Table.Where(rule => rule.Follow is not null && rule.Applies(t)))
            policy = rule.Follow!(t, policy);
        return policy;
    }

    private static Outcome? RefuseLostAttempts(Transition t) => t.IsOfLostAttempt
        ? Abort(t, "The server gave this attempt of the flow run up, since it showed no sign of life: it must stop, another one may be running.")
        : null;

    private static Outcome? PreventDuplicates(Transition t) =>
        t.To.StateDetails.TransitionId is { } id && t.From?.StateDetails.TransitionId == id
            ? Reject(t, "This run has already made this state transition.")
            : null;

    private static Outcome? ClaimOnlyScheduled(Transition t)
    {
        if (!t.IsClaim || t.FromType == Scheduled && t.Run.Policy.RetryType != "in_process")
            return null;
        return Abort(t, t.FromType == Scheduled ? "This run waits for a retry in its own process and cannot be claimed."
            : $"This run is in a {(t.FromType is { } from ? Wire(from) : "NONE")} state and cannot be claimed.");
    }

    private static Outcome? HandleTerminal(Transition t)
    {
        State from = t.From!;
        if (t.To.Type is Crashed or Cancelling or Paused)
            return Abort(t, $"Run is already in terminal state {Wire(from.Type)}.");
        if (from.Type == Completed && KeepsResult(from) && (!t.To.Type.IsFinal() || t.To.Type == Completed && !KeepsResult(t.To)))
            return Reject(t, "Run is already COMPLETED.");
        return t.To.Type == Scheduled && !t.Run.HasDeployment ? Abort(t, "Cannot reschedule a run without an associated deployment.") : null;
    }

    private static FlowRunPolicy LeaveTerminal(Transition t, FlowRunPolicy policy) => t.To.Type.IsFinal()
        ? policy
        : policy with { Resuming = false, PauseKeys = [], RetryType = t.To.Type == Scheduled ? "reschedule" : null };

    private static Outcome? EnforceCancelled(Transition t) => t.To.Type == Cancelled
        ? null
        : Reject(t, "Cannot transition flows that are cancelling to a state other than Cancelled.");

    private static Outcome? BypassCancelling(Transition t)
    {
        State from = t.From!;
        if (from.Type == Scheduled && t.Run.InfrastructurePid is null || from.Name == "Resuming")
            return RejectWith(t, NewState(t, Cancelled, "Cancelled"), "Scheduled flow run has no infrastructure to terminate.");
        return from.Type == Paused && from.StateDetails.PauseReschedule == true
            ? RejectWith(t, NewState(t, Cancelled, "Cancelled"), "Suspended flow run has no infrastructure to terminate.")
            : null;
    }

    /// <summary>The lock of workers. Only progress that a worker reports by names of PENDING, as Submitting, goes from PENDING to PENDING.</summary>
    private static Outcome? PreventPending(Transition t) => t.FromType == Pending && t.To.Name != "Pending" && t.To.Name != t.From!.Name
        ? null
        : Abort(t, $"This run is in a {Wire(t.FromType!.Value)} state and cannot transition to a PENDING state.");

    private static StateDetails CarryForward(Transition t, StateDetails details) => details with
    {
        ScheduledTime = t.From!.StateDetails.ScheduledTime,
        DeploymentConcurrencyLeaseId = t.From.StateDetails.DeploymentConcurrencyLeaseId,
    };

    private static StateDetails KeepLease(Transition t, StateDetails details) =>
        details with { DeploymentConcurrencyLeaseId = details.DeploymentConcurrencyLeaseId ?? t.From?.StateDetails.DeploymentConcurrencyLeaseId };

    /// <summary>
    /// A PENDING run whose slot ran out and was given to another one may not start beyond the limit. Prefect asks this of clients alone that renew
    /// their leases, and lets others run beyond the limit; here a limit holds.
    /// </summary>
    private static Outcome? ValidateSlot(Transition t) => t.Run.Slots is { Held: false, Free: false }
        ? RejectWith(t, NewState(t, Cancelled, "Cancelled") with { Message = "Deployment concurrency slot lost during provisioning - no slots available to continue execution" },
            "Deployment concurrency limit reached after lease expiry.")
        : null;

    private static StateDetails SecureAgain(Transition t, StateDetails details) =>
        t.Run.Slots is { Held: false } && t.From!.StateDetails.DeploymentConcurrencyLeaseId is not null ? details with { DeploymentConcurrencyLeaseId = t.NewId() } : details;

    private static Outcome? SecureSlot(Transition t)
    {
        if (t.Run.LacksDeployment)
            return Abort(t, "Deployment not found.");
        if (t.Run.Slots is not { Free: false } slots)
            return null;
        if (slots.Limit == 0)
            return Abort(t, "The deployment concurrency limit is 0. The flow will deadlock if submitted again.");
        return slots.CancelNew
            ? RejectWith(t, NewState(t, Cancelled, "Cancelled") with { Message = SlotReason }, SlotReason)
            : RejectWith(t, Due(NewState(t, Scheduled, "AwaitingConcurrencySlot"), t.Now + _slotRetry), SlotReason);
    }

    private static StateDetails GrantLease(Transition t, StateDetails details) =>
        t.Run.Slots is null ? details : details with { DeploymentConcurrencyLeaseId = t.NewId() };

    private static Outcome? MarkOnlyScheduledLate(Transition t) =>
        t.To.Name == "Late" && t.From is not null && t.FromType != Scheduled ? Reject(t, "Only scheduled flows can be marked late.") : null;

    private static Outcome? HandlePausing(Transition t)
    {
        string verb = Verb(t);
        if (t.From is null)
            return Abort(t, $"Cannot {verb} flows with no state.");
        if (t.FromType != Running)
            return Reject(t, $"Cannot {verb} flows that are not currently running.");
        if (t.To.StateDetails.PauseKey is { } key && t.Run.Policy.PauseKeys?.Contains(key) == true)
            return Reject(t, $"This {verb} has already fired.");
        if (t.To.StateDetails.PauseReschedule != true)
            return null;
        if (t.Run.IsSubflow)
            return Abort(t, $"Cannot {verb} subflows.");
        return t.Run.HasDeployment ? null : Abort(t, $"Cannot {verb} flows without a deployment.");
    }

    private static FlowRunPolicy RememberPause(Transition t, FlowRunPolicy policy) => t.FromType == Running
        ? policy with { PauseKeys = [.. policy.PauseKeys ?? [], t.To.StateDetails.PauseKey ?? t.NewId().ToString()] }
        : policy;

    private static Outcome? HandleResuming(Transition t)
    {
        if (t.To.Type is not (Running or Scheduled) && !t.To.Type.IsFinal())
            return Reject(t, $"This run cannot transition to the StateType.{Wire(t.To.Type)} state from the StateType.PAUSED state.");
        StateDetails from = t.From!.StateDetails;
        string name = t.To.Name!.ToLowerInvariant();
        if (from.PauseReschedule == true && !t.Run.HasDeployment)
            return Reject(t, $"Cannot reschedule a {name} flow run without a deployment.");
        return from.PauseTimeout < t.Now
            ? RejectWith(t, NewState(t, Failed, "Failed") with { Message = $"The flow was {name} and never resumed." }, $"The flow run {Verb(t)} has timed out and can no longer resume.")
            : null;
    }

    private static FlowRunPolicy MarkResuming(Transition t, FlowRunPolicy policy) => t.To.Type == Scheduled ? policy with { Resuming = true } : policy;

    private static StateDetails CopyScheduledTime(Transition t, StateDetails details) => details with { ScheduledTime = details.ScheduledTime ?? t.From!.StateDetails.ScheduledTime };

    /// <summary>Prefect answers whole seconds, rounded, and lets a run start that would have to wait for none.</summary>
    private static Outcome? WaitForScheduledTime(Transition t) =>
        t.From!.StateDetails.ScheduledTime is { } due && Math.Round((due - t.Now).TotalSeconds) is > 0 and var seconds
            ? new(SetStateStatus.Wait, null, t.Run.Policy, "Scheduled time is in the future", (int)seconds)
            : null;

    private static Outcome? RetryFailed(Transition t)
    {
        if (t.Run.Policy.Retries is not { } retries || t.Run.RunCount > retries)
            return null;
        State retry = NewState(t, Scheduled, "AwaitingRetry") with { Message = t.To.Message, Data = t.To.Data };
        return new(SetStateStatus.Reject, Due(retry, t.Now + TimeSpan.FromSeconds(t.Run.Policy.RetryDelay ?? 0)),
            t.Run.Policy with { Resuming = false, PauseKeys = [], RetryType = "in_process" }, "Retrying");
    }

    private static FlowRunPolicy EndRetriesInProcess(Transition t, FlowRunPolicy policy) =>
        t.FromType == Scheduled && t.To.Type == Scheduled ? policy : policy with { RetryType = null };

    private const string SlotReason = "Deployment concurrency limit reached.";

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

    private static string Verb(Transition t) => t.To.Name == "Suspended" ? "suspend" : "pause";

    private static string Wire(StateType type) => type.ToString().ToUpperInvariant();
}
