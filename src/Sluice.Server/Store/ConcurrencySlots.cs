using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>
/// Takes and frees slots of concurrency limits. A lease that ran out holds nothing: whoever next asks for slots frees those of all leases that are
/// over, in the same transaction, so nothing depends on a service, a restart or on which server looks.
/// </summary>
internal static class ConcurrencySlots
{
    public const double ShortestLease = 60;
    public const double LongestLease = 86_400;
    private const double DefaultLease = 300;

    /// <summary>Prefect averages the time a slot is held over twice as many samples as there are slots.</summary>
    private const double Samples = 2;

    private const double ShortestOccupancy = 0.1;

    public static SlotsAnswer Acquire(Scope scope, SlotsAcquire ask, bool leased)
    {
        Check(ask.Names, ask.Slots);
        TimeSpan lease = leased ? Lease(ask.LeaseDuration ?? DefaultLease) : TimeSpan.Zero;
        FreeExpired(scope);
        List<LimitRow> limits = ConcurrencyLimits.Rows(scope, ask.Names);
        LimitRow[] holding = [.. limits.Where(limit => limit.Active)];
        if (holding.Any(limit => limit.Limit < ask.Slots))
            throw new OrchestrationException(OrchestrationErrorKind.Invalid, "Slots requested is greater than the limit");
        CheckMode(ask.Mode, holding);

        if (holding.Any(limit => limit.ActiveAt(scope.Now) + ask.Slots > limit.Limit))
            return Refused(scope, holding, ask.Slots);
        foreach (LimitRow limit in holding)
            Count(scope, limit, limit.ExactAt(scope.Now) + ask.Slots, limit.DeniedAt(scope.Now));
        scope.Quietly(); // nobody waits for fewer free slots
        return new() { Acquired = true, Limits = Names(limits), LeaseId = leased ? Hold(scope, holding, ask.Slots, lease, ask.Holder) : null };
    }

    /// <summary>Holds one slot of one limit for somebody, beyond the limit where that must be.</summary>
    public static void Hold(Scope scope, LimitRow limit, SlotsHolder holder, TimeSpan lease)
    {
        Count(scope, limit, limit.ExactAt(scope.Now) + 1, limit.DeniedAt(scope.Now));
        Hold(scope, [limit], 1, lease, holder);
    }

    /// <summary>Answers the limits that exist.</summary>
    public static IReadOnlyList<SlotsLimit> Give(Scope scope, SlotsRelease give)
    {
        Check(give.Names, give.Slots);
        if (give.OccupancySeconds <= 0)
            throw Refuse.Invalid("body.occupancy_seconds", $"occupancy_seconds must be more than 0, found {give.OccupancySeconds}.");
        List<LimitRow> limits = ConcurrencyLimits.Rows(scope, give.Names);
        foreach (LimitRow limit in limits.Where(limit => limit.Active))
            Free(scope, limit, give.Slots, give.OccupancySeconds);
        return Names(limits);
    }

    public static void Release(Scope scope, Guid leaseId)
    {
        if (!Free(scope, leaseId, scope.Now))
            scope.Quietly();
    }

    /// <summary>Frees the leases that a holder has of a limit.</summary>
    public static void Release(Scope scope, LimitRow limit, Guid holder)
    {
        Sql leases = $"SELECT e.id FROM concurrency_lease e JOIN concurrency_lease_limit m ON m.lease_id = e.id WHERE m.limit_id = {limit.Id} AND e.holder_id = {holder}";
        foreach (Guid lease in scope.Db.Query(leases, row => row.Id()))
            Free(scope, lease, scope.Now);
    }

    /// <summary>Answers false where the lease is over.</summary>
    public static bool Renew(Scope scope, Guid leaseId, TimeSpan lease)
    {
        DateTimeOffset expires = scope.Now + Lease(lease.TotalSeconds);
        scope.Quietly();
        return scope.Db.Execute($"UPDATE concurrency_lease SET expires = {expires} WHERE id = {leaseId} AND expires > {scope.Now}") > 0
            || Slots.Renew(scope, leaseId, lease);
    }

    /// <summary>Who holds slots of a limit, with leases that are not over.</summary>
    public static List<SlotsHolder> Holders(Scope scope, Guid limitId) => scope.Db.Query($"""
        SELECT e.holder_type, e.holder_id FROM concurrency_lease e JOIN concurrency_lease_limit m ON m.lease_id = e.id
        WHERE m.limit_id = {limitId} AND e.expires > {scope.Now} AND e.holder_id IS NOT NULL ORDER BY e.id
        """, row => new SlotsHolder { Type = row.Text(), Id = row.Id() });

    /// <summary>How many slots of a limit are still counted for leases that are over.</summary>
    public static int Expired(Scope scope, Guid limitId) => (int)scope.Db.Number($"""
        SELECT COALESCE(SUM(e.slots), 0) FROM concurrency_lease e JOIN concurrency_lease_limit m ON m.lease_id = e.id
        WHERE m.limit_id = {limitId} AND e.expires <= {scope.Now}
        """)!;

    /// <summary>
    /// Takes a limit out of all leases without counting their slots back. The leases last: they may be of other limits too, and who holds one goes on renewing
    /// it and is not stopped for a limit that was reset. Those that nobody renews, as tags have, end where they hold nothing more.
    /// </summary>
    public static void Forget(Scope scope, Guid limitId)
    {
        List<Guid> leases = scope.Db.Query($"SELECT lease_id FROM concurrency_lease_limit WHERE limit_id = {limitId}", row => row.Id());
        scope.Db.Execute($"DELETE FROM concurrency_lease_limit WHERE limit_id = {limitId}");
        scope.Db.Execute($"""
            DELETE FROM concurrency_lease WHERE id IN ({Sql.List(leases)}) AND expires > {scope.Now + TimeSpan.FromSeconds(LongestLease)}
                AND NOT EXISTS (SELECT 1 FROM concurrency_lease_limit m WHERE m.lease_id = concurrency_lease.id)
            """);
    }

    private static void FreeExpired(Scope scope)
    {
        var over = scope.Db.Query($"SELECT id, expires FROM concurrency_lease WHERE expires <= {scope.Now}", row => (Id: row.Id(), At: row.Time()));
        foreach (var lease in over)
            Free(scope, lease.Id, lease.At);
    }

    private static bool Free(Scope scope, Guid leaseId, DateTimeOffset until)
    {
        var leases = scope.Db.Query($"SELECT created, slots FROM concurrency_lease WHERE id = {leaseId}", row => (Created: row.Time(), Slots: row.Int()));
        if (leases is not [var lease])
            return false;
        foreach (Guid limit in scope.Db.Query($"SELECT limit_id FROM concurrency_lease_limit WHERE lease_id = {leaseId}", row => row.Id()))
            Free(scope, ConcurrencyLimits.Row(scope, limit)!, lease.Slots, Math.Max(ShortestOccupancy, (until - lease.Created).TotalSeconds));
        scope.Db.Execute($"DELETE FROM concurrency_lease WHERE id = {leaseId}");
        return true;
    }

    private static void Free(Scope scope, LimitRow limit, int slots, double? occupancy)
    {
        Count(scope, limit, Math.Max(0, limit.ExactAt(scope.Now) - slots), limit.DeniedAt(scope.Now));
        if (occupancy is { } seconds)
        {
            double samples = Math.Max(1, limit.Limit) * Samples;
            double average = limit.Occupancy + (Math.Max(seconds / slots, ShortestOccupancy) - limit.Occupancy) / samples;
            scope.Db.Execute($"UPDATE concurrency_limit SET avg_slot_occupancy_seconds = {average} WHERE id = {limit.Id}");
        }
    }

    private static void Count(Scope scope, LimitRow limit, double active, double denied) => scope.Db.Execute($"""
        UPDATE concurrency_limit SET updated = {scope.Now}, active_slots = {active}, denied_slots = {denied}, counted_at = {scope.Now} WHERE id = {limit.Id}
        """);

    private static Guid Hold(Scope scope, IEnumerable<LimitRow> limits, int slots, TimeSpan lease, SlotsHolder? holder)
    {
        if (holder is { Type: not ("flow_run" or "task_run" or "deployment") })
            throw Refuse.Invalid("body.holder.type", $"type must be 'flow_run', 'task_run' or 'deployment', found \"{holder.Type}\".");
        Guid id = scope.NewId();
        scope.Db.Execute($"""
            INSERT INTO concurrency_lease (id, created, expires, slots, holder_type, holder_id)
            VALUES ({id}, {scope.Now}, {scope.Now + lease}, {slots}, {holder?.Type}, {holder?.Id})
            """);
        foreach (LimitRow limit in limits)
            scope.Db.Execute($"INSERT INTO concurrency_lease_limit (lease_id, limit_id) VALUES ({id}, {limit.Id})");
        return id;
    }

    /// <summary>Those refused before are counted, so that many who ask at once are told to come back later than a few.</summary>
    private static SlotsAnswer Refused(Scope scope, LimitRow[] limits, int slots)
    {
        double seconds = 0;
        foreach (LimitRow limit in limits)
        {
            double denied = limit.DeniedAt(scope.Now);
            seconds = Math.Max(seconds, limit.RetryAfter(slots, denied));
            Count(scope, limit, limit.ExactAt(scope.Now), denied + slots);
        }
        scope.Quietly();
        // Those who are refused together shall not come back together.
        return new() { Acquired = false, RetryAfter = TimeSpan.FromSeconds(Math.Max(ShortestOccupancy, seconds * (0.7 + 0.6 * Random.Shared.NextDouble()))) };
    }

    private static void CheckMode(string? mode, IEnumerable<LimitRow> limits)
    {
        if (mode is not (null or "concurrency" or "rate_limit"))
            throw Refuse.Invalid("body.mode", $"mode must be 'concurrency' or 'rate_limit', found \"{mode}\".");
        string[] still = [.. limits.Where(limit => limit.Decay == 0).Select(limit => limit.Name)];
        if (mode == "rate_limit" && still.Length > 0)
        {
            throw new OrchestrationException(OrchestrationErrorKind.Invalid,
                $"Only concurrency limits with slot decay can be used for rate limiting. The following limits do not have a decay configured: '{string.Join(',', still)}'");
        }
    }

    private static SlotsLimit[] Names(List<LimitRow> limits) => [.. limits.Select(limit => new SlotsLimit { Id = limit.Id, Name = limit.Name, Limit = limit.Limit })];

    private static void Check(IReadOnlyList<string> names, int slots)
    {
        if (names.Count == 0)
            throw Refuse.Invalid("body.names", "names must name one limit at least.");
        if (slots < 1)
            throw Refuse.Invalid("body.slots", $"slots must be 1 or more, found {slots}.");
    }

    private static TimeSpan Lease(double seconds) => seconds is >= ShortestLease and <= LongestLease
        ? TimeSpan.FromSeconds(seconds)
        : throw Refuse.Invalid("body.lease_duration", $"lease_duration must be {ShortestLease} to {LongestLease} seconds, found {seconds}.");
}
