using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>Artifacts, and for each key which is the newest.</summary>
internal static class Artifacts
{
    private const string Sorts = "CREATED_DESC, UPDATED_DESC, ID_DESC, KEY_DESC, KEY_ASC";

    private static readonly Sql _columns = Sql.Raw("a.key, a.type, a.description, a.data, a.metadata, a.flow_run_id, a.task_run_id");

    private static readonly Sql _select = (Sql)$"SELECT a.id, a.created, a.updated, {_columns} FROM artifact a";

    public static Artifact? Read(Scope scope, Guid id) => scope.Db.Find($"{_select} WHERE a.id = {id}", From);

    public static Artifact? Latest(Scope scope, string key) =>
        scope.Db.Find($"{_select} JOIN artifact_collection c ON c.latest_id = a.id WHERE c.key = {key}", From);

    public static List<Artifact> List(Scope scope, ArtifactsQuery query, Sql? more = null)
    {
        (int limit, int offset) = Refuse.BadPage(query.Limit, query.Offset);
        return scope.Db.Query($"{_select} WHERE {Where(query, more)} ORDER BY {Order(query.Sort, "a")} LIMIT {limit} OFFSET {offset}", From);
    }

    public static int Count(Scope scope, ArtifactsQuery query, Sql? more = null) =>
        (int)scope.Db.Number($"SELECT COUNT(*) FROM artifact a WHERE {Where(query, more)}")!;

    /// <summary>The newest of each key, under the ids of their keys.</summary>
    public static List<ArtifactCollection> ListLatest(Scope scope, ArtifactsQuery query, Sql? more = null)
    {
        (int limit, int offset) = Refuse.BadPage(query.Limit, query.Offset);
        return scope.Db.Query($"""
            SELECT c.id, c.created, c.updated, c.latest_id, {_columns} FROM artifact_collection c JOIN artifact a ON a.id = c.latest_id
            WHERE {Where(query, more)} ORDER BY {Order(query.Sort, "c")} LIMIT {limit} OFFSET {offset}
            """, row => new ArtifactCollection
        {
            Id = row.Id(),
            Created = row.Time(),
            Updated = row.Time(),
            LatestId = row.Id(),
            Key = row.Text(),
            Type = row.TextOrNull(),
            Description = row.TextOrNull(),
            Data = row.ElementOrNull(),
            Metadata = row.MapOrNull(),
            FlowRunId = row.IdOrNull(),
            TaskRunId = row.IdOrNull(),
        });
    }

    public static int CountLatest(Scope scope, ArtifactsQuery query, Sql? more = null) =>
        (int)scope.Db.Number($"SELECT COUNT(*) FROM artifact_collection c JOIN artifact a ON a.id = c.latest_id WHERE {Where(query, more)}")!;

    public static Artifact Create(Scope scope, ArtifactCreate artifact)
    {
        Guid id = scope.NewId();
        scope.Db.Execute($"""
            INSERT INTO artifact (id, created, updated, key, type, description, data, metadata, flow_run_id, task_run_id)
            VALUES ({id}, {scope.Now}, {scope.Now}, {artifact.Key}, {artifact.Type}, {artifact.Description}, {Columns.Element(artifact.Data)},
                {Columns.WriteOrNull(artifact.Metadata)}, {artifact.FlowRunId}, {artifact.TaskRunId})
            """);
        if (artifact.Key is { } key)
        {
            scope.Db.Execute($"""
                INSERT INTO artifact_collection (id, created, updated, key, latest_id) VALUES ({scope.NewId()}, {scope.Now}, {scope.Now}, {key}, {id})
                ON CONFLICT (key) DO UPDATE SET latest_id = excluded.latest_id, updated = excluded.updated
                """);
        }
        return Read(scope, id)!;
    }

    public static void Update(Scope scope, Guid id, ArtifactUpdate update)
    {
        Artifact artifact = Read(scope, id) ?? throw Refuse.NotFound("Artifact not found.");
        scope.Db.Execute($"""
            UPDATE artifact SET updated = {scope.Now}, data = {Columns.Element(update.Data ?? artifact.Data)},
                description = {update.Description ?? artifact.Description}, metadata = {Columns.WriteOrNull(update.Metadata ?? artifact.Metadata)}
            WHERE id = {id}
            """);
        scope.Db.Execute($"UPDATE artifact_collection SET updated = {scope.Now} WHERE latest_id = {id}");
    }

    /// <summary>Where it was the newest of its key, the one before it is.</summary>
    public static bool Delete(Scope scope, Guid id)
    {
        if (scope.Db.Execute($"DELETE FROM artifact WHERE id = {id}") == 0)
            return false;
        scope.Db.Execute($"""
            UPDATE OR IGNORE artifact_collection SET updated = {scope.Now},
                latest_id = COALESCE((SELECT MAX(a.id) FROM artifact a WHERE a.key = artifact_collection.key), latest_id)
            WHERE latest_id = {id}
            """);
        scope.Db.Execute($"DELETE FROM artifact_collection WHERE latest_id = {id}");
        return true;
    }

    private static Sql Where(ArtifactsQuery query, Sql? more) => (Sql)$"{Filters.OfArtifacts(query)} AND {more ?? Sql.Raw("1")}";

    private static Sql Order(string? sort, string alias) => Sql.Raw(sort switch
    {
        null or "ID_DESC" => $"{alias}.id DESC",
        "CREATED_DESC" => $"{alias}.created DESC, {alias}.id DESC",
        "UPDATED_DESC" => $"{alias}.updated DESC, {alias}.id DESC",
        "KEY_ASC" => "a.key, a.id",
        "KEY_DESC" => "a.key DESC, a.id DESC",
        _ => throw Refuse.Sort(sort, Sorts),
    });

    private static Artifact From(Row row) => new()
    {
        Id = row.Id(),
        Created = row.Time(),
        Updated = row.Time(),
        Key = row.TextOrNull(),
        Type = row.TextOrNull(),
        Description = row.TextOrNull(),
        Data = row.ElementOrNull(),
        Metadata = row.MapOrNull(),
        FlowRunId = row.IdOrNull(),
        TaskRunId = row.IdOrNull(),
    };
}
