using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Schemas;

namespace Sluice.Server.Store;

/// <summary>Checks values against schemas: parameters against a deployment's, job variables against a work pool's.</summary>
internal static class SchemaChecks
{
    /// <summary>Every schema that is stored can be read later.</summary>
    public static void CheckTemplate(JsonElement? template)
    {
        if (Variables(template) is { } variables)
            Parse(variables, "body.base_job_template.variables");
    }

    /// <summary>Checks job variables against the pool's template.</summary>
    public static void Check(WorkPool? pool, IReadOnlyDictionary<string, JsonElement> values, bool ignoreRequired, string doing)
    {
        if (Variables(pool?.BaseJobTemplate) is { } variables && FirstViolation(variables, values, ignoreRequired) is { } violation)
            throw Refuse.Unfit($"{doing}: {violation}");
    }

    public static ParameterSchema Parse(JsonElement schema, string field)
    {
        try
        {
            return ParameterSchema.Parse(schema);
        }
        catch (ArgumentException error)
        {
            throw Refuse.Invalid(field, $"The provided schema is not a valid json schema. Schema error: {error.Message}");
        }
    }

    /// <summary>The first violation as Prefect words it, or null.</summary>
    public static string? FirstViolation(JsonElement schema, IReadOnlyDictionary<string, JsonElement> values, bool ignoreRequired)
    {
        IReadOnlyList<SchemaViolation> violations = Parse(schema, "body.parameter_openapi_schema").Validate(values, ignoreRequired);
        if (violations.Count == 0)
            return null;
        SchemaViolation first = violations[0];
        // Prefect's words: what lacks a member is the object around it.
        bool missing = first.Message == "is required";
        int at = missing ? Math.Max(first.Path.LastIndexOf('.'), 1) : first.Path.Length;
        string field = at > 2 ? $" for field '{first.Path[2..at]}'" : "";
        string reason = missing ? $"'{first.Path[(at + 1)..]}' is a required property" : first.Message;
        return $"Validation failed{field}. Failure reason: {reason}";
    }

    private static JsonElement? Variables(JsonElement? template) =>
        template is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty("variables", out JsonElement variables)
            && variables.ValueKind == JsonValueKind.Object && variables.EnumerateObject().Any() ? variables : null;
}
