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

    private const int Batch = 400;

    /// <summary>Handles a batch of each. Answers whether there may be more, and adds lines worth telling.</summary>
    public static bool Sweep(Scope scope, DateTimeOffset awakeSince, List<string> told)
    {
        int missed = Misfires.Settle(scope, told.Add);
        List<Guid> late = scope.Db.Query($"""
            SELECT id FROM flow_run WHERE state_type = 'SCHEDULED' AND state_name = 'Scheduled' AND next_scheduled_start_time <= {scope.Now - LateAfter}
            ORDER BY next_scheduled_start_time LIMIT {Batch}
            """, row => row.Id());
        foreach (Guid id in late)
            MarkLate(scope, id);

        var vanished = scope.Db.Query($"""
            SELECT id, lease_from, state_type FROM flow_run WHERE lease_expires <= {scope.Now} AND lease_expires IS NOT NULL
                AND lease_expires - lease_from <= {scope.Now - awakeSince}
            ORDER BY lease_expires LIMIT {Batch}
            """, row => (Id: row.Id(), From: row.Time(), Type: Columns.State(row.Text())));
        foreach (var run in vanished)
        {
            string silence = FormattableString.Invariant($"no sign of life for {Math.Round((scope.Now - run.From).TotalSeconds)} s.");
            bool cancelled = run.Type == StateType.Cancelling;
            string message = cancelled ? $"Cancelled; {silence}" : $"The worker and the flow process both vanished: {silence}";
            FlowRunStates.Force(scope, run.Id, new() { Type = cancelled ? StateType.Cancelled : StateType.Crashed, Message = message });
            told.Add($"Flow run {run.Id} is {(cancelled ? "Cancelled" : "Crashed")}. {message}");
        }

        List<Guid> hanging = scope.Db.Query($"""
            SELECT id FROM flow_run WHERE state_type = 'CANCELLING' AND state_time <= {scope.Now - CancellingAtMost} ORDER BY state_time LIMIT {Batch}
            """, row => row.Id());
        foreach (Guid id in hanging)
        {
            string message = FormattableString.Invariant($"Cancelled; nothing confirmed it within {CancellingAtMost.TotalSeconds} s.");
            FlowRunStates.Force(scope, id, new() { Type = StateType.Cancelled, Message = message });
            told.Add($"Flow run {id} is Cancelled. {message}");
        }

        if (missed + late.Count + vanished.Count + hanging.Count == 0)
            scope.Quietly();
        return missed == Misfires.Batch || late.Count == Batch || vanished.Count == Batch || hanging.Count == Batch;
    }

    private static void MarkLate(Scope scope, Guid id)
    {
        DateTimeOffset? due = FlowRuns.Get(scope, id).State!.StateDetails.ScheduledTime;
        FlowRunStates.Force(scope, id, new() { Type = StateType.Scheduled, Name = "Late", StateDetails = new() { ScheduledTime = due } });
    }
}
