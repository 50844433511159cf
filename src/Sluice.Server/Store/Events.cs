using Sluice.Orchestration;
using Sluice.Server.Events;

namespace Sluice.Server.Store;

/// <summary>The table of events. It cleans itself: every so many insertions take away what is older than <see cref="Kept"/>.</summary>
internal static class Events
{
    /// <summary>Prefect's <c>server.events.retention_period</c>.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>Each so-manieth event cleans, and up to twice as many go at once, so the table shrinks while it is used.</summary>
    internal const int CleanEvery = 256;

    private const int ScanPage = 500;

    private static readonly Sql _select = Sql.Raw("SELECT e.seq, e.occurred, e.event, e.resource, e.related, e.payload, e.id, e.follows, e.received FROM event e");

    /// <summary>Keeps what clients report; an event that is there already is not kept twice.</summary>
    public static void Create(Scope scope, IReadOnlyList<EventCreate> events)
    {
        for (int i = 0; i < events.Count; i++)
            EventRules.Check(events[i], FormattableString.Invariant($"body.{i}"));
        foreach (EventCreate received in events)
        {
            long? seq = scope.Db.Number($"""
                INSERT INTO event (id, occurred, received, event, resource_id, resource, related, payload, follows)
                VALUES ({received.Id}, {received.Occurred}, {scope.Now}, {received.Event}, {received.Resource[ServerEvent.ResourceId]},
                    {Columns.Write(received.Resource)}, {Columns.Write(received.Related)}, {Columns.Element(received.Payload) ?? "{}"}, {received.Follows})
                ON CONFLICT (id) DO NOTHING RETURNING seq
                """);
            if (seq is null)
                continue;
            Clean(scope, seq.Value);
            EventReactions.Run(scope, received);
        }
    }

    /// <summary>
    /// Takes old events away when it is the turn of the one that was just inserted: by when they came, since when they occurred is what their sender says, and
    /// who reads by that behind the present must still find them.
    /// </summary>
    public static void Clean(Scope scope, long? inserted)
    {
        if (inserted is { } seq && seq % CleanEvery == 0)
        {
            scope.Db.Execute($"""
                DELETE FROM event WHERE seq IN (SELECT seq FROM (SELECT seq, received FROM event ORDER BY seq LIMIT {2 * CleanEvery}) WHERE received < {scope.Now - Kept})
                """);
        }
    }

    public static List<ServerEvent> After(Scope scope, long seq, int limit) =>
        scope.Db.Query($"{_select} WHERE e.seq > {seq} ORDER BY e.seq LIMIT {limit}", From);

    public static long Newest(Scope scope) => scope.Db.Number($"SELECT MAX(seq) FROM event") ?? 0;

    /// <summary>A filter's page and count, where the database can answer both by itself.</summary>
    public static (IReadOnlyList<ServerEvent> Page, int Total) List(Scope scope, EventFilter filter, int limit, int offset)
    {
        Sql order = Sql.Raw(filter.Ascending ? "e.occurred, e.seq" : "e.occurred DESC, e.seq DESC");
        long total = scope.Db.Number($"SELECT COUNT(*) FROM event e WHERE {Plain(filter)}")!.Value;
        return (scope.Db.Query($"{_select} WHERE {Plain(filter)} ORDER BY {order} LIMIT {limit} OFFSET {offset}", From), (int)total);
    }

    /// <summary>The next events of a scan in the filter's order, after a place in it; the caller judges what the database cannot.</summary>
    public static List<ServerEvent> Scan(Scope scope, EventFilter filter, ServerEvent? after)
    {
        Sql rest = after is null ? Sql.Raw("1")
            : filter.Ascending ? $"(e.occurred, e.seq) > ({after.Body.Occurred}, {after.Seq})" : (Sql)$"(e.occurred, e.seq) < ({after.Body.Occurred}, {after.Seq})";
        Sql order = Sql.Raw(filter.Ascending ? "e.occurred, e.seq" : "e.occurred DESC, e.seq DESC");
        return scope.Db.Query($"{_select} WHERE {Plain(filter)} AND {rest} ORDER BY {order} LIMIT {ScanPage}", From);
    }

    private static Sql Plain(EventFilter filter)
    {
        List<Sql> all = [$"e.occurred >= {filter.Since}", $"e.occurred <= {filter.Until}"];
        void Prefixes(string column, IReadOnlyList<string> prefixes)
        {
            if (prefixes.Count > 0)
                all.Add($"({Sql.Join(" OR ", [.. prefixes.Select(prefix => (Sql)$"substr({Sql.Raw(column)}, 1, {Length(prefix)}) = {prefix}")], "1")})");
        }
        Prefixes("e.event", filter.Names.Prefixes);
        Prefixes("e.resource_id", filter.Resource.IdPrefixes);
        all.AddRange(filter.Names.ExcludePrefixes.Select(prefix => (Sql)$"substr(e.event, 1, {Length(prefix)}) <> {prefix}"));
        if (filter.Names.Names.Count > 0)
            all.Add($"e.event IN ({Sql.List(filter.Names.Names)})");
        if (filter.Names.ExcludeNames.Count > 0)
            all.Add($"e.event NOT IN ({Sql.List(filter.Names.ExcludeNames)})");
        if (filter.Resource.Ids.Count > 0)
            all.Add($"e.resource_id IN ({Sql.List(filter.Resource.Ids)})");
        if (filter.Ids.Count > 0)
            all.Add($"e.id IN ({Sql.List(filter.Ids)})");
        return Sql.Join(" AND ", all, "1");
    }

    /// <summary>A text's length as the database counts it, in code points.</summary>
    private static int Length(string text) => text.EnumerateRunes().Count();

    private static ServerEvent From(Row row)
    {
        long seq = row.Number();
        var body = new EventCreate
        {
            Occurred = row.Time(),
            Event = row.Text(),
            Resource = row.Json(Columns.Type<IReadOnlyDictionary<string, string>>()),
            Related = row.Json(Columns.Type<IReadOnlyList<IReadOnlyDictionary<string, string>>>()),
            Payload = row.ElementOrNull(),
            Id = row.Id(),
            Follows = row.IdOrNull(),
        };
        return new(seq, body, row.Time());
    }
}
