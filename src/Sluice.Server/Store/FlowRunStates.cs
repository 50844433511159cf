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
        var transition = new Transition
        {
            From = run.State,
            To = Complete(scope, runId, proposed),
            Run = Facts(scope, run, proposed.Type),
            Now = scope.Now,
            NewId = scope.NewId,
        };
        Outcome outcome = options.Force ? TransitionRules.Force(transition) : TransitionRules.Decide(transition);
        if (outcome.Next is { } next)
            Write(scope, run, next, outcome.Policy, outcome.Status == SetStateStatus.Accept ? options.Lease : null);
        else
            scope.Quietly();
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
                DelaySeconds = outcome.Delay?.TotalSeconds,
            },
        };
    }

    /// <summary>What the server itself decides: the state is taken whatever holds.</summary>
    public static void Force(Scope scope, Guid runId, StateCreate state) => Set(scope, runId, state, new() { Force = true });

    /// <summary>Writes a state and keeps the run's books.</summary>
    public static void Write(Scope scope, FlowRun run, State next, FlowRunPolicy policy, TimeSpan? lease = null)
    {
        long seq = scope.Db.Number($"""
            INSERT INTO flow_run_state (id, flow_run_id, type, name, timestamp, message, data, details)
            VALUES ({next.Id}, {run.Id}, {next.Type.Text()}, {next.Name}, {next.Timestamp}, {next.Message}, {Columns.Element(next.Data)}, {Columns.Write(next.StateDetails)})
            RETURNING seq
            """)!.Value;
        State? last = run.State;
        bool final = next.Type.IsFinal(), running = next.Type == StateType.Running;
        bool resumes = last?.Type == StateType.Paused || run.EmpiricalPolicy.Resuming == true;
        DateTimeOffset? started = run.StartTime ?? (running ? next.Timestamp : null), ended = final ? next.Timestamp : null;
        DateTimeOffset? due = next.Type == StateType.Scheduled ? next.StateDetails.ScheduledTime : null;
        TimeSpan ran = last?.Type == StateType.Running ? next.Timestamp - last.Timestamp : TimeSpan.Zero;
        scope.Db.Execute($"""
            UPDATE flow_run SET updated = {scope.Now}, state_seq = {seq}, state_type = {next.Type.Text()}, state_name = {next.Name}, state_time = {next.Timestamp},
                run_count = run_count + {(running && !resumes ? 1 : 0)},
                expected_start_time = {run.ExpectedStartTime ?? due ?? next.Timestamp}, next_scheduled_start_time = {due},
                start_time = {started}, end_time = {ended},
                total_run_time = total_run_time + {ran}, empirical_policy = {Columns.Write(policy)}, retry_type = {policy.RetryType}
                {Leases.Follow(scope, next, policy, lease)}
            WHERE id = {run.Id}
            """);
    }

    private static RunFacts Facts(Scope scope, FlowRun run, StateType proposed)
    {
        bool needsSlot = run.DeploymentId is not null && proposed is StateType.Pending or StateType.Running;
        return new()
        {
            Policy = run.EmpiricalPolicy,
            RunCount = run.RunCount,
            HasDeployment = run.DeploymentId is not null,
            IsSubflow = run.ParentTaskRunId is not null,
            InfrastructurePid = run.InfrastructurePid,
            Slots = needsSlot ? Slots(scope, run) : null,
        };
    }

    /// <summary>
    /// Slots are counted, not booked, so none can leak: every other run of the deployment that is PENDING, RUNNING or CANCELLING holds one, a PENDING
    /// one for the grace only.
    /// </summary>
    private static SlotFacts? Slots(Scope scope, FlowRun run)
    {
        var limits = scope.Db.Query($"SELECT concurrency_limit, concurrency_options FROM deployment WHERE id = {run.DeploymentId}",
            row => (Limit: row.IntOrNull(), Options: row.JsonOrNull(Columns.Type<ConcurrencyOptions>())));
        if (limits is not [{ Limit: { } limit } deployment])
            return null;
        TimeSpan grace = deployment.Options?.GracePeriodSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : SlotFacts.DefaultGrace;
        long taken = scope.Db.Number($"""
            SELECT COUNT(*) FROM flow_run INDEXED BY flow_run_deployment_active WHERE deployment_id = {run.DeploymentId} AND state_type IN ('PENDING', 'RUNNING', 'CANCELLING')
                AND id <> {run.Id} AND (state_type <> 'PENDING' OR state_time > {scope.Now - grace})
            """)!.Value;
        return new(limit, (int)taken, deployment.Options?.CollisionStrategy == "CANCEL_NEW", grace);
    }
}
