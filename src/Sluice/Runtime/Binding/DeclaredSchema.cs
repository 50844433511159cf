using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Sluice.Runtime.Binding;

/// <summary>
/// The schema that a converter declares. Compiled into the generator as well, so that it is read, and values are judged by it, at compile time as
/// at run time. What it takes is said at <c>JsonSchemaAttribute</c>; the generator has made its patterns ones of .NET.
/// </summary>
internal sealed class DeclaredSchema
{
    private const int MaximumDepth = 32;
    private static readonly string[] Types = ["null", "boolean", "integer", "number", "string", "array", "object"];
    private static readonly string[] Notes = ["title", "description", "examples", "deprecated", "$comment"];

    private readonly HashSet<string> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeclaredSchema> _properties = new(StringComparer.Ordinal);
    private readonly List<string> _required = [];
    private readonly List<DeclaredSchema> _anyOf = [];
    private HashSet<string>? _values;
    private string? _valuesText;
    private string? _format;
    private DeclaredSchema? _items;
    private DeclaredSchema? _others;
    private bool _isClosed;
    private bool _isUnique;
    private ValueRules _rules = new();
    private ValueRules _counts = new();

    private DeclaredSchema()
    {
    }

    /// <summary>Reads a schema; what is wrong with it is thrown with its place.</summary>
    /// <exception cref="DeclaredSchemaException">A keyword is unknown or has a value that it cannot have.</exception>
    public static DeclaredSchema Read(JsonView json) => Read(json, 0);

    /// <summary>Judges a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="path">From the converter's value to this one, as <c>.lines[2]</c>.</param>
    /// <param name="report">Gets the value at fault, its path, and either what was expected instead (true) or what is wrong with it.</param>
    public void Check(JsonView value, string path, Action<JsonView, string, string, bool> report)
    {
        if (_types.Count > 0 && !_types.Contains(value.Type) && !(_types.Contains("integer") && value.Type == "number" && NumberText.Of(value.Text!).IsInteger))
            report(value, path, string.Join(" or ", _types.Select(Phrase)), true);
        else if (_values is not null && !_values.Contains(value.Canonical))
            report(value, path, _valuesText!, true);
        else
            CheckInside(value, path, report);
    }

    private void CheckInside(JsonView value, string path, Action<JsonView, string, string, bool> report)
    {
        string? expected = value.Type switch
        {
            "number" => _rules.ExpectedForNumber(value.Text!),
            "string" => ExpectedForText(value.Text!),
            "array" => _counts.ExpectedForCount(value.Items.Count(), "item"),
            _ => null,
        };
        if (expected is not null)
            report(value, path, expected, true);
        if (value.Type == "array")
            CheckItems(value, path, report);
        else if (value.Type == "object")
            CheckMembers(value, path, report);
        if (_anyOf.Count > 0 && !_anyOf.Any(one => one.Takes(value)))
        {
            if (_anyOf.Count == 1)
                _anyOf[0].Check(value, path, report);
            else
                report(value, path, "fits none of the forms that the schema allows", false);
        }
    }

    private bool Takes(JsonView value)
    {
        bool fits = true;
        Check(value, "", (_, _, _, _) => fits = false);
        return fits;
    }

    private void CheckItems(JsonView value, string path, Action<JsonView, string, string, bool> report)
    {
        var seen = _isUnique ? new HashSet<string>(StringComparer.Ordinal) : null;
        int index = 0;
        foreach (JsonView item in value.Items)
        {
            string place = $"{path}[{index.ToString(CultureInfo.InvariantCulture)}]";
            _items?.Check(item, place, report);
            if (seen?.Add(item.Canonical) == false)
                report(item, place, "stands there twice", false);
            index++;
        }
    }

    private void CheckMembers(JsonView value, string path, Action<JsonView, string, string, bool> report)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.Members)
        {
            string place = $"{path}.{member.Key}";
            names.Add(member.Key);
            if (_properties.TryGetValue(member.Key, out DeclaredSchema? known))
                known.Check(member.Value, place, report);
            else if (_isClosed)
                report(member.Value, place, "is unknown; known are: " + string.Join(", ", _properties.Keys), false);
            else
                _others?.Check(member.Value, place, report);
        }
        foreach (string name in _required)
            if (!names.Contains(name))
                report(value, $"{path}.{name}", "is required", false);
    }

    private string? ExpectedForText(string text)
    {
        bool fits = _format switch
        {
            "date-time" => IsoText.TryDateTime(text, out _, out _),
            "date" => IsoText.TryDate(text, out _),
            "time" => IsoText.TryTime(text, out _),
            "duration" => IsoText.TryDuration(text, out _),
            "uuid" => ScalarText.IsGuid(text),
            "uri" => ScalarText.TryUri(text, out _),
            _ => true,
        };
        return fits ? _rules.ExpectedForText(text) : "a " + _format;
    }

    private static string Phrase(string type) => type switch
    {
        "null" => "null",
        "boolean" => "true or false",
        "integer" or "array" or "object" => "an " + type,
        _ => "a " + type,
    };

    private static DeclaredSchema Read(JsonView json, int depth)
    {
        if (json.Type != "object")
            throw new DeclaredSchemaException(json, "a schema is an object");
        if (depth > MaximumDepth)
            throw new DeclaredSchemaException(json, "the schema nests too deep");
        var schema = new DeclaredSchema();
        var bounds = new Dictionary<string, JsonView>(StringComparer.Ordinal);
        foreach (var keyword in json.Members)
            schema.Read(keyword.Key, keyword.Value, bounds, depth + 1);
        foreach (string end in new[] { "inimum", "aximum" })
            if (bounds.ContainsKey("m" + end) && bounds.TryGetValue("exclusiveM" + end, out JsonView? other))
                throw new DeclaredSchemaException(other, "give one bound, the exclusive one or the other");
        schema._rules = Rules(bounds, "minLength", "maxLength");
        schema._counts = Rules(bounds, "minItems", "maxItems");
        return schema;
    }

    private void Read(string keyword, JsonView value, Dictionary<string, JsonView> bounds, int depth)
    {
        switch (keyword)
        {
            case "type":
                foreach (JsonView type in value.Type == "array" ? value.Items : [value])
                    _types.Add(Array.IndexOf(Types, type.Text) >= 0 && type.Type == "string" ? type.Text! : throw new DeclaredSchemaException(type, $"the types are {string.Join(", ", Types)}"));
                break;
            case "enum" or "const":
                JsonView[] values = keyword == "const" ? [value] : [.. Of("array", value).Items];
                _values = new(values.Select(one => one.Canonical), StringComparer.Ordinal);
                _valuesText = (values.Length == 1 ? "" : "one of ") + string.Join(", ", values.Select(one => one.Type == "string" ? $"\"{one.Text}\"" : one.Text ?? one.Type));
                break;
            case "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum":
                bounds[keyword] = Of("number", value);
                break;
            case "minLength" or "maxLength" or "minItems" or "maxItems":
                bounds[keyword] = int.TryParse(Of("number", value).Text, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? value
                    : throw new DeclaredSchemaException(value, "a whole number from 0 is expected");
                break;
            case "pattern":
                bounds[keyword] = Of("string", value);
                break;
            case "format":
                _format = Of("string", value).Text is "date-time" or "date" or "time" or "duration" or "uuid" or "uri" ? value.Text
                    : throw new DeclaredSchemaException(value, "the formats are date-time, date, time, duration, uuid and uri");
                break;
            case "items":
                _items = Read(value, depth);
                break;
            case "uniqueItems":
                _isUnique = Of("boolean", value).Text == "true";
                break;
            case "properties":
                foreach (var property in Of("object", value).Members)
                    _properties[property.Key] = Read(property.Value, depth);
                break;
            case "required":
                foreach (JsonView name in Of("array", value).Items)
                    _required.Add(Of("string", name).Text!);
                break;
            case "additionalProperties" when value.Type == "boolean":
                _isClosed = value.Text == "false";
                break;
            case "additionalProperties":
                _others = Read(value, depth);
                break;
            case "anyOf":
                foreach (JsonView one in Of("array", value).Items)
                    _anyOf.Add(Read(one, depth));
                break;
            default:
                if (Array.IndexOf(Notes, keyword) < 0)
                    throw new DeclaredSchemaException(value, $"the keyword '{keyword}' is not supported here");
                break;
        }
    }

    private static JsonView Of(string type, JsonView value) =>
        value.Type == type ? value : throw new DeclaredSchemaException(value, $"{(type[0] is 'a' or 'o' ? "an" : "a")} {type} is expected");

    private static ValueRules Rules(Dictionary<string, JsonView> bounds, string least, string most)
    {
        string? Bound(string name) => bounds.TryGetValue(name, out JsonView? value) ? value.Text : null;
        int Count(string name, int otherwise) => Bound(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        return new ValueRules
        {
            Minimum = Bound("exclusiveMinimum") ?? Bound("minimum"),
            MinimumIsExclusive = bounds.ContainsKey("exclusiveMinimum"),
            Maximum = Bound("exclusiveMaximum") ?? Bound("maximum"),
            MaximumIsExclusive = bounds.ContainsKey("exclusiveMaximum"),
            MinimumLength = Count(least, 0),
            MaximumLength = Count(most, int.MaxValue),
            Texts = Bound("pattern") is { } pattern ? [new TextRule(pattern, $"a string that matches {pattern}")] : [],
        };
    }
}

/// <summary>What is wrong with a declared schema.</summary>
internal sealed class DeclaredSchemaException(JsonView place, string message) : Exception(message)
{
    public JsonView Place { get; } = place;
}
