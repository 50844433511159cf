using Sluice.Orchestration;

namespace Sluice.Server.Store;

internal static class Logs
{
    /// <summary>In the order given. Logs of unknown runs are taken, as Prefect does.</summary>
    public static void Create(Scope scope, IReadOnlyList<LogCreate> logs)
    {
        foreach (LogCreate log in logs)
        {
            scope.Db.Execute($"""
                INSERT INTO log (id, name, level, message, timestamp, flow_run_id, task_run_id)
                VALUES ({scope.NewId()}, {log.Name}, {log.Level}, {log.Message}, {log.Timestamp}, {log.FlowRunId}, {log.TaskRunId})
                """);
        }
    }

    /// <summary>Those committed after a place, in the order of their commits.</summary>
    public static List<(long Seq, Log Log)> After(Scope scope, long seq, int limit) => scope.Db.Query($"""
        SELECT l.seq, l.id, l.name, l.level, l.message, l.timestamp, l.flow_run_id, l.task_run_id FROM log l WHERE l.seq > {seq} ORDER BY l.seq LIMIT {limit}
        """, row => (row.Number(), From(row)));

    /// <summary>Those of a run after a place, in the order of their times.</summary>
    public static List<(long Seq, Log Log)> OfRun(Scope scope, Guid run, DateTimeOffset time, long seq, int limit) => scope.Db.Query($"""
        SELECT l.seq, l.id, l.name, l.level, l.message, l.timestamp, l.flow_run_id, l.task_run_id FROM log l
        WHERE l.flow_run_id = {run} AND (l.timestamp, l.seq) > ({time}, {seq}) ORDER BY l.timestamp, l.seq LIMIT {limit}
        """, row => (row.Number(), From(row)));

    public static List<Log> List(Scope scope, LogsQuery query)
    {
        (int limit, int offset) = Refuse.BadPage(query.Limit, query.Offset);
        Sql order = Sql.Raw(query.Sort switch
        {
            null or "TIMESTAMP_ASC" => "l.timestamp, l.seq",
            "TIMESTAMP_DESC" => "l.timestamp DESC, l.seq DESC",
            { } sort => throw Refuse.Sort(sort, "TIMESTAMP_ASC, TIMESTAMP_DESC"),
        });
        return scope.Db.Query($"""
            SELECT l.id, l.name, l.level, l.message, l.timestamp, l.flow_run_id, l.task_run_id FROM log l
            WHERE {Filters.OfLogs(query.Logs)} ORDER BY {order} LIMIT {limit} OFFSET {offset}
            """, From);
    }

    private static Log From(Row row) => new()
    {
        Id = row.Id(),
        Name = row.Text(),
        Level = row.Int(),
        Message = row.Text(),
        Timestamp = row.Time(),
        FlowRunId = row.IdOrNull(),
        TaskRunId = row.IdOrNull(),
    };
}
