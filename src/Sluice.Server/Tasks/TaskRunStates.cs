using System.Globalization;
using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Tasks;

/// <summary>The states of task runs: decides by <see cref="TaskRunRules"/> and keeps the books of a task run.</summary>
internal static class TaskRunStates
{
    private static readonly Sql _select = Sql.Raw("SELECT s.id, s.type, s.name, s.timestamp, s.message, s.data, s.details FROM task_run_state s");

    public static List<State> Of(Scope scope, Guid taskRunId) => scope.Db.Query($"{_select} WHERE s.task_run_id = {taskRunId} ORDER BY s.timestamp, s.seq", row => FlowRunStates.From(row)!);

    public static State? Read(Scope scope, Guid id) => scope.Db.Find($"{_select} WHERE s.id = {id}", row => FlowRunStates.From(row)!);

    public static OrchestrationResult Set(Scope scope, Guid taskRunId, StateCreate proposed, bool force)
    {
        TaskRun run = TaskRuns.Read(scope, taskRunId) ?? throw Refuse.NotFound($"Task run with id {taskRunId} not found");
        State to = Complete(scope, run, proposed);
        FlowRun? flowRun = run.FlowRunId is { } id ? FlowRuns.Read(scope, id) : null;
        var transition = new TaskTransition(run, to, flowRun, Cached(scope, to), scope.Now, scope.NewId);
        TaskOutcome outcome = force ? new(SetStateStatus.Accept, to) : TaskRunRules.Decide(transition);
        if (outcome.Next is { } next)
            Write(scope, outcome.ResetsRunCount ? run with { RunCount = 0 } : run, next with { StateDetails = next.StateDetails with { TaskRunId = run.Id, FlowRunId = run.FlowRunId } }, flowRun);
        else
            scope.Quietly();
        return new()
        {
            State = TaskRuns.Read(scope, run.Id)!.State,
            Status = outcome.Status,
            Details = new() { Type = outcome.Status.ToString().ToLowerInvariant() + "_details", Reason = outcome.Reason, DelaySeconds = outcome.DelaySeconds },
        };
    }

    /// <summary>A task run that stands for a run in its parent has that run's state, whatever the rules of task runs say (Prefect behaviour).</summary>
    public static void Follow(Scope scope, Guid taskRunId, Guid childId, State state)
    {
        if (TaskRuns.Read(scope, taskRunId) is not { } run)
            return;
        StateDetails details = state.StateDetails with { TaskRunId = run.Id, FlowRunId = run.FlowRunId, ChildFlowRunId = childId };
        Write(scope, run, state with { Id = scope.NewId(), StateDetails = details }, run.FlowRunId is { } id ? FlowRuns.Read(scope, id) : null);
    }

    /// <summary>Writes a state unless it is there, and answers its number.</summary>
    public static long Insert(Scope scope, Guid taskRunId, State state) =>
        scope.Db.Number($"""
            INSERT INTO task_run_state (id, task_run_id, type, name, timestamp, message, data, details)
            VALUES ({state.Id}, {taskRunId}, {state.Type.Text()}, {state.Name ?? state.Type.ToString()}, {state.Timestamp}, {state.Message}, {Columns.Element(state.Data)},
                {Columns.Write(state.StateDetails)})
            ON CONFLICT (id) DO NOTHING RETURNING seq
            """) ?? scope.Db.Number($"SELECT seq FROM task_run_state WHERE id = {state.Id}")!.Value;

    private static State Complete(Scope scope, TaskRun run, StateCreate state)
    {
        StateDetails details = (state.StateDetails ?? new()) with { TaskRunId = run.Id, FlowRunId = run.FlowRunId };
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

    private static void Write(Scope scope, TaskRun run, State next, FlowRun? flowRun)
    {
        long seq = Insert(scope, run.Id, next);
        bool final = next.Type.IsFinal(), running = next.Type == StateType.Running;
        DateTimeOffset? due = next.Type == StateType.Scheduled ? next.StateDetails.ScheduledTime : null;
        TimeSpan ran = run.State?.Type == StateType.Running ? next.Timestamp - run.State.Timestamp : TimeSpan.Zero;
        scope.Db.Execute($"""
            UPDATE task_run SET updated = {scope.Now}, state_seq = {seq}, state_type = {next.Type.Text()}, state_name = {next.Name}, state_time = {next.Timestamp},
                run_count = {run.RunCount + (running ? 1 : 0)}, flow_run_run_count = {(running && flowRun is not null ? flowRun.RunCount : run.FlowRunRunCount)},
                expected_start_time = {run.ExpectedStartTime ?? due ?? next.Timestamp}, next_scheduled_start_time = {due},
                start_time = {run.StartTime ?? (running ? next.Timestamp : null)}, end_time = {(DateTimeOffset?)(final ? next.Timestamp : null)},
                total_run_time = total_run_time + {ran}
            WHERE id = {run.Id}
            """);
    }

    private static State? Cached(Scope scope, State to) => to is { Type: StateType.Running, StateDetails.CacheKey: { } key }
        ? scope.Db.Find(CachedQuery(key, scope.Now), row => FlowRunStates.From(row)!)
        : null;

    /// <summary>The newest result with a key that holds now, to the millisecond: one walk of the index task_run_state_cache.</summary>
    internal static Sql CachedQuery(string key, DateTimeOffset now) => $"""
        {_select} WHERE s.type = 'COMPLETED' AND s.details ->> 'cache_key' = {key}
            AND (s.details ->> 'cache_expiration' IS NULL OR julianday(s.details ->> 'cache_expiration') > julianday({now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}))
        ORDER BY s.seq DESC LIMIT 1
        """;
}
