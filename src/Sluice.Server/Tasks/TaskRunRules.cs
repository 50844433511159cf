using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Tasks;

/// <summary>
/// What is known of a task run when a state is proposed: its flow run, where it has one that exists, and the newest COMPLETED state under the
/// proposed cache key, where one still holds.
/// </summary>
internal sealed record TaskTransition(TaskRun Run, State To, FlowRun? FlowRun, State? Cached, DateTimeOffset Now, Func<Guid> NewId)
{
    public State? From => Run.State;
}

/// <summary>What becomes of a proposed state of a task run, and whether its retries begin anew.</summary>
internal sealed record TaskOutcome(SetStateStatus Status, State? Next, string? Reason = null, int? DelaySeconds = null, bool ResetsRunCount = false);

/// <summary>
/// Prefect's <c>CoreTaskPolicy</c>: the rules of task-run states in its order of priority, without the limits by tag, which Prefect's own programs
/// ask for themselves at <c>/v2/concurrency_limits</c>.
/// </summary>
internal static class TaskRunRules
{
    private const int LongestCacheKey = 2000;

    private static readonly Func<TaskTransition, TaskOutcome?>[] _rules =
    [
        TakeFromCache,
        HandleTerminalStates,
        RunOnlyInRunningFlows,
        WaitForScheduledTime,
        RetryFailedRuns,
        RefuseLongCacheKeys,
    ];

    public static TaskOutcome Decide(TaskTransition transition)
    {
        foreach (Func<TaskTransition, TaskOutcome?> rule in _rules)
        {
            if (rule(transition) is { } outcome)
                return outcome;
        }
        return new(SetStateStatus.Accept, WithCopiedTime(Renamed(transition)), ResetsRunCount: transition.From?.Type.IsFinal() == true && !transition.To.Type.IsFinal());
    }

    private static TaskOutcome? TakeFromCache(TaskTransition t) =>
        t.To.Type == StateType.Running && t.Cached is { } cached && t.To.StateDetails.RefreshCache != true
            ? new(SetStateStatus.Reject, cached with { Id = t.NewId(), Name = "Cached", Timestamp = t.Now }, "Retrieved state from cache")
            : null;

    private static TaskOutcome? HandleTerminalStates(TaskTransition t)
    {
        if (t.From is not { } from || !from.Type.IsFinal())
            return null;
        if (t.To.Type is StateType.Crashed or StateType.Cancelling or StateType.Paused)
            return new(SetStateStatus.Abort, null, $"Run is already {from.Type.ToString().ToUpperInvariant()}.");
        bool keeps = from.Data is { ValueKind: JsonValueKind.Object } data && !(data.TryGetProperty("type", out JsonElement type) && type.ValueEquals("unpersisted"));
        return from.Type == StateType.Completed && keeps ? new(SetStateStatus.Reject, null, "This run is already completed.") : null;
    }

    private static TaskOutcome? RunOnlyInRunningFlows(TaskTransition t)
    {
        if (t.To.Type != StateType.Running || t.FlowRun is not { } flow)
            return null;
        if (flow.State is { Type: StateType.Paused } paused)
        {
            State waiting = new()
            {
                Id = t.NewId(),
                Type = StateType.Paused,
                Name = "NotReady",
                Timestamp = t.Now,
                StateDetails = new()
                {
                    FlowRunId = flow.Id,
                    TaskRunId = t.Run.Id,
                    PauseTimeout = paused.StateDetails.PauseTimeout,
                    PauseReschedule = paused.StateDetails.PauseReschedule,
                },
            };
            return new(SetStateStatus.Reject, waiting, $"The flow is paused, new tasks can execute after resuming flow run: {flow.Id}.");
        }
        return flow.StateType == StateType.Running ? null : new(SetStateStatus.Abort, null, "The enclosing flow must be running to begin task execution.");
    }

    private static TaskOutcome? WaitForScheduledTime(TaskTransition t) =>
        t.To.Type == StateType.Running && t.From is { Type: StateType.Scheduled or StateType.Pending, StateDetails.ScheduledTime: { } due }
            && Math.Round((due - t.Now).TotalSeconds) is > 0 and var seconds
            ? new(SetStateStatus.Wait, null, "Scheduled time is in the future", (int)Math.Min(int.MaxValue, seconds))
            : null;

    private static TaskOutcome? RetryFailedRuns(TaskTransition t)
    {
        if (t.From?.Type != StateType.Running || t.To.Type != StateType.Failed || t.To.StateDetails.Retriable == false
            || t.Run.EmpiricalPolicy.Retries is not { } retries || t.Run.RunCount > retries)
        {
            return null;
        }
        State retry = t.To with
        {
            Type = StateType.Scheduled,
            Name = "AwaitingRetry",
            StateDetails = new() { FlowRunId = t.Run.FlowRunId, TaskRunId = t.Run.Id, ScheduledTime = t.Now + t.Run.EmpiricalPolicy.DelayAfter(t.Run.RunCount) },
        };
        return new(SetStateStatus.Reject, retry, "Retrying");
    }

    private static TaskOutcome? RefuseLongCacheKeys(TaskTransition t) =>
        t.To.Type == StateType.Completed && t.To.StateDetails.CacheKey?.Length > LongestCacheKey
            ? new(SetStateStatus.Reject, t.To with { StateDetails = t.To.StateDetails with { CacheKey = null } },
                FormattableString.Invariant($"Cache key exceeded maximum allowed length of {LongestCacheKey} characters."))
            : null;

    private static (State? From, State To) Renamed(TaskTransition t)
    {
        if (t.To.Type != StateType.Running || t.From is null)
            return (t.From, t.To);
        bool flowRetries = t.From.Type.IsFinal() && t.FlowRun is { } flow && t.Run.FlowRunRunCount < flow.RunCount;
        // What left a final state begins to count anew, so that only the flow's retry shows.
        string? name = flowRetries || t.Run.RunCount > 0 && t.From.Name == "AwaitingRetry" ? "Retrying"
            : t.Run.RunCount > 0 && !t.From.Type.IsFinal() ? "Rerunning" : null;
        return (t.From, name is null ? t.To : t.To with { Name = name });
    }

    private static State WithCopiedTime((State? From, State To) t) => t is ({ Type: StateType.Scheduled, StateDetails.ScheduledTime: { } due }, { Type: StateType.Pending, StateDetails.ScheduledTime: null })
        ? t.To with { StateDetails = t.To.StateDetails with { ScheduledTime = due } }
        : t.To;
}
