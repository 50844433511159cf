using Sluice.Orchestration;
using Sluice.Server.Transitions;

namespace Sluice.Server.Store;

/// <summary>The states of runs: decides about proposals by <see cref="TransitionRules"/> and keeps the books of a run.</summary>
internal static class FlowRunStates
{
    /// <summary>Reads the seven columns of a state; null when the run has none.</summary>
    public static State? From(Row row) => row.IdOrNull() is not { } id ? null : new()
    {
        Id = id,
        Type = Columns.State(row.Text()),
        Name = row.Text(),
        Timestamp = row.Time(),
        Message = row.TextOrNull(),
        Data = row.ElementOrNull(),
        StateDetails = row.Json(Columns.Type<StateDetails>()),
    };

    /// <summary>Oldest first.</summary>
    public static List<State> Of(Scope scope, Guid runId) => scope.Db.Query($"""
        SELECT id, type, name, timestamp, message, data, details FROM flow_run_state WHERE flow_run_id = {runId} ORDER BY seq
        """, row => From(row)!);

    public static State? Read(Scope scope, Guid stateId) => scope.Db.Find($"""
        SELECT id, type, name, timestamp, message, data, details FROM flow_run_state WHERE id = {stateId}
        """, row => From(row)!);

    /// <summary>The proposed state with all that the server adds: id, time, the default name, and a due time for SCHEDULED.</summary>
    public static State Complete(Scope scope, Guid runId, StateCreate state)
    {
        StateDetails details = (state.StateDetails ?? new()) with { FlowRunId = runId };
        if (state.Type == StateType.Scheduled)
            details = details with { ScheduledTime = details.ScheduledTime?.ToUniversalTime() ?? scope.Now };
        return new()
        {
            Id = scope.NewId(),
            Type = state.Type,
            Name = state.Name ?? state.Type.ToString(),
            Timestamp = scope.Now,
            Message = state.Message,
            Data = state.Data,
            StateDetails = details,
        };
    }

    public static OrchestrationResult Set(Scope scope, Guid runId, StateCreate proposed, SetStateOptions options)
    {
        FlowRun run = FlowRuns.Get(scope, runId);
        Transition transition = Propose(scope, run, proposed) with
        {
            IsOfLostAttempt = options.Attempt is { } attempt && !Attempts.Holds(scope, runId, attempt),
            IsClaim = options.Lease is not null,
        };
        transition = transition with { Run = Facts(scope, run, proposed.Type, options) };
        Outcome outcome = options.Force ? TransitionRules.Force(transition) : TransitionRules.Decide(transition);
        if (outcome.Next is { } next)
        {
            Write(scope, run, next, outcome.Policy, outcome.Status == SetStateStatus.Accept ? options : default, transition.Run.Slots);
            RunEvents.Changed(scope, run, next);
        }
        else
        {
            scope.Quietly();
        }
        return new()
        {
            State = outcome.Next ?? run.State,
            Status = outcome.Status,
            Details = new()
            {
                Type = outcome.Status switch
                {
                    SetStateStatus.Accept => "accept_details",
                    SetStateStatus.Reject => "reject_details",
                    SetStateStatus.Wait => "wait_details",
                    _ => "abort_details",
                },
                Reason = outcome.Reason,
                DelaySeconds = outcome.DelaySeconds,
            },
        };
    }

    /// <summary>What the server itself decides: the state is taken whatever holds.</summary>
    public static void Impose(Scope scope, Guid runId, StateCreate state)
    {
        FlowRun run = FlowRuns.Get(scope, runId);
        Outcome outcome = TransitionRules.Impose(Propose(scope, run, state));
        Write(scope, run, outcome.Next!, outcome.Policy);
        RunEvents.Changed(scope, run, outcome.Next!);
    }

    /// <summary>Writes a state and keeps the run's books.</summary>
    public static void Write(Scope scope, FlowRun run, State next, FlowRunPolicy policy, SetStateOptions options = default, SlotFacts? slots = null)
    {
        long seq = scope.Db.Number($"""
            INSERT INTO flow_run_state (id, flow_run_id, type, name, timestamp, message, data, details)
            VALUES ({next.Id}, {run.Id}, {next.Type.Text()}, {next.Name}, {next.Timestamp}, {next.Message}, {Columns.Element(next.Data)}, {Columns.Write(next.StateDetails)})
            RETURNING seq
            """)!.Value;
        State? last = run.State;
        bool final = next.Type.IsFinal(), running = next.Type == StateType.Running;
        bool resumes = last?.Type == StateType.Paused || run.EmpiricalPolicy.Resuming == true;
        DateTimeOffset? started = run.StartTime ?? (running || final ? next.Timestamp : null), ended = final ? next.Timestamp : null;
        DateTimeOffset? due = next.Type == StateType.Scheduled ? next.StateDetails.ScheduledTime : null;
        DateTimeOffset? pause = next.Type == StateType.Paused ? next.StateDetails.PauseTimeout?.ToUniversalTime() : null;
        TimeSpan ran = last?.Type == StateType.Running ? next.Timestamp - last.Timestamp : TimeSpan.Zero;
        scope.Db.Execute($"""
            UPDATE flow_run SET updated = {scope.Now}, state_seq = {seq}, state_type = {next.Type.Text()}, state_name = {next.Name}, state_time = {next.Timestamp},
                run_count = run_count + {(running && !resumes ? 1 : 0)},
                expected_start_time = {run.ExpectedStartTime ?? due ?? next.Timestamp}, next_scheduled_start_time = {due},
                start_time = {started}, end_time = {ended}, pause_expires = {pause},
                total_run_time = total_run_time + {ran}, empirical_policy = {Columns.Write(policy)}, retry_type = {policy.RetryType}
                {Leases.Follow(scope, next, policy, options.Lease)} {Attempts.Follow(next, policy, options)} {Slots.Follow(scope, last, next, slots, options)}
            WHERE id = {run.Id}
            """);
        if (run.ParentTaskRunId is { } parent)
            Tasks.TaskRunStates.Follow(scope, parent, run.Id, next);
    }

    private static Transition Propose(Scope scope, FlowRun run, StateCreate proposed) => new()
    {
        From = run.State,
        To = Complete(scope, run.Id, proposed),
        Run = new() { Policy = run.EmpiricalPolicy },
        Now = scope.Now,
        NewId = scope.NewId,
    };

    private static RunFacts Facts(Scope scope, FlowRun run, StateType proposed, SetStateOptions options)
    {
        bool needsSlot = run.DeploymentId is not null && proposed is StateType.Pending or StateType.Running;
        return new()
        {
            Policy = run.EmpiricalPolicy,
            RunCount = run.RunCount,
            HasDeployment = run.DeploymentId is not null,
            // Our workers cancel what lost its deployment, and need the claim for that.
            LacksDeployment = needsSlot && options.Lease is null && !scope.Db.Exists($"SELECT 1 FROM deployment WHERE id = {run.DeploymentId}"),
            IsSubflow = run.ParentTaskRunId is not null,
            InfrastructurePid = run.InfrastructurePid,
            Slots = needsSlot ? Slots.Of(scope, run) : null,
            // Looking for runs honours the limits of queue and pool, but two workers may look at once. Prefect's own workers are judged as there, by the look alone.
            FullAt = proposed == StateType.Pending && options.Lease is not null && run.StateType != StateType.Pending ? Claims.FullAt(scope, run) : null,
        };
    }
}
