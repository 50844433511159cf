using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>
/// Leases: a claimed run has to show signs of life. The worker and the flow program both renew, so a run outlives the death of its worker and
/// is ended by the server when both are gone.
/// </summary>
internal static class Leases
{
    public static void Renew(Scope scope, IReadOnlyList<RunLease> runs, TimeSpan lease)
    {
        Check(lease);
        scope.Quietly();
        foreach ((Guid id, Guid? attempt) in runs)
        {
            Sql held = attempt is { } one ? (Sql)$"attempt = {one} AND" : Sql.Raw("");
            scope.Db.Execute($"""
                UPDATE flow_run SET lease_from = {scope.Now}, lease_expires = {scope.Now + lease}
                WHERE id = {id} AND {held} (state_type IN ('PENDING', 'RUNNING', 'CANCELLING') OR lease_expires IS NOT NULL)
                """);
        }
    }

    /// <summary>The shortest time between heartbeats that Prefect's settings allow.</summary>
    private static readonly TimeSpan _shortestBeat = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A heartbeat event of Prefect's flow engine. From the second one on its run has a lease of three of its beats, so that a run that fell silent is found as
    /// ours are. It keeps the lease where it waits in its own process, paused or for a retry, and goes on beating. A run that never beats has none, and one
    /// of our workers renews its own.
    /// </summary>
    public static void Beat(Scope scope, EventCreate received)
    {
        const string Runs = "prefect.flow-run.";
        if (!received.Resource.TryGetValue("prefect.resource.id", out string? resource) || !resource.StartsWith(Runs, StringComparison.Ordinal)
            || !Guid.TryParse(resource.AsSpan(Runs.Length), out Guid id))
            return;
        Sql alive = $"id = {id} AND (state_type = 'RUNNING' OR lease_expires IS NOT NULL) AND attempt IS NULL";
        long? before = scope.Db.Number($"SELECT beat FROM flow_run WHERE {alive}");
        scope.Db.Execute($"UPDATE flow_run SET beat = {received.Occurred.ToUniversalTime()} WHERE {alive}");
        if (before is not { } ticks || received.Occurred.UtcTicks <= ticks)
            return;
        TimeSpan apart = TimeSpan.FromTicks(Math.Clamp(received.Occurred.UtcTicks - ticks, _shortestBeat.Ticks, TimeSpan.TicksPerDay));
        scope.Db.Execute($"UPDATE flow_run SET lease_from = {scope.Now}, lease_expires = {scope.Now + 3 * apart} WHERE {alive}");
    }

    /// <summary>What a new state means for the lease, as a piece of the run's UPDATE: a claim grants one, an end or a handing back takes it away.</summary>
    public static Sql Follow(Scope scope, State next, FlowRunPolicy policy, TimeSpan? lease)
    {
        bool alive = next.Type is StateType.Pending or StateType.Running or StateType.Cancelling
            || next.Type == StateType.Scheduled && policy.RetryType == "in_process"
            || next.Type == StateType.Paused && next.StateDetails.PauseReschedule != true;
        if (!alive)
            return Sql.Raw(", lease_from = NULL, lease_expires = NULL, beat = NULL");
        if (lease is not { } length)
            return Sql.Raw("");
        Check(length);
        return $", lease_from = {scope.Now}, lease_expires = {scope.Now + length}";
    }

    private static void Check(TimeSpan lease)
    {
        if (lease <= TimeSpan.Zero || lease > TimeSpan.FromDays(1))
            throw Refuse.Invalid("body.lease_seconds", FormattableString.Invariant($"A lease must be above 0 s and at most one day, found {lease.TotalSeconds} s."));
    }
}
