using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Store;

internal static class Variables
{
    private const int LongestName = 255;

    /// <summary>Prefect's limit, in characters of JSON.</summary>
    private const int LongestValue = 5000;

    private static readonly Sql _select = Sql.Raw("SELECT v.id, v.created, v.updated, v.name, v.value, v.tags FROM variable v");

    public static Variable? Read(Scope scope, Guid id) => scope.Db.Find($"{_select} WHERE v.id = {id}", From);

    public static Variable? Find(Scope scope, string name) => scope.Db.Find($"{_select} WHERE v.name = {name}", From);

    public static List<Variable> List(Scope scope, VariablesQuery query)
    {
        (int limit, int offset) = Refuse.BadPage(query.Limit, query.Offset);
        Sql order = Sql.Raw(query.Sort switch
        {
            null or "NAME_ASC" => "v.name",
            "NAME_DESC" => "v.name DESC",
            "CREATED_DESC" => "v.created DESC, v.id DESC",
            "UPDATED_DESC" => "v.updated DESC, v.id DESC",
            { } sort => throw Refuse.Sort(sort, "NAME_ASC, NAME_DESC, CREATED_DESC, UPDATED_DESC"),
        });
        return scope.Db.Query($"{_select} WHERE {Filters.Variable(query.Variables)} ORDER BY {order} LIMIT {limit} OFFSET {offset}", From);
    }

    public static Variable Create(Scope scope, VariableCreate variable)
    {
        BadName(scope, variable.Name, null);
        Guid id = scope.NewId();
        scope.Db.Execute($"""
            INSERT INTO variable (id, created, updated, name, value, tags)
            VALUES ({id}, {scope.Now}, {scope.Now}, {variable.Name}, {Value(variable.Value)}, {Columns.List(variable.Tags)})
            """);
        return Read(scope, id)!;
    }

    public static void Update(Scope scope, Guid id, VariableUpdate update)
    {
        Variable variable = Read(scope, id) ?? throw Refuse.NotFound("Variable not found.");
        if (update.Name is { } name)
            BadName(scope, name, id);
        scope.Db.Execute($"""
            UPDATE variable SET updated = {scope.Now}, name = {update.Name ?? variable.Name}, value = {Value(update.Value ?? variable.Value)},
                tags = {Columns.List(update.Tags ?? variable.Tags)}
            WHERE id = {id}
            """);
    }

    public static bool Delete(Scope scope, Guid id) => scope.Db.Execute($"DELETE FROM variable WHERE id = {id}") > 0;

    private static void BadName(Scope scope, string name, Guid? own)
    {
        if (name.Length is 0 or > LongestName || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'))
            throw Refuse.Invalid("body.name", "Variable name must only contain lowercase letters, numbers, and dashes or underscores.");
        if (Find(scope, name) is { } other && other.Id != own)
            throw Refuse.Conflict($"A variable with the name '{name}' already exists.");
    }

    private static string Value(JsonElement value)
    {
        string json = value.ValueKind == JsonValueKind.Undefined ? "null" : value.GetRawText();
        return json.Length <= LongestValue ? json : throw Refuse.Invalid("body.value", $"Variable value must be less than {LongestValue} characters.");
    }

    private static Variable From(Row row) => new()
    {
        Id = row.Id(),
        Created = row.Time(),
        Updated = row.Time(),
        Name = row.Text(),
        Value = Columns.Parse(row.Text()),
        Tags = row.List(),
    };
}
