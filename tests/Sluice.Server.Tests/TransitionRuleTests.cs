using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Server.Transitions;
using static Sluice.Orchestration.StateType;

namespace Sluice.Server.Tests;

/// <summary>The table of transition rules, row by row: each with what it objects to, and with its nearest neighbour that it lets pass.</summary>
public sealed class TransitionRuleTests
{
    private static readonly DateTimeOffset _now = Home.Start;
    private static readonly Guid _transition = Guid.NewGuid();
    private static readonly Guid _lease = Guid.NewGuid();

    private static readonly (string Rule, string Case, Transition Transition, string Answer)[] _cases =
    [
        ("RefuseLostAttempts", "a lost attempt", Of(Running, Completed) with { IsOfLostAttempt = true },
            "ABORT: The server gave this attempt of the flow run up, since it showed no sign of life: it must stop, another one may be running."),
        ("RefuseLostAttempts", "the attempt that holds the run", Of(Running, Completed), "ACCEPT Completed"),

        ("PreserveDeploymentConcurrencyLeaseId", "to the end", Of(Running, Completed, s => s with { DeploymentConcurrencyLeaseId = _lease }), "ACCEPT Completed lease"),
        ("PreserveDeploymentConcurrencyLeaseId", "given back", Of(Running, Scheduled, s => s with { DeploymentConcurrencyLeaseId = _lease }), "ACCEPT Scheduled"),

        ("PreventDuplicateTransitions", "the same", Of(Running, Running, s => s with { TransitionId = _transition }, s => s with { TransitionId = _transition }),
            "REJECT: This run has already made this state transition."),
        ("PreventDuplicateTransitions", "another", Of(Running, Running, s => s with { TransitionId = _transition }, s => s with { TransitionId = Guid.NewGuid() }), "ACCEPT Running"),

        ("ClaimOnlyScheduledRuns", "run by another worker meanwhile", Of(Completed, Pending) with { IsClaim = true }, "ABORT: This run is in a COMPLETED state and cannot be claimed."),
        ("ClaimOnlyScheduledRuns", "waiting in its process", Of(Scheduled, Pending, run: run => run with { Policy = new() { RetryType = "in_process" } }) with { IsClaim = true },
            "ABORT: This run waits for a retry in its own process and cannot be claimed."),
        ("ClaimOnlyScheduledRuns", "scheduled", Of(Scheduled, Pending) with { IsClaim = true }, "ACCEPT Pending"),
        ("ClaimOnlyScheduledRuns", "by a client of Prefect's", Of(Completed, Pending), "ACCEPT Pending"),

        ("HandleFlowTerminalStateTransitions", "to crashed", Of(Failed, Crashed), "ABORT: Run is already in terminal state FAILED."),
        ("HandleFlowTerminalStateTransitions", "to cancelling", Of(Cancelled, Cancelling), "ABORT: Run is already in terminal state CANCELLED."),
        ("HandleFlowTerminalStateTransitions", "to paused", Of(Crashed, Paused), "ABORT: Run is already in terminal state CRASHED."),
        ("HandleFlowTerminalStateTransitions", "a kept result", Of(Completed, Running, data: """{"storage_key": "k"}"""), "REJECT: Run is already COMPLETED."),
        ("HandleFlowTerminalStateTransitions", "a kept result would be lost", Of(Completed, Completed, data: """{"storage_key": "k"}"""), "REJECT: Run is already COMPLETED."),
        ("HandleFlowTerminalStateTransitions", "a result that was not kept", Of(Completed, Running, data: """{"type": "unpersisted"}"""), "ACCEPT Running"),
        ("HandleFlowTerminalStateTransitions", "scheduled without a deployment", Of(Failed, Scheduled), "ABORT: Cannot reschedule a run without an associated deployment."),
        ("HandleFlowTerminalStateTransitions", "scheduled with one", Of(Failed, Scheduled, run: run => run with { HasDeployment = true }), "ACCEPT Scheduled retry_type=reschedule"),
        ("HandleFlowTerminalStateTransitions", "run again", Of(Failed, Running, run: run => run with { Policy = new() { RetryType = "reschedule", PauseKeys = ["k"] } }), "ACCEPT Running"),

        ("EnforceCancellingToCancelledTransition", "completed", Of(Cancelling, Completed), "REJECT: Cannot transition flows that are cancelling to a state other than Cancelled."),
        ("EnforceCancellingToCancelledTransition", "cancelled", Of(Cancelling, Cancelled), "ACCEPT Cancelled"),

        ("BypassCancellingFlowRunsWithNoInfra", "scheduled", Of(Scheduled, Cancelling), "REJECT Cancelled: Scheduled flow run has no infrastructure to terminate."),
        ("BypassCancellingFlowRunsWithNoInfra", "waiting in its process", Of(Scheduled, Cancelling, run: run => run with { InfrastructurePid = "1" }), "ACCEPT Cancelling"),
        ("BypassCancellingFlowRunsWithNoInfra", "resuming", Of(Scheduled, Cancelling, run: run => run with { InfrastructurePid = "1" }, fromName: "Resuming"),
            "REJECT Cancelled: Scheduled flow run has no infrastructure to terminate."),
        ("BypassCancellingFlowRunsWithNoInfra", "suspended", Of(Paused, Cancelling, s => s with { PauseReschedule = true }), "REJECT Cancelled: Suspended flow run has no infrastructure to terminate."),

        ("PreventPendingTransitions", "a second worker", Of(Pending, Pending), "ABORT: This run is in a PENDING state and cannot transition to a PENDING state."),
        ("PreventPendingTransitions", "running", Of(Running, Pending), "ABORT: This run is in a RUNNING state and cannot transition to a PENDING state."),
        ("PreventPendingTransitions", "cancelled", Of(Cancelled, Pending), "ABORT: This run is in a CANCELLED state and cannot transition to a PENDING state."),
        ("PreventPendingTransitions", "progress", Of(Pending, Pending, s => s with { DeploymentConcurrencyLeaseId = _lease }, toName: "Submitting"), "ACCEPT Submitting lease"),
        ("PreventPendingTransitions", "more progress", Of(Pending, Pending, fromName: "Submitting", toName: "InfrastructurePending"), "ACCEPT InfrastructurePending"),
        ("PreventPendingTransitions", "no progress", Of(Pending, Pending, fromName: "Submitting", toName: "Submitting"), "ABORT: This run is in a PENDING state and cannot transition to a PENDING state."),

        ("HoldWorkLimits", "full", Of(Scheduled, Pending, run: run => run with { FullAt = "work queue \"etl\"" }), "ABORT: The work queue \"etl\" is at its concurrency limit."),
        ("HoldWorkLimits", "room", Of(Scheduled, Pending), "ACCEPT Pending"),

        ("ValidateDeploymentConcurrencyAtRunning", "ran out and taken", Of(Pending, Running, run: Slots(taken: 1, held: false)),
            "REJECT Cancelled: Deployment concurrency limit reached after lease expiry."),
        ("ValidateDeploymentConcurrencyAtRunning", "ran out and free", Of(Pending, Running, s => s with { DeploymentConcurrencyLeaseId = _lease }, run: Slots(taken: 0, held: false)), "ACCEPT Running new lease"),
        ("ValidateDeploymentConcurrencyAtRunning", "held", Of(Pending, Running, s => s with { DeploymentConcurrencyLeaseId = _lease }, run: Slots(taken: 1, held: true)), "ACCEPT Running lease"),

        ("SecureFlowConcurrencySlots", "free", Of(Scheduled, Pending, run: Slots(taken: 0)), "ACCEPT Pending new lease"),
        ("SecureFlowConcurrencySlots", "taken", Of(Scheduled, Pending, run: Slots(taken: 1)), "REJECT AwaitingConcurrencySlot +30 s: Deployment concurrency limit reached."),
        ("SecureFlowConcurrencySlots", "taken, new ones are cancelled", Of(Scheduled, Pending, run: Slots(taken: 1, cancelNew: true)), "REJECT Cancelled: Deployment concurrency limit reached."),
        ("SecureFlowConcurrencySlots", "none at all", Of(Scheduled, Pending, run: Slots(taken: 0, limit: 0)), "ABORT: The deployment concurrency limit is 0. The flow will deadlock if submitted again."),
        ("SecureFlowConcurrencySlots", "its deployment is gone", Of(Scheduled, Pending, run: run => run with { LacksDeployment = true }), "ABORT: Deployment not found."),

        ("EnsureOnlyScheduledFlowsMarkedLate", "running", Of(Running, Scheduled, toName: "Late"), "REJECT: Only scheduled flows can be marked late."),
        ("EnsureOnlyScheduledFlowsMarkedLate", "scheduled", Of(Scheduled, Scheduled, toName: "Late"), "ACCEPT Late"),

        ("HandlePausingFlows", "no state", Of(null, Paused), "ABORT: Cannot pause flows with no state."),
        ("HandlePausingFlows", "not running", Of(Pending, Paused, toName: "Suspended"), "REJECT: Cannot suspend flows that are not currently running."),
        ("HandlePausingFlows", "the same pause", Of(Running, Paused, toDetails: s => s with { PauseKey = "k" }, run: run => run with { Policy = new() { PauseKeys = ["k"] } }), "REJECT: This pause has already fired."),
        ("HandlePausingFlows", "a subflow", Suspend(run => run with { IsSubflow = true, HasDeployment = true }), "ABORT: Cannot suspend subflows."),
        ("HandlePausingFlows", "no deployment", Suspend(run => run), "ABORT: Cannot suspend flows without a deployment."),
        ("HandlePausingFlows", "with a deployment", Suspend(run => run with { HasDeployment = true }), "ACCEPT Suspended pause_keys=s"),
        ("HandlePausingFlows", "a pause", Of(Running, Paused, toDetails: s => s with { PauseKey = "k" }), "ACCEPT Paused pause_keys=k"),

        ("HandleResumingPausedFlows", "to pending", Of(Paused, Pending), "REJECT: This run cannot transition to the StateType.PENDING state from the StateType.PAUSED state."),
        ("HandleResumingPausedFlows", "without a deployment", Of(Paused, Scheduled, s => s with { PauseReschedule = true }, toName: "Resuming"), "REJECT: Cannot reschedule a resuming flow run without a deployment."),
        ("HandleResumingPausedFlows", "too late", Of(Paused, Running, s => s with { PauseTimeout = _now.AddSeconds(-1) }), "REJECT Failed: The flow run pause has timed out and can no longer resume."),
        ("HandleResumingPausedFlows", "in time", Of(Paused, Running, s => s with { PauseTimeout = _now.AddSeconds(1) }), "ACCEPT Running"),
        ("HandleResumingPausedFlows", "suspended", Of(Paused, Scheduled, s => s with { PauseReschedule = true }, run: run => run with { HasDeployment = true }, toName: "Resuming"), "ACCEPT Resuming resuming"),

        ("CopyScheduledTime", "claimed", Of(Scheduled, Pending, s => s with { ScheduledTime = _now.AddSeconds(9) }), "ACCEPT Pending +9 s"),
        ("CopyScheduledTime", "the worker says another time", Of(Scheduled, Pending, s => s with { ScheduledTime = _now.AddSeconds(9) }, s => s with { ScheduledTime = _now.AddSeconds(4) }), "ACCEPT Pending +4 s"),
        ("CopyScheduledTime", "running", Of(Pending, Running, s => s with { ScheduledTime = _now }), "ACCEPT Running"),

        ("WaitForScheduledTime", "too early", Of(Pending, Running, s => s with { ScheduledTime = _now.AddSeconds(2.26) }), "WAIT 2: Scheduled time is in the future"),
        ("WaitForScheduledTime", "rounded up", Of(Scheduled, Running, s => s with { ScheduledTime = _now.AddSeconds(0.56) }), "WAIT 1: Scheduled time is in the future"),
        ("WaitForScheduledTime", "near enough", Of(Pending, Running, s => s with { ScheduledTime = _now.AddSeconds(0.5) }), "ACCEPT Running"),
        ("WaitForScheduledTime", "due", Of(Pending, Running, s => s with { ScheduledTime = _now.AddSeconds(-60) }), "ACCEPT Running"),

        ("RetryFailedFlows", "retries left", Of(Running, Failed, run: run => run with { RunCount = 2, Policy = new() { Retries = 2, RetryDelay = 7, PauseKeys = ["k"] } }), "REJECT AwaitingRetry +7 s retry_type=in_process: Retrying"),
        ("RetryFailedFlows", "none left", Of(Running, Failed, run: run => run with { RunCount = 3, Policy = new() { Retries = 2, RetryType = "in_process" } }), "ACCEPT Failed"),
        ("RetryFailedFlows", "crashed", Of(Running, Crashed, run: run => run with { RunCount = 1, Policy = new() { Retries = 2 } }), "ACCEPT Crashed"),

        ("RemoveResumingIndicator", "running", Of(Pending, Running, run: run => run with { Policy = new() { Resuming = true } }), "ACCEPT Running"),
        ("RemoveResumingIndicator", "pending", Of(Scheduled, Pending, run: run => run with { Policy = new() { Resuming = true } }), "ACCEPT Pending resuming"),

        ("EndRetriesInProcess", "put back by its owner", Of(Running, Scheduled, run: run => run with { Policy = new() { RetryType = "in_process" } }), "ACCEPT Scheduled"),
        ("EndRetriesInProcess", "running again", Of(Scheduled, Running, run: run => run with { Policy = new() { RetryType = "in_process" } }), "ACCEPT Running retry_type=in_process"),
    ];

    public static TheoryData<string, string> Cases => [.. _cases.Select(each => (each.Rule, each.Case))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_rule_answers(string rule, string name)
    {
        var (_, _, transition, answer) = _cases.Single(each => each.Rule == rule && each.Case == name);
        TransitionRules.Table.Single(row => row.Name == rule).ShouldNotBeNull();
        Describe(transition, TransitionRules.Decide(transition)).ShouldBe(answer);
    }

    [Fact]
    public void Every_row_of_the_table_has_its_cases_in_its_order() =>
        _cases.Select(each => each.Rule).Distinct().ShouldBe(TransitionRules.Table.Select(row => row.Name));

    [Fact]
    public void Prefects_rules_stand_in_Prefects_order() =>
        TransitionRules.Table.Select(row => row.Name).Where(_prefect.Contains).ShouldBe(_prefect);

    /// <summary>The table of the contract (prefect-api.md, 2.6).</summary>
    private static readonly string[] _prefect =
    [
        "PreserveDeploymentConcurrencyLeaseId", "PreventDuplicateTransitions", "HandleFlowTerminalStateTransitions", "EnforceCancellingToCancelledTransition",
        "BypassCancellingFlowRunsWithNoInfra", "PreventPendingTransitions", "ValidateDeploymentConcurrencyAtRunning", "SecureFlowConcurrencySlots",
        "EnsureOnlyScheduledFlowsMarkedLate", "HandlePausingFlows", "HandleResumingPausedFlows", "CopyScheduledTime", "WaitForScheduledTime", "RetryFailedFlows",
    ];

    public static TheoryData<string, string> Forced => new()
    {
        { "PENDING from CANCELLED", "ACCEPT Pending" },
        { "CANCELLING from SCHEDULED", "REJECT Cancelled: Scheduled flow run has no infrastructure to terminate." },
        { "CANCELLED from RUNNING", "ACCEPT Cancelled" },
    };

    [Theory]
    [MemberData(nameof(Forced))]
    public void Force_skips_all_rules_but_that_of_runs_without_infrastructure(string what, string answer)
    {
        string[] words = what.Split(' ');
        Transition transition = Of(Enum.Parse<StateType>(words[2], ignoreCase: true), Enum.Parse<StateType>(words[0], ignoreCase: true));
        Describe(transition, TransitionRules.Force(transition)).ShouldBe(answer);
        TransitionRules.Force(transition with { IsOfLostAttempt = true }).Status.ShouldBe(SetStateStatus.Abort);
    }

    /// <summary>Status, the name of the state that is written, what it inherits, the policy where it differs from none; the reason.</summary>
    private static string Describe(Transition t, Outcome outcome)
    {
        var words = new List<string> { outcome.Status.ToString().ToUpperInvariant() };
        if (outcome.DelaySeconds is { } delay)
            words.Add(FormattableString.Invariant($"{delay}"));
        if (outcome.Next is { } next)
        {
            words.Add(next.Name!);
            if (next.StateDetails.DeploymentConcurrencyLeaseId is { } lease)
                words.Add(lease == _lease ? "lease" : "new lease");
            if (next.StateDetails.ScheduledTime is { } due && due != _now)
                words.Add(FormattableString.Invariant($"+{(due - _now).TotalSeconds} s"));
            if (outcome.Policy.RetryType is { } retry)
                words.Add($"retry_type={retry}");
            if (outcome.Policy.PauseKeys is { Count: > 0 } keys)
                words.Add($"pause_keys={string.Join(',', keys)}");
            if (outcome.Policy.Resuming == true)
                words.Add("resuming");
            next.StateDetails.FlowRunId.ShouldBe(t.To.StateDetails.FlowRunId);
        }
        return string.Join(' ', words) + (outcome.Reason is null ? "" : $": {outcome.Reason}");
    }

    private static Transition Suspend(Func<RunFacts, RunFacts> run) =>
        Of(Running, Paused, toDetails: s => s with { PauseReschedule = true, PauseKey = "s" }, run: run, toName: "Suspended");

    private static Func<RunFacts, RunFacts> Slots(int taken, bool held = false, bool cancelNew = false, int limit = 1) =>
        run => run with { HasDeployment = true, Slots = new(limit, taken, cancelNew, held, TimeSpan.FromSeconds(300)) };

    private static Transition Of(StateType? from, StateType to, Func<StateDetails, StateDetails>? fromDetails = null, Func<StateDetails, StateDetails>? toDetails = null,
        Func<RunFacts, RunFacts>? run = null, string? fromName = null, string? toName = null, string? data = null) => new()
    {
        From = from is { } type ? At(type, fromName, fromDetails) with { Data = data is null ? null : JsonElement.Parse(data) } : null,
        To = At(to, toName, toDetails),
        Run = run?.Invoke(new()) ?? new(),
        Now = _now,
        NewId = Guid.NewGuid,
    };

    private static State At(StateType type, string? name, Func<StateDetails, StateDetails>? details)
    {
        var given = new StateDetails { ScheduledTime = type == Scheduled ? _now : null };
        return new() { Id = Guid.NewGuid(), Type = type, Name = name ?? type.ToString(), Timestamp = _now, StateDetails = details?.Invoke(given) ?? given };
    }
}
