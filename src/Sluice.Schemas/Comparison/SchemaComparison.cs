using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sluice.Schemas.Comparison;

/// <summary>Tells what changed from one version of a parameter schema to the next, and whether callers of the old one can go on as they are.</summary>
public static class SchemaComparison
{
    /// <summary>
    /// Compares two versions. A change is breaking when a value that <paramref name="before"/> accepts may be refused by <paramref name="after"/>; where
    /// that cannot be decided (a new pattern, overlapping alternatives), it counts as breaking and the message says so. Where no change is breaking,
    /// everything that the old version accepts is accepted by the new one. Parameters that the old version does not describe were never accepted.
    /// </summary>
    /// <param name="before">The old schema. One that is absent, null or empty promised nothing, so nothing can break.</param>
    /// <param name="after">The new schema.</param>
    /// <param name="given">Parameters that the deployment itself gives: one of these may become required without breaking anything.</param>
    /// <returns>The changes: breaking ones first, then new parameters, changed defaults and what is accepted in addition.</returns>
    /// <exception cref="ArgumentException">One of them is no valid schema.</exception>
    public static IReadOnlyList<SchemaChange> Compare(JsonElement before, JsonElement after, IEnumerable<string>? given = null)
    {
        if (IsNothing(before) || IsNothing(after) || JsonElement.DeepEquals(before, after))
            return [];
        SchemaNode old = ParameterSchema.Parse(before).Root;
        SchemaNode now = ParameterSchema.Parse(after).Root;
        try
        {
            return Compare(old, now, given);
        }
        catch (RegexMatchTimeoutException)
        {
            return [new("$", true, "the patterns for names are too complex to compare" + Subsumption.Undecided)];
        }
    }

    private static List<SchemaChange> Compare(SchemaNode old, SchemaNode now, IEnumerable<string>? given)
    {
        // Parameters are an object, whether their schema says so or not.
        if (old.Kinds == JsonKinds.None)
            old.Kinds = JsonKinds.Object;
        // A flow takes no parameters but its own, though Prefect's schemas do not say so.
        if (old.PatternProperties.Count == 0)
            old.AdditionalProperties ??= new() { Place = "$.additionalProperties", Source = JsonElement.Parse("false"), Never = true };
        bool sameDefinitions = SameDefinitions(old.Source, now.Source);
        var changes = new List<SchemaChange>(new Subsumption(sameDefinitions, given).Check(old, now, "$"));
        var reported = changes.Select(change => change.Path).ToHashSet(StringComparer.Ordinal);
        foreach ((string name, SchemaNode parameter) in now.Properties)
        {
            string path = JsonPlace.Member("$", name);
            if (!old.Properties.TryGetValue(name, out SchemaNode? was))
            {
                if (!reported.Contains(path))
                    changes.Add(new(path, false, "is new"));
                continue;
            }
            if (!IsSecret(was) && !IsSecret(parameter) && DefaultChange(was, parameter) is { } change)
                changes.Add(new(path, false, change));
            if (new Subsumption(sameDefinitions, null).Check(parameter, was, path).Count > 0)
                changes.Add(new(path, false, "accepts values that it refused before"));
        }
        foreach (string name in old.Properties.Keys.Where(name => !now.Properties.ContainsKey(name)))
            if (JsonPlace.Member("$", name) is var path && !reported.Contains(path))
                changes.Add(new(path, false, "is no longer described"));
        return changes;
    }

    private static bool IsNothing(JsonElement schema) =>
        schema.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null || (schema.ValueKind == JsonValueKind.Object && !schema.EnumerateObject().Any());

    private static string? DefaultChange(SchemaNode old, SchemaNode now) => (Default(old), Default(now)) switch
    {
        (null, null) => null,
        (null, { } value) => $"has the default {JsonText.Show(value)} now",
        ({ } value, null) => $"has no default any more; it was {JsonText.Show(value)}",
        ({ } was, { } value) => JsonElement.DeepEquals(was, value) ? null : $"has the default {JsonText.Show(value)} now; it was {JsonText.Show(was)}",
    };

    private static bool IsSecret(SchemaNode node) =>
        node.Format == "password" || Member(node.Source, "writeOnly") is { ValueKind: JsonValueKind.True };

    private static JsonElement? Default(SchemaNode node) =>
        node.Source.ValueKind == JsonValueKind.Object && node.Source.TryGetProperty("default", out JsonElement value) ? value : null;

    /// <summary>Whether what references lead to is the same in both, so that equal text means equal rules.</summary>
    private static bool SameDefinitions(JsonElement old, JsonElement now) =>
        References(old).Concat(References(now)).All(reference => reference.StartsWith("#/definitions/", StringComparison.Ordinal) || reference.StartsWith("#/$defs/", StringComparison.Ordinal))
        && new[] { "definitions", "$defs" }.All(name => Same(Member(old, name), Member(now, name)));

    private static bool Same(JsonElement? a, JsonElement? b) => a is { } x && b is { } y ? JsonElement.DeepEquals(x, y) : a is null && b is null;

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement member) ? member : null;

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member =>
            member.Name == "$ref" && member.Value.ValueKind == JsonValueKind.String ? [member.Value.GetString()!] : References(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
