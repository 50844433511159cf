using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>Concurrency limits as rows; <see cref="ConcurrencySlots"/> counts their slots.</summary>
internal static class ConcurrencyLimits
{
    /// <summary>What Prefect takes for the time that a slot is held, until one was held.</summary>
    public const double FirstOccupancy = 2;

    private static readonly Sql _select = Sql.Raw("""
        SELECT l.id, l.created, l.updated, l.active, l.name, l.slots, l.active_slots, l.denied_slots, l.counted_at, l.slot_decay_per_second, l.avg_slot_occupancy_seconds
        FROM concurrency_limit l
        """);

    public static LimitRow? Row(Scope scope, Guid id) => scope.Db.Find($"{_select} WHERE l.id = {id}", From);

    public static LimitRow? Row(Scope scope, string name) => scope.Db.Find($"{_select} WHERE l.name = {name}", From);

    public static List<LimitRow> Rows(Scope scope, IEnumerable<string> names) => scope.Db.Query($"{_select} WHERE l.name IN ({Sql.List(names)}) ORDER BY l.name", From);

    public static List<LimitRow> Rows(Scope scope, Sql where, ConcurrencyLimitsQuery query)
    {
        (int limit, int offset) = Refuse.BadPage(query.Limit, query.Offset);
        return scope.Db.Query($"{_select} WHERE {where} ORDER BY l.name LIMIT {limit} OFFSET {offset}", From);
    }

    /// <summary>As those outside see it, without the slots of leases that are over.</summary>
    public static GlobalConcurrencyLimit Seen(Scope scope, LimitRow row) => new()
    {
        Id = row.Id,
        Created = row.Created,
        Updated = row.Updated,
        Active = row.Active,
        Name = row.Name,
        Limit = row.Limit,
        ActiveSlots = Math.Max(0, row.ActiveAt(scope.Now) - ConcurrencySlots.Expired(scope, row.Id)),
        SlotDecayPerSecond = row.Decay,
    };

    public static GlobalConcurrencyLimit Create(Scope scope, ConcurrencyLimitCreate create)
    {
        Check(create.Name, create.Limit, create.ActiveSlots, create.DeniedSlots, create.SlotDecayPerSecond);
        BadName(scope, create.Name, null);
        Guid id = scope.NewId();
        scope.Db.Execute($"""
            INSERT INTO concurrency_limit (id, created, updated, active, name, slots, active_slots, denied_slots, counted_at, slot_decay_per_second, avg_slot_occupancy_seconds)
            VALUES ({id}, {scope.Now}, {scope.Now}, {create.Active ?? true}, {create.Name}, {create.Limit}, {(double)(create.ActiveSlots ?? 0)},
                {(double)(create.DeniedSlots ?? 0)}, {scope.Now}, {create.SlotDecayPerSecond ?? 0}, {FirstOccupancy})
            """);
        return Seen(scope, Row(scope, id)!);
    }

    public static void Update(Scope scope, LimitRow row, ConcurrencyLimitUpdate update)
    {
        Check(update.Name ?? row.Name, update.Limit, update.ActiveSlots, update.DeniedSlots, update.SlotDecayPerSecond);
        if (update.Name is { } name)
            BadName(scope, name, row.Id);
        if (update.ActiveSlots is not null)
            ConcurrencySlots.Forget(scope, row.Id); // who thinks to hold a slot must not give back what the new number does not count
        scope.Db.Execute($"""
            UPDATE concurrency_limit SET updated = {scope.Now}, active = {update.Active ?? row.Active}, name = {update.Name ?? row.Name}, slots = {update.Limit ?? row.Limit},
                active_slots = {update.ActiveSlots ?? row.ExactAt(scope.Now)}, denied_slots = {update.DeniedSlots ?? row.DeniedAt(scope.Now)}, counted_at = {scope.Now},
                slot_decay_per_second = {update.SlotDecayPerSecond ?? row.Decay}
            WHERE id = {row.Id}
            """);
    }

    public static bool Delete(Scope scope, Guid id)
    {
        ConcurrencySlots.Forget(scope, id);
        return scope.Db.Execute($"DELETE FROM concurrency_limit WHERE id = {id}") > 0;
    }

    private static void Check(string name, params ReadOnlySpan<double?> numbers)
    {
        if (!name.StartsWith(TagLimits.Prefix, StringComparison.Ordinal)) // a tag may be any text
            Refuse.BadName(name, "concurrency limit");
        string[] fields = ["limit", "active_slots", "denied_slots", "slot_decay_per_second"];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (numbers[i] < 0)
                throw Refuse.Invalid("body." + fields[i], $"{fields[i]} must be 0 or more, found {numbers[i]}.");
        }
    }

    private static void BadName(Scope scope, string name, Guid? own)
    {
        if (Row(scope, name) is { } other && other.Id != own)
            throw Refuse.Conflict($"A concurrency limit with the name \"{name}\" already exists.");
    }

    private static LimitRow From(Row row) => new(row.Id(), row.Time(), row.Time(), row.Flag(), row.Text(), row.Int(), row.Real(), row.Real(), row.Time(), row.Real(), row.Real());
}

/// <summary>A row of a limit, whose slots decay since they were counted.</summary>
internal sealed record LimitRow(
    Guid Id, DateTimeOffset Created, DateTimeOffset Updated, bool Active, string Name, int Limit, double ActiveSlots, double DeniedSlots, DateTimeOffset CountedAt, double Decay, double Occupancy)
{
    /// <summary>Prefect's <c>maximum_concurrency_slot_wait_seconds</c> and its twin for tags.</summary>
    private const double LongestWait = 30;

    /// <summary>Nothing is known of a limit that decays so slowly: who waits asks again tomorrow.</summary>
    private const double LongestDecay = 86_400;

    private const double ShortestOccupancy = 0.1;

    /// <summary>How long a slot is held, as far as that is to be waited for.</summary>
    public double Wait => Math.Clamp(Occupancy, ShortestOccupancy, LongestWait);

    /// <summary>Occupied slots with the part of the one that is decaying.</summary>
    public double ExactAt(DateTimeOffset now) => Math.Max(0, ActiveSlots - Decay * Since(now));

    /// <summary>Occupied slots: one that decays is free when it is gone.</summary>
    public int ActiveAt(DateTimeOffset now) => (int)Math.Min(int.MaxValue, Math.Ceiling(ExactAt(now) - 1e-9));

    public double DeniedAt(DateTimeOffset now) => Math.Max(0, DeniedSlots - (Decay > 0 ? Decay : 1 / Wait) * Since(now));

    /// <summary>About when so many slots may be free, in seconds: by their decay, within a day, or by how long they are held, but never long.</summary>
    public double RetryAfter(int slots, double denied) => Decay > 0
        ? Math.Min((slots + denied) / Decay, LongestDecay)
        : Math.Min(Wait * (slots + denied) / Math.Max(1, Limit), LongestWait);

    private double Since(DateTimeOffset now) => Math.Max(0, (now - CountedAt).TotalSeconds);
}
