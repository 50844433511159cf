using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Runtime.Binding;

namespace Sluice.Schemas;

/// <summary>One validation: holds a value against a schema and collects what does not fit.</summary>
/// <param name="ignoreRequired">Whether missing required properties are fine.</param>
/// <param name="hidesSecrets">Whether the schema has secrets, which no message may show.</param>
internal sealed class SchemaWalk(bool ignoreRequired, bool hidesSecrets = false)
{
    /// <summary>Schemas tried in one validation. Schemas with branches in branches could else take forever.</summary>
    private const int MaxSteps = 1_000_000;

    /// <summary>Schemas within schemas, for one value and the values around it.</summary>
    private const int MaxDepth = 1000;

    private const int MaxViolations = 100;

    private int _steps;
    private int _depth;
    private bool _tooDeep;

    public IReadOnlyList<SchemaViolation> Check(SchemaNode schema, JsonElement value)
    {
        List<SchemaViolation> violations = Violations(schema, value, "$");
        if (_steps > MaxSteps || _tooDeep)
            return [new SchemaViolation("$", "the schema is too complex to validate this value")];
        return violations.Count > MaxViolations ? violations.GetRange(0, MaxViolations) : violations;
    }

    private List<SchemaViolation> Violations(SchemaNode schema, JsonElement value, string path)
    {
        var found = new List<SchemaViolation>();
        Check(schema, value, path, found);
        return found;
    }

    private void Check(SchemaNode schema, JsonElement value, string path, List<SchemaViolation> found)
    {
        if (++_steps > MaxSteps || _depth >= MaxDepth)
        {
            _tooDeep |= _depth >= MaxDepth;
            return;
        }
        _depth++;
        CheckKeywords(schema, value, path, found);
        _depth--;
    }

    private void CheckKeywords(SchemaNode schema, JsonElement value, string path, List<SchemaViolation> found)
    {
        void Fail(string message) => found.Add(new SchemaViolation(path, message));

        if (schema.Never)
        {
            Fail($"{Show(schema, value)} is not allowed here");
            return;
        }
        JsonKinds kinds = JsonKindsExtensions.KindsOf(value);
        if (schema.Kinds != JsonKinds.None && (schema.Kinds & kinds) == 0)
        {
            // All else that could be said follows from it.
            Fail($"{Show(schema, value)} is not {schema.Kinds.Phrase()}");
            return;
        }
        if (schema.Allowed != null && !schema.Allowed.Contains(JsonText.Canonical(value)))
        {
            Fail($"{Show(schema, value)} is not {(schema.Allowed.Count == 1 ? "" : "one of ")}{schema.AllowedText}");
            return;
        }
        switch (value.ValueKind)
        {
            case JsonValueKind.String: CheckString(schema, value, Fail); break;
            case JsonValueKind.Number: CheckNumber(schema, value, Fail); break;
            case JsonValueKind.Array: CheckArray(schema, value, path, found); break;
            case JsonValueKind.Object: CheckObject(schema, value, path, found); break;
        }
        if (schema.Reference != null)
            Check(schema.Reference, value, path, found);
        foreach (SchemaNode part in schema.AllOf)
            Check(part, value, path, found);
        if (schema.AnyOf.Count > 0)
            CheckAny(schema, schema.AnyOf, value, path, found, exactlyOne: false);
        if (schema.OneOf.Count > 0)
            CheckAny(schema, schema.OneOf, value, path, found, exactlyOne: true);
        if (schema.Not != null && Violations(schema.Not, value, path).Count == 0)
            Fail($"{Show(schema, value)} is excluded by the schema");
    }

    private string Show(SchemaNode schema, JsonElement value) => hidesSecrets ? JsonText.Show(value, schema) : JsonText.Show(value);

    private void CheckString(SchemaNode schema, JsonElement value, Action<string> fail)
    {
        if (schema.MinLength == null && schema.MaxLength == null && schema.Pattern == null && schema.Format == null)
            return;
        string text = value.GetString()!;
        long length = text.Length - text.Count(char.IsLowSurrogate);
        if (length < schema.MinLength)
            fail($"{Show(schema, value)} is shorter than {Times(schema.MinLength.Value, "character")}");
        if (length > schema.MaxLength)
            fail($"{Show(schema, value)} is longer than {Times(schema.MaxLength.Value, "character")}");
        // Where the format is what the pattern says at length, the format's name says more.
        if (schema.Format != null && Formats.Expected(schema.Format, text) is { } expected)
            fail($"{Show(schema, value)} is not {expected}");
        else if (schema.Pattern != null && !Matches(schema.Pattern, text, out bool inTime))
            fail($"{Show(schema, value)} {(inTime ? "does not match" : "could not be matched in time against")} the pattern {schema.PatternText}");
    }

    /// <summary>Whether a name matches.</summary>
    public static bool Matches(Regex pattern, string text) => Matches(pattern, text, out _);

    private static bool Matches(Regex pattern, string text, out bool inTime)
    {
        inTime = true;
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            inTime = false;
            return false;
        }
    }

    private void CheckNumber(SchemaNode schema, JsonElement value, Action<string> fail)
    {
        if (schema is { Minimum: null, Maximum: null, ExclusiveMinimum: null, ExclusiveMaximum: null, MultipleOf: null })
            return;
        NumberText number = JsonNumber.Of(value);
        if (schema.Minimum is { } minimum && number.CompareTo(JsonNumber.Of(minimum)) < 0)
            fail($"{Show(schema, value)} is below the minimum of {minimum}");
        if (schema.Maximum is { } maximum && number.CompareTo(JsonNumber.Of(maximum)) > 0)
            fail($"{Show(schema, value)} is above the maximum of {maximum}");
        if (schema.ExclusiveMinimum is { } above && number.CompareTo(JsonNumber.Of(above)) <= 0)
            fail($"{Show(schema, value)} is not above {above}");
        if (schema.ExclusiveMaximum is { } below && number.CompareTo(JsonNumber.Of(below)) >= 0)
            fail($"{Show(schema, value)} is not below {below}");
        if (schema.MultipleOf is { } divisor && !number.IsMultipleOf(JsonNumber.Of(divisor)))
            fail($"{Show(schema, value)} is not a multiple of {divisor}");
    }

    private void CheckArray(SchemaNode schema, JsonElement value, string path, List<SchemaViolation> found)
    {
        int count = value.GetArrayLength();
        if (count < schema.MinItems)
            found.Add(new SchemaViolation(path, $"has {Times(count, "item")}, needs at least {schema.MinItems}"));
        if (count > schema.MaxItems)
            found.Add(new SchemaViolation(path, $"has {Times(count, "item")}, may have at most {schema.MaxItems}"));
        var seen = schema.UniqueItems ? new Dictionary<string, int>(StringComparer.Ordinal) : null;
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            string place = JsonPlace.Item(path, index);
            if (schema.ForItem(index) is { } rule)
                Check(rule, item, place, found);
            if (seen != null && !seen.TryAdd(JsonText.Canonical(item), index))
                found.Add(new SchemaViolation(place, $"{(schema.ForItem(index) is { } shown ? Show(shown, item) : JsonText.Show(item))} repeats {JsonPlace.Item(path, seen[JsonText.Canonical(item)])}; items must be unique"));
            index++;
        }
    }

    private void CheckObject(SchemaNode schema, JsonElement value, string path, List<SchemaViolation> found)
    {
        int count = 0;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            count++;
            string place = JsonPlace.Member(path, member.Name);
            foreach (SchemaNode rule in schema.ForMember(member.Name))
            {
                if (rule.Never && rule == schema.AdditionalProperties)
                    found.Add(new SchemaViolation(place, Unknown(schema, member.Name, path)));
                else
                    Check(rule, member.Value, place, found);
            }
            if (schema.PropertyNames != null)
                CheckName(schema.PropertyNames, member.Name, place, found);
        }
        if (count < schema.MinProperties)
            found.Add(new SchemaViolation(path, $"has {Times(count, "member")}, needs at least {schema.MinProperties}"));
        if (count > schema.MaxProperties)
            found.Add(new SchemaViolation(path, $"has {Times(count, "member")}, may have at most {schema.MaxProperties}"));
        if (ignoreRequired)
            return;
        foreach (string name in schema.Required)
        {
            if (!value.TryGetProperty(name, out _))
                found.Add(new SchemaViolation(JsonPlace.Member(path, name), "is required"));
        }
    }

    private void CheckName(SchemaNode rule, string name, string place, List<SchemaViolation> found)
    {
        using JsonDocument document = JsonDocument.Parse("\"" + JsonEncodedText.Encode(name) + "\"");
        foreach (SchemaViolation violation in Violations(rule, document.RootElement, place))
            found.Add(violation with { Message = "the name " + violation.Message });
    }

    private static string Unknown(SchemaNode schema, string name, string path)
    {
        string what = path == "$" ? "parameter" : "property";
        string? meant = schema.Properties.Keys.FirstOrDefault(x => string.Equals(Fold(x), Fold(name), StringComparison.OrdinalIgnoreCase));
        if (meant != null)
            return $"is not a known {what}; did you mean {meant}?";
        return schema.Properties.Count == 0 ? $"is not a known {what}; there are none" : $"is not a known {what}; known: {string.Join(", ", schema.Properties.Keys.Take(20))}{(schema.Properties.Count > 20 ? ", …" : "")}";
    }

    private static string Fold(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);

    private void CheckAny(SchemaNode schema, List<SchemaNode> branches, JsonElement value, string path, List<SchemaViolation> found, bool exactlyOne)
    {
        int fits = 0;
        foreach (SchemaNode branch in branches)
        {
            if (Violations(branch, value, path).Count == 0 && ++fits == 1 && !exactlyOne)
                return;
        }
        if (fits == 1)
            return;
        if (fits > 1)
        {
            found.Add(new SchemaViolation(path, $"{Show(schema, value)} fits {fits} of the {branches.Count} alternatives; it must fit exactly one"));
            return;
        }
        // What the one alternative says that the value was meant for is more use than that none of them fits.
        List<SchemaNode> meant = branches.FindAll(branch => IsMeant(branch, value));
        if (meant.Count == 1)
            Check(meant[0], value, path, found);
        else if (meant.Count == 0)
            found.Add(new SchemaViolation(path, $"{Show(schema, value)} is not {branches.Aggregate(JsonKinds.None, (kinds, branch) => kinds | KindsOf(branch)).Phrase()}"));
        else
            found.Add(new SchemaViolation(path, string.Join("; ", meant.Select(branch => Describe(Violations(branch, value, path)[0], path)).Distinct(StringComparer.Ordinal))));
    }

    private static string Describe(SchemaViolation violation, string path) =>
        violation.Path == path ? violation.Message : $"{violation.Path} {violation.Message}";

    /// <summary>Whether a value is of the alternative's type, and carries no tag of another one.</summary>
    private static bool IsMeant(SchemaNode branch, JsonElement value)
    {
        if (branch.Kinds != JsonKinds.None && (branch.Kinds & JsonKindsExtensions.KindsOf(value)) == 0)
            return false;
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach ((string name, SchemaNode rule) in branch.Properties)
            {
                if (rule.Allowed != null && value.TryGetProperty(name, out JsonElement tag) && !rule.Allowed.Contains(JsonText.Canonical(tag)))
                    return false;
            }
        }
        return branch.Reference == null || IsMeant(branch.Reference, value);
    }

    /// <summary>The types an alternative names, itself or by reference; all of them when it names none.</summary>
    private static JsonKinds KindsOf(SchemaNode branch) =>
        branch.Kinds != JsonKinds.None ? branch.Kinds : branch.Reference != null ? KindsOf(branch.Reference) : JsonKinds.Object;

    private static string Times(long count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? "" : "s")}");
}
