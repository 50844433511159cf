using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sluice.Schemas;

/// <summary>Reads a schema document into nodes.</summary>
internal sealed class SchemaReader
{
    /// <summary>What one match of a pattern may take: a pattern that explodes is a finding, not a hang.</summary>
    private static readonly TimeSpan _patternTime = TimeSpan.FromMilliseconds(250);

    private const int MaxDepth = 500;

    private readonly JsonElement _document;
    private readonly Dictionary<string, SchemaNode> _nodes = new(StringComparer.Ordinal);
    private int _depth;

    private SchemaReader(JsonElement document) => _document = document;

    public static SchemaNode Read(JsonElement document, out bool hasSecrets)
    {
        var reader = new SchemaReader(document);
        SchemaNode root = reader.Node(document, "$");
        var settled = new HashSet<SchemaNode>();
        foreach (SchemaNode node in reader._nodes.Values)
            RefuseCircles(node, settled, []);
        hasSecrets = reader._nodes.Values.Any(node => node.IsSecret);
        return root;
    }

    private SchemaNode Node(JsonElement schema, string place)
    {
        if (_nodes.TryGetValue(place, out SchemaNode? known))
            return known;
        var node = new SchemaNode { Place = place, Source = schema };
        _nodes.Add(place, node);
        if (schema.ValueKind == JsonValueKind.False)
            node.Never = true;
        else if (schema.ValueKind == JsonValueKind.Object)
            ReadKeywords(schema, node);
        else if (schema.ValueKind != JsonValueKind.True)
            throw Invalid(place, schema, "a schema is an object, true or false");
        return node;
    }

    private void ReadKeywords(JsonElement schema, SchemaNode node)
    {
        if (++_depth > MaxDepth)
            throw new ArgumentException($"{node.Place}: the schema is nested too deeply (more than {MaxDepth} levels).");
        foreach (JsonProperty keyword in schema.EnumerateObject())
            ReadKeyword(node, keyword.Name, keyword.Value, JsonPlace.Member(node.Place, keyword.Name));
        _depth--;
    }

    private void ReadKeyword(SchemaNode node, string keyword, JsonElement value, string place)
    {
        switch (keyword)
        {
            case "$ref": node.Reference = Resolve(value, place); break;
            case "type": node.Kinds = Kinds(value, place); break;
            case "enum": Allow(node, Array(value, place)); break;
            case "const": Allow(node, [value]); break;
            case "properties":
                foreach (JsonProperty property in Object(value, place))
                    node.Properties[property.Name] = Node(property.Value, JsonPlace.Member(place, property.Name));
                break;
            case "patternProperties":
                foreach (JsonProperty property in Object(value, place))
                    node.PatternProperties.Add((Pattern(property.Name, place), Node(property.Value, JsonPlace.Member(place, property.Name))));
                break;
            case "additionalProperties": node.AdditionalProperties = Node(value, place); break;
            // Prefect 2 writes null where there are none.
            case "required" or "definitions" or "$defs" when value.ValueKind == JsonValueKind.Null: break;
            case "required":
                foreach (JsonElement name in Array(value, place))
                    node.Required.Add(name.ValueKind == JsonValueKind.String ? name.GetString()! : throw Invalid(place, name, "names are strings"));
                break;
            case "items" when value.ValueKind == JsonValueKind.Array:
                // Drafts before 2020-12 and pydantic 1 write prefixItems so.
                AddAll(node.PrefixItems, value, place);
                break;
            case "items": node.Items = Node(value, place); break;
            case "prefixItems": AddAll(node.PrefixItems, value, place); break;
            case "minItems": node.MinItems = Count(value, place); break;
            case "maxItems": node.MaxItems = Count(value, place); break;
            case "minLength": node.MinLength = Count(value, place); break;
            case "maxLength": node.MaxLength = Count(value, place); break;
            case "minProperties": node.MinProperties = Count(value, place); break;
            case "maxProperties": node.MaxProperties = Count(value, place); break;
            case "uniqueItems":
                node.UniqueItems = value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Invalid(place, value, "true or false is expected");
                break;
            case "minimum": node.Minimum = Number(value, place); break;
            case "maximum": node.Maximum = Number(value, place); break;
            case "exclusiveMinimum": node.ExclusiveMinimum = Number(value, place); break;
            case "exclusiveMaximum": node.ExclusiveMaximum = Number(value, place); break;
            case "multipleOf":
                node.MultipleOf = Number(value, place).GetDouble() > 0 ? value : throw Invalid(place, value, "a number above 0 is expected");
                break;
            case "pattern":
                node.PatternText = Text(value, place);
                node.Pattern = Pattern(node.PatternText, place);
                break;
            case "format":
                node.Format = Text(value, place);
                node.IsSecret |= node.Format == "password";
                break;
            case "writeOnly": node.IsSecret |= value.ValueKind == JsonValueKind.True; break;
            case "propertyNames": node.PropertyNames = Node(value, place); break;
            case "contentEncoding" when value.ValueKind == JsonValueKind.String && value.GetString() == "base64": node.Format = "byte"; break;
            case "allOf": AddAll(node.AllOf, value, place); break;
            case "anyOf": AddAll(node.AnyOf, value, place); break;
            case "oneOf": AddAll(node.OneOf, value, place); break;
            case "not": node.Not = Node(value, place); break;
            case "definitions" or "$defs":
                foreach (JsonProperty definition in Object(value, place))
                    Node(definition.Value, JsonPlace.Member(place, definition.Name));
                break;
        }
    }

    private void AddAll(List<SchemaNode> nodes, JsonElement schemas, string place)
    {
        int index = 0;
        foreach (JsonElement schema in Array(schemas, place))
            nodes.Add(Node(schema, JsonPlace.Item(place, index++)));
    }

    private static void Allow(SchemaNode node, JsonElement[] values)
    {
        var allowed = values.Select(JsonText.Canonical).ToHashSet(StringComparer.Ordinal);
        if (node.Allowed != null)
            allowed.IntersectWith(node.Allowed);
        node.Allowed = allowed;
        node.AllowedValues = values;
        node.AllowedText = string.Join(", ", values.Take(20).Select(JsonText.Show)) + (values.Length > 20 ? ", …" : "");
    }

    /// <summary>Follows a reference within the document: <c>#</c> or a JSON pointer after it. Others are refused, never fetched.</summary>
    private SchemaNode Resolve(JsonElement reference, string place)
    {
        string text = Text(reference, place);
        if (text == "#")
            return Node(_document, "$");
        if (!text.StartsWith("#/", StringComparison.Ordinal))
            throw Invalid(place, reference, "only references within the schema are supported, as #/definitions/Name");
        JsonElement target = _document;
        string targetPlace = "$";
        foreach (string part in text[2..].Split('/'))
        {
            string name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (target.ValueKind == JsonValueKind.Object && target.TryGetProperty(name, out JsonElement member))
                (target, targetPlace) = (member, JsonPlace.Member(targetPlace, name));
            else if (target.ValueKind == JsonValueKind.Array && int.TryParse(name, out int index) && index >= 0 && index < target.GetArrayLength())
                (target, targetPlace) = (target[index], JsonPlace.Item(targetPlace, index));
            else
                throw Invalid(place, reference, $"there is no {JsonPlace.Member(targetPlace, name)} in the schema");
        }
        return Node(target, targetPlace);
    }

    private static JsonKinds Kinds(JsonElement value, string place)
    {
        JsonElement[] names = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];
        var kinds = JsonKinds.None;
        foreach (JsonElement name in names)
        {
            if (name.ValueKind != JsonValueKind.String || !JsonKindsExtensions.TryParse(name.GetString(), out JsonKinds kind))
                throw Invalid(place, name, $"the types are {JsonKindsExtensions.AllNames}");
            kinds |= kind;
        }
        return kinds != JsonKinds.None ? kinds : throw Invalid(place, value, "at least one type is expected");
    }

    private static Regex Pattern(string pattern, string place)
    {
        try
        {
            // What all dialects read alike is read as JSON Schema means it, in linear time; the rest as .NET does.
            return PortablePattern.Read(pattern, whole: false, out _) is { } portable
                ? new Regex(portable.Net, RegexOptions.CultureInvariant | (portable.LooksAhead ? RegexOptions.None : RegexOptions.NonBacktracking), _patternTime)
                : new Regex(pattern, RegexOptions.CultureInvariant, _patternTime);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"{place}: {e.Message}", e);
        }
    }

    private static string Text(JsonElement value, string place) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Invalid(place, value, "a string is expected");

    private static long Count(JsonElement value, string place) =>
        value.ValueKind == JsonValueKind.Number && JsonNumber.Of(value).IsInteger && value.GetDouble() is >= 0 and < 1e15
            ? (long)value.GetDouble()
            : throw Invalid(place, value, "a whole number from 0 is expected");

    private static JsonElement Number(JsonElement value, string place) =>
        value.ValueKind == JsonValueKind.Number ? value : throw Invalid(place, value, "a number is expected");

    private static JsonElement[] Array(JsonElement value, string place) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : throw Invalid(place, value, "an array is expected");

    private static IEnumerable<JsonProperty> Object(JsonElement value, string place) =>
        value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : throw Invalid(place, value, "an object is expected");

    /// <summary>A schema that leads to itself for the same value would never be done. Through properties and items it may: values end.</summary>
    private static void RefuseCircles(SchemaNode node, HashSet<SchemaNode> settled, HashSet<SchemaNode> open)
    {
        if (settled.Contains(node))
            return;
        if (!open.Add(node))
            throw new ArgumentException($"{node.Place}: the schema refers to itself in a circle.");
        foreach (SchemaNode next in node.InPlace())
            RefuseCircles(next, settled, open);
        settled.Add(node);
    }

    private static ArgumentException Invalid(string place, JsonElement value, string expected) =>
        new($"{place}: {JsonText.Show(value)} is not valid here; {expected}.");
}
