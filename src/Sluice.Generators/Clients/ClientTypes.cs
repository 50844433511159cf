using System.Globalization;
using Sluice.Generators.Json;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Clients;

/// <summary>
/// Makes C# types for one parameter schema: ours, and those that Prefect 2 and 3 write for Python. What C# has no type for is <c>JsonNode</c>.
/// </summary>
internal sealed class ClientTypes(JsonNode document, ISet<string> taken)
{
    private const int DeepestSchema = 48;
    private const int LongestTuple = 21;

    /// <summary>Names that a record's members cannot have.</summary>
    private static readonly string[] ReservedMembers =
        ["Equals", "GetHashCode", "GetType", "ToString", "MemberwiseClone", "Finalize", "ReferenceEquals", "Deconstruct", "EqualityContract", "PrintMembers", "Clone"];

    private readonly Dictionary<string, ClientType?> _definitions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TupleType> _tuples = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeclaredType> _unions = new(StringComparer.Ordinal);
    private readonly List<ClientDeclaration> _declarations = [];

    /// <summary>What the types need beside them, in the order of their first use.</summary>
    public IReadOnlyList<ClientDeclaration> Declarations => _declarations;

    /// <summary>The parameters in their order.</summary>
    public IReadOnlyList<ClientMember> Parameters() => Members(document, "", ClientText.Parameter, []);

    private List<ClientMember> Members(JsonNode schema, string owner, Func<string, string> naming, IEnumerable<string> reserved)
    {
        var required = new HashSet<string>(schema.Member("required")?.Items.Select(item => item.Text) ?? [], StringComparer.Ordinal);
        var names = new HashSet<string>(reserved, StringComparer.Ordinal);
        var members = new List<ClientMember>();
        // Prefect keeps the order by position; servers may sort names.
        foreach (JsonMember property in (schema.Member("properties")?.Members ?? []).OrderBy(property => Position(property.Value)))
        {
            string? constant = owner.Length > 0 && property.Value.Member("const") is { } only ? new JsonBuilder().Value(only).ToString() : null;
            string name = ClientText.Unique(naming(property.Name), names);
            ClientType? type = constant is null ? Read(property.Value, owner + Names.Identifier(property.Name), 0) : null;
            members.Add(new(property.Name, name, type, required.Contains(property.Name), Describe(property.Value, type), IsSecret(property.Value), constant));
        }
        return members;
    }

    private static int Position(JsonNode property) =>
        property.Member("position") is { Kind: JsonKind.Number } position && int.TryParse(position.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : int.MaxValue;

    private static string? Describe(JsonNode property, ClientType? type)
    {
        var parts = new List<string>();
        if (property.Text("description") is { Length: > 0 } description)
            parts.Add(description.Trim().TrimEnd('.'));
        if (Why(type) is { } why)
            parts.Add(why);
        if (property.Text("format") == "time-delta")
            parts.Add("In seconds");
        if (!IsSecret(property) && property.Member("default") is { Kind: not JsonKind.Null } value && ClientText.Shown(value) is { } shown)
            parts.Add("The default is " + shown);
        return parts.Count == 0 ? null : string.Join(". ", parts) + ".";
    }

    private static bool IsSecret(JsonNode property) => property.Text("format") == "password" || property.Member("writeOnly") is { Kind: JsonKind.True };

    private static string? Why(ClientType? type) => type switch
    {
        AnyType any => any.Why,
        NullableType nullable => Why(nullable.Inner),
        ListType list => Why(list.Item),
        MapType map => Why(map.Value),
        _ => null,
    };

    private ClientType Read(JsonNode schema, string hint, int depth)
    {
        if (depth > DeepestSchema)
            return new AnyType("The schema nests too deeply for a type");
        if (schema.Kind != JsonKind.Object)
            return new AnyType(null);
        if (schema.Text("$ref") is { } reference)
            return Definition(reference, hint, depth);
        if (schema.Member("const") is { } constant)
            return Enum([constant], hint, schema.Text("description"));
        if (schema.Member("enum") is { Kind: JsonKind.Array } values)
            return Enum(values.Items, hint, schema.Text("description"));
        if (schema.Member("anyOf") is { Kind: JsonKind.Array } any)
            return Choice(any.Items, hint, depth);
        if (schema.Member("oneOf") is { Kind: JsonKind.Array } one)
            return Choice(one.Items, hint, depth);
        if (schema.Member("allOf") is { Kind: JsonKind.Array } all)
            return all.Items.Count == 1 && schema.Member("properties") is null ? Read(all.Items[0], hint, depth + 1) : new AnyType("Several schemas at once, for which C# has no type");
        return schema.Member("type") switch
        {
            { Kind: JsonKind.String } type => OfType(type.Text, schema, hint, depth),
            { Kind: JsonKind.Array } types => Choice([.. types.Items.Select(type => WithType(schema, type))], hint, depth),
            _ when schema.Member("properties") is { Members.Count: > 0 } => Object(schema, hint, depth),
            _ => new AnyType(null),
        };
    }

    private ClientType OfType(string type, JsonNode schema, string hint, int depth) => type switch
    {
        "string" => Text(schema),
        "boolean" => new PlainType("bool", true),
        "integer" => Integer(schema),
        "number" => Number(schema),
        "array" => Array(schema, hint, depth),
        "object" => Object(schema, hint, depth),
        _ => new AnyType(null),
    };

    private static PlainType Text(JsonNode schema) => (schema.Text("format"), schema.Text("contentEncoding")) switch
    {
        (_, "base64") or ("byte", _) => new("byte[]", false),
        ("date-time", _) => new("global::System.DateTimeOffset", true),
        ("date", _) => new("global::System.DateOnly", true),
        ("time", _) => new("global::System.TimeOnly", true),
        ("duration", _) => new("global::System.TimeSpan", true),
        ("uuid", _) => new("global::System.Guid", true),
        ("uri", _) => new("global::System.Uri", false),
        _ => new("string", false),
    };

    private static PlainType Integer(JsonNode schema)
    {
        decimal? least = Limit(schema, "minimum", "exclusiveMinimum"), most = Limit(schema, "maximum", "exclusiveMaximum");
        string type = least >= int.MinValue && most <= int.MaxValue ? "int" : least >= 0 && most > long.MaxValue ? "ulong" : "long";
        return new(type, true);
    }

    private static PlainType Number(JsonNode schema) => schema.Member("maximum")?.Text switch
    {
        "79228162514264337593543950335" => new("decimal", true),
        "3.4028235E+38" => new("float", true),
        _ => new("double", true),
    };

    private static decimal? Limit(JsonNode schema, string inclusive, string exclusive) =>
        (schema.Member(inclusive) ?? schema.Member(exclusive)) is { Kind: JsonKind.Number } limit && decimal.TryParse(limit.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? number : null;

    private ClientType Array(JsonNode schema, string hint, int depth)
    {
        JsonNode? items = schema.Member("items");
        // The old way to write prefixItems is a list in items.
        IReadOnlyList<JsonNode>? places = schema.Member("prefixItems")?.Items ?? (items is { Kind: JsonKind.Array } ? items.Items : null);
        if (places is null)
            return new ListType(items is null ? new AnyType(null) : Read(items, hint + "Item", depth + 1));
        string count = places.Count.ToString(CultureInfo.InvariantCulture);
        if (places.Count is 0 or > LongestTuple || schema.Member("minItems")?.Text != count || schema.Member("maxItems")?.Text != count)
            return new AnyType("An array whose items differ by place");
        ClientType[] types = [.. places.Select((place, i) => Read(place, hint + "Item" + (i + 1).ToString(CultureInfo.InvariantCulture), depth + 1))];
        string text = types.Length == 1 ? $"global::System.ValueTuple<{types[0].CSharp}>" : $"({string.Join(", ", types.Select(type => type.CSharp))})";
        if (!_tuples.TryGetValue(text, out TupleType? tuple))
        {
            tuple = new(Declare("Tuple" + (_tuples.Count + 1).ToString(CultureInfo.InvariantCulture)), text);
            _tuples.Add(text, tuple);
            _declarations.Add(new TupleDeclaration(tuple.Name, text, types));
        }
        return tuple;
    }

    private ClientType Object(JsonNode schema, string hint, int depth)
    {
        JsonNode? extra = schema.Member("additionalProperties");
        bool isClosed = extra is { Kind: JsonKind.False } && schema.Member("patternProperties") is null;
        if (schema.Member("properties") is { Members.Count: > 0 } || isClosed)
            return Record(Declare(hint), schema);
        if (extra is null or { Kind: JsonKind.False } && schema.Member("patternProperties") is { Members.Count: 1 } patterns)
            extra = patterns.Members[0].Value;
        return new MapType(extra is { Kind: JsonKind.Object } ? Read(extra, hint + "Value", depth + 1) : new AnyType(null));
    }

    private DeclaredType Record(string name, JsonNode schema, string? pointer = null)
    {
        var type = new DeclaredType(name, IsEnum: false);
        // Known before its members are read, which may be of the same type.
        if (pointer is not null)
            _definitions[pointer] = type;
        int place = _declarations.Count;
        List<ClientMember> members = Members(schema, name, Names.Identifier, ReservedMembers.Append(name));
        ClientType? extra = schema.Member("additionalProperties") switch
        {
            { Kind: JsonKind.Object } rule => new MapType(Read(rule, name + "Value", 0)),
            { Kind: JsonKind.True } => new MapType(new AnyType(null)),
            _ => null,
        };
        _declarations.Insert(place, new RecordDeclaration(name, schema.Text("description"), members, extra));
        return type;
    }

    private ClientType Definition(string reference, string hint, int depth)
    {
        if (_definitions.TryGetValue(reference, out ClientType? known))
            return known ?? new AnyType("It refers to itself");
        JsonNode? target = Resolve(reference);
        if (target is null)
            return new AnyType($"The schema lacks {reference}");
        _definitions[reference] = null;
        string name = Names.Identifier(reference.Substring(reference.LastIndexOfAny(['/', '.']) + 1));
        ClientType type = target.Member("properties") is { Members.Count: > 0 } && target.Member("anyOf") is null && target.Member("oneOf") is null && target.Member("allOf") is null
            ? Record(Declare(name), target, reference)
            : Read(target, name, depth + 1);
        return _definitions[reference] = type;
    }

    private JsonNode? Resolve(string reference)
    {
        if (!reference.StartsWith("#/", StringComparison.Ordinal))
            return null;
        JsonNode? target = document;
        foreach (string part in reference.Substring(2).Split('/'))
            target = target.Member(Uri.UnescapeDataString(part).Replace("~1", "/").Replace("~0", "~"));
        return target;
    }

    private ClientType Enum(IReadOnlyList<JsonNode> values, string hint, string? description)
    {
        JsonNode[] kept = [.. values.Where(value => value.Kind != JsonKind.Null)];
        if (kept.Length == 0 || kept.Any(value => value.Kind is JsonKind.Array or JsonKind.Object))
            return new AnyType("One of " + string.Join(", ", values.Select(ClientText.Value)));
        var names = new HashSet<string>(StringComparer.Ordinal);
        string name = Declare(hint);
        _declarations.Add(new EnumDeclaration(name, description, [.. kept.Select(value => (ClientText.Unique(ValueName(value), names), new JsonBuilder().Value(value).ToString()))]));
        var type = new DeclaredType(name, IsEnum: true);
        return kept.Length < values.Count ? new NullableType(type) : type;
    }

    private static string ValueName(JsonNode value) => value.Kind switch
    {
        JsonKind.String => Names.Identifier(value.Text) is "_" ? value.Text.Length == 0 ? "Empty" : "Other" : Names.Identifier(value.Text),
        JsonKind.Number => "Value" + value.Text.Replace("-", "Minus").Replace('.', '_').Replace("+", ""),
        _ => value.Kind.ToString(),
    };

    private ClientType Choice(IReadOnlyList<JsonNode> branches, string hint, int depth)
    {
        JsonNode[] kept = [.. branches.Where(branch => branch.Text("type") != "null")];
        ClientType type;
        if (kept.Length == 0)
            return new AnyType("It is null");
        // Prefect 2 writes a list of values of several types so.
        if (kept.Length > 1 && kept.All(branch => branch.Member("const") is not null || branch.Member("enum") is { Kind: JsonKind.Array }))
            type = Enum([.. kept.SelectMany(branch => branch.Member("enum")?.Items ?? [branch.Member("const")!])], hint, null);
        else if (kept.Length == 1)
            type = Read(kept[0], hint, depth + 1);
        else if (kept.All(IsRecord))
            type = Union([.. kept.Select(branch => Definition(branch.Text("$ref")!, hint, depth + 1))], hint);
        else
            type = new AnyType("One of: " + string.Join(", ", kept.Select(Word).Distinct()));
        return kept.Length < branches.Count && !type.AllowsNull ? new NullableType(type) : type;
    }

    private bool IsRecord(JsonNode branch) =>
        branch.Text("$ref") is { } reference && Resolve(reference) is { } target && target.Member("properties") is { Members.Count: > 0 }
        && target.Member("anyOf") is null && target.Member("oneOf") is null && target.Member("allOf") is null;

    private DeclaredType Union(ClientType[] types, string hint)
    {
        string[] names = [.. types.OfType<DeclaredType>().Select(type => type.Name).Distinct()];
        string key = string.Join("|", names);
        if (_unions.TryGetValue(key, out DeclaredType? union))
            return union;
        union = new(Declare(names.Length <= 3 ? string.Join("Or", names) : hint), IsEnum: false);
        _unions.Add(key, union);
        _declarations.Add(new UnionDeclaration(union.Name, null, names));
        return union;
    }

    private static string Word(JsonNode schema) =>
        schema.Text("format") ?? schema.Text("type") ?? (schema.Text("$ref") is { } reference ? reference.Substring(reference.LastIndexOf('/') + 1) : "any JSON");

    private static JsonNode WithType(JsonNode schema, JsonNode type) =>
        schema with { Members = [.. schema.Members.Select(member => member.Name == "type" ? member with { Value = type } : member)] };

    /// <summary>A free name for a type, whose writer is free too.</summary>
    private string Declare(string name)
    {
        string unique = name;
        for (int n = 2; taken.Contains(unique) || taken.Contains("Write" + unique); n++)
            unique = name + n.ToString(CultureInfo.InvariantCulture);
        taken.Add(unique);
        taken.Add("Write" + unique);
        return unique;
    }
}
