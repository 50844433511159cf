using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Services;

/// <summary>Ends or marks runs that nobody else will: late ones, those without a sign of life, those whose cancelling hangs.</summary>
internal static class RunWatch
{
    /// <summary>Prefect's <c>late_runs.after_seconds</c>.</summary>
    public static readonly TimeSpan LateAfter = TimeSpan.FromSeconds(15);

    /// <summary>After it Prefect's <c>cancellation_cleanup</c> gives up waiting for the infrastructure.</summary>
    public static readonly TimeSpan CancellingAtMost = TimeSpan.FromSeconds(300);

    /// <summary>How often a run whose worker vanished before it started is given to another one: what it needs may be what ends its workers.</summary>
    public const int LostClaimsAtMost = 3;

    private const int Batch = 400;

    /// <summary>Handles a batch of each. Answers whether there may be more, and adds lines worth telling.</summary>
    public static bool Sweep(Scope scope, DateTimeOffset awakeSince, List<string> told)
    {
        int missed = Misfires.Settle(scope, told.Add);
        List<Guid> late = scope.Db.Query($"""
            SELECT id FROM flow_run INDEXED BY flow_run_due WHERE state_type = 'SCHEDULED' AND state_name = 'Scheduled' AND next_scheduled_start_time <= {scope.Now - LateAfter}
            ORDER BY next_scheduled_start_time LIMIT {Batch}
            """, row => row.Id());
        foreach (Guid id in late)
            MarkLate(scope, id);

        List<LostRun> lost = scope.Db.Query($"""
            SELECT id, lease_from, state_type, attempt, COALESCE(work_queue_id, deployment_id), crash_retries, crashes, lost_claims FROM flow_run
            WHERE lease_expires <= {scope.Now} AND lease_expires IS NOT NULL AND lease_expires - lease_from <= {scope.Now - awakeSince}
            ORDER BY lease_expires LIMIT {Batch}
            """, row => new LostRun(row.Id(), row.Time(), Columns.State(row.Text()), row.IdOrNull() is not null, row.IdOrNull() is not null, row.Int(), row.Int(), row.Int()));
        foreach (LostRun run in lost)
            told.Add(GiveUp(scope, run));

        List<Guid> expired = scope.Db.Query($"SELECT id FROM flow_run WHERE pause_expires <= {scope.Now} AND pause_expires IS NOT NULL ORDER BY pause_expires LIMIT {Batch}", row => row.Id());
        foreach (Guid id in expired)
        {
            FlowRunStates.Impose(scope, id, new() { Type = StateType.Failed, Message = "The flow was paused and never resumed." });
            told.Add($"Flow run {id} is Failed. The flow was paused and never resumed.");
        }

        List<Guid> hanging = scope.Db.Query($"""
            SELECT id FROM flow_run INDEXED BY flow_run_cancelling WHERE state_type = 'CANCELLING' AND state_time <= {scope.Now - CancellingAtMost} ORDER BY state_time LIMIT {Batch}
            """, row => row.Id());
        foreach (Guid id in hanging)
        {
            string message = FormattableString.Invariant($"Cancelled; nothing confirmed it within {CancellingAtMost.TotalSeconds} s.");
            FlowRunStates.Impose(scope, id, new() { Type = StateType.Cancelled, Message = message });
            told.Add($"Flow run {id} is Cancelled. {message}");
        }

        if (missed + late.Count + lost.Count + expired.Count + hanging.Count == 0)
            scope.Quietly();
        return missed == Misfires.Batch || late.Count == Batch || lost.Count == Batch || expired.Count == Batch || hanging.Count == Batch;
    }

    private static void MarkLate(Scope scope, Guid id)
    {
        DateTimeOffset? due = FlowRuns.Get(scope, id).State!.StateDetails.ScheduledTime;
        FlowRunStates.Impose(scope, id, new() { Type = StateType.Scheduled, Name = "Late", StateDetails = new() { ScheduledTime = due } });
    }

    /// <summary>Ends the attempt of a run that nobody renews, or gives the run to the next worker. Answers what was done.</summary>
    private static string GiveUp(Scope scope, LostRun run)
    {
        string silence = FormattableString.Invariant($"no sign of life for {Math.Round((scope.Now - run.From).TotalSeconds)} s.");
        FlowRun now = FlowRuns.Get(scope, run.Id);
        StateCreate next = new() { Type = StateType.Crashed, Message = $"The worker and the flow process both vanished: {silence}" };
        if (run.Type == StateType.Cancelling)
        {
            next = new() { Type = StateType.Cancelled, Message = $"Cancelled; {silence}" };
        }
        else if (run.Type == StateType.Pending && run.IsNamed && run.HasQueue && run.LostClaims < LostClaimsAtMost)
        {
            // It never started, and should its process start still, its attempt is refused: nothing is done twice.
            scope.Db.Execute($"UPDATE flow_run SET lost_claims = lost_claims + 1 WHERE id = {run.Id}");
            next = new() { Type = StateType.Scheduled, Message = $"The worker vanished before the flow run started: {silence} It is scheduled again.", StateDetails = new() { ScheduledTime = now.State!.StateDetails.ScheduledTime ?? now.ExpectedStartTime } };
        }
        else if (run.Type != StateType.Pending && run.IsNamed && run.HasQueue && run.Crashes < run.CrashRetries)
        {
            scope.Db.Execute($"UPDATE flow_run SET crashes = crashes + 1 WHERE id = {run.Id}");
            string which = FormattableString.Invariant($"It is scheduled again ({run.Crashes + 1} of {run.CrashRetries}).");
            next = new() { Type = StateType.Scheduled, Name = "AwaitingRetry", Message = $"{next.Message} {which}", StateDetails = new() { ScheduledTime = scope.Now } };
        }
        FlowRunStates.Impose(scope, run.Id, next);
        if (next.Type == StateType.Scheduled)
        {
            FlowRuns.Update(scope, run.Id, new() { EmpiricalPolicy = FlowRuns.Get(scope, run.Id).EmpiricalPolicy with { RetryType = "reschedule" } });
            // That of the attempt that is gone: while the run waits there is none to cancel.
            scope.Db.Execute($"UPDATE flow_run SET infrastructure_pid = NULL WHERE id = {run.Id}");
        }
        Attempts.GiveUp(scope, run.Id);
        return $"Flow run {run.Id} is {next.Name ?? next.Type.ToString()}. {next.Message}";
    }

    /// <param name="Id">The run.</param>
    /// <param name="From">Its last sign of life.</param>
    /// <param name="Type">Its state.</param>
    /// <param name="IsNamed">Whether its attempt can be told from others, so that it can be refused.</param>
    /// <param name="HasQueue">Whether a worker, or a program that serves its own deployments, could take it.</param>
    /// <param name="CrashRetries">How often its flow wants to be scheduled again after a crash.</param>
    /// <param name="Crashes">How often it was.</param>
    /// <param name="LostClaims">How often its worker vanished before it started.</param>
    private readonly record struct LostRun(Guid Id, DateTimeOffset From, StateType Type, bool IsNamed, bool HasQueue, int CrashRetries, int Crashes, int LostClaims);
}
