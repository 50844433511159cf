using System.Globalization;
using Sluice.Generators.Emitting;
using Sluice.Generators.Model;
using Sluice.Runtime.Binding;

namespace Sluice.Generators.Json;

/// <summary>Judges JSON by the type model at compile time, as the generated binder does at run time.</summary>
internal sealed class ValueCheck(TypeTable types)
{
    /// <summary>Prefect's templated values are objects with this member; what they become is known at run time only.</summary>
    public const string Template = "__prefect_kind";

    private readonly List<Misfit> _misfits = [];
    private bool _isSecret;

    public IReadOnlyList<Misfit> Misfits => _misfits;

    /// <summary>Checks a parameter's or member's value, with what its attributes ask. Where its type refuses it, that says enough.</summary>
    public void Check(JsonNode json, TypeNode type, string path, Constraints? constraints)
    {
        int known = _misfits.Count;
        _isSecret = constraints?.IsSecret == true;
        Check(json, type, path);
        if (ConstraintEmitter.Asks(constraints) && !json.Members.Any(member => member.Name == Template) && !_misfits.Skip(known).Any(misfit => misfit.Path == path)
            && ConstraintCheck.Expected(json, constraints!) is { } expected)
            Expected(expected, json, path);
        _isSecret = false;
    }

    public void Check(JsonNode json, TypeNode type, string path)
    {
        if (json.Members.Any(member => member.Name == Template))
            return;
        switch (type)
        {
            case NullableNode nullable:
                if (json.Kind != JsonKind.Null)
                    Check(json, nullable.Inner, path);
                break;
            case ScalarNode scalar:
                if (!Fits(json, scalar.Kind))
                    Expected(Describe(scalar.Kind), json, path);
                break;
            case EnumNode enumeration:
                CheckEnum(json, types.Enum(enumeration.Name), path);
                break;
            case ListNode list:
                if (!IsArray(json, path))
                    break;
                var seen = list.Kind.IsUnique ? new HashSet<string>(StringComparer.Ordinal) : null;
                for (int i = 0; i < json.Items.Count; i++)
                    CheckItem(json.Items[i], list.Item, $"{path}[{Number(i)}]", seen);
                break;
            case DictionaryNode dictionary:
                CheckDictionary(json, dictionary, path);
                break;
            case TupleNode tuple:
                if (json.Kind != JsonKind.Array || json.Items.Count != tuple.Items.Count)
                    Expected($"an array of {Number(tuple.Items.Count)} items", json, path);
                else
                    for (int i = 0; i < json.Items.Count; i++)
                        Check(json.Items[i], tuple.Items[i], $"{path}[{Number(i)}]");
                break;
            case AnyNode { Kind: AnyKind.JsonObject }:
                if (json.Kind != JsonKind.Object)
                    Expected("an object", json, path);
                break;
            case AnyNode any:
                if (any.Kind == AnyKind.JsonArray)
                    IsArray(json, path);
                break;
            case ConverterNode converter:
                DeclaredSchema.Read(new NodeView(JsonParser.Parse(types.Converter(converter.Name).NetSchema, out _)!)).Check(new NodeView(json), path, (at, place, message, isShown) =>
                {
                    JsonNode node = ((NodeView)at).Node;
                    if (isShown)
                        Expected(message, node, place);
                    else
                        _misfits.Add(new(node.Offset, node.Length, place, message, MisfitKind.Value, []));
                });
                break;
            case UnionNode union:
                CheckUnion(json, types.Union(union.Name), path);
                break;
            case ObjectNode @object:
                CheckObject(json, types.Object(@object.Name), path);
                break;
            default:
                throw new InvalidOperationException($"No check for {type}.");
        }
    }

    private bool IsArray(JsonNode json, string path)
    {
        if (json.Kind != JsonKind.Array)
            Expected("an array", json, path);
        return json.Kind == JsonKind.Array;
    }

    private void CheckItem(JsonNode item, TypeNode type, string path, HashSet<string>? seen)
    {
        Check(item, type, path);
        if (seen?.Add(new NodeView(item).Canonical) == false)
            _misfits.Add(new(item.Offset, item.Length, path, "stands there twice", MisfitKind.Value, []));
    }

    private void CheckEnum(JsonNode json, EnumDefinition definition, string path)
    {
        if (!definition.IsFlags)
        {
            if (json.Kind != JsonKind.String || !definition.Values.Any(value => value.JsonName == json.Text))
                Expected("one of " + string.Join(", ", definition.Values.Select(value => value.JsonName)), json, path, [.. definition.Values.Select(value => value.JsonName)]);
            return;
        }
        if (!IsArray(json, path))
            return;
        EnumDefinition one = definition with { IsFlags = false };
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < json.Items.Count; i++)
        {
            JsonNode item = json.Items[i];
            CheckEnum(item, one, $"{path}[{Number(i)}]");
            if (!names.Add(new NodeView(item).Canonical))
                _misfits.Add(new(item.Offset, item.Length, $"{path}[{Number(i)}]", "stands there twice", MisfitKind.Value, []));
        }
    }

    private void CheckDictionary(JsonNode json, DictionaryNode dictionary, string path)
    {
        if (json.Kind != JsonKind.Object)
        {
            Expected("an object", json, path);
            return;
        }
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonMember member in json.Members)
        {
            string place = $"{path}.{member.Name}";
            string? problem = dictionary.Key switch
            {
                EnumNode key when !types.Enum(key.Name).Values.Any(value => value.JsonName == member.Name) =>
                    "expected a name that is one of " + string.Join(", ", types.Enum(key.Name).Values.Select(value => value.JsonName)),
                ScalarNode { Kind: ScalarKind.Guid } when !ScalarText.IsGuid(member.Name) => "expected a name that is " + Describe(ScalarKind.Guid),
                ScalarNode { Kind: not (ScalarKind.String or ScalarKind.Guid) } key when !ScalarText.IsIntegerKey(member.Name) || !FitsInteger(member.Name, key.Kind.Facts()) =>
                    "expected a name that is " + Describe(key.Kind),
                _ => null,
            };
            // Names of an enum may differ and mean the same.
            string name = dictionary.Key switch
            {
                ScalarNode { Kind: ScalarKind.Guid } => member.Name.ToLowerInvariant(),
                EnumNode key => types.Enum(key.Name).Values.FirstOrDefault(value => value.JsonName == member.Name)?.Number ?? member.Name,
                _ => member.Name,
            };
            if (problem is null && !keys.Add(name))
                problem = "stands there twice";
            if (problem is not null)
                _misfits.Add(new(member.Offset, member.Length, place, problem, MisfitKind.Unknown,
                    dictionary.Key is EnumNode named ? [.. types.Enum(named.Name).Values.Select(value => value.JsonName)] : []));
            Check(member.Value, dictionary.Value, place);
        }
    }

    private void CheckUnion(JsonNode json, UnionDefinition definition, string path)
    {
        if (json.Kind != JsonKind.Object)
        {
            Expected("an object", json, path);
            return;
        }
        JsonMember? tag = json.Members.FirstOrDefault(member => member.Name == definition.Discriminator);
        UnionCase? one = definition.Cases.FirstOrDefault(candidate => tag is null ? candidate.Value is null : IsTag(tag.Value, candidate.Value));
        if (one is not null)
            CheckObject(json, types.Object(one.Type.Name), path);
        else if (tag is null)
            _misfits.Add(new(json.Offset, json.Length, $"{path}.{definition.Discriminator}", "is required", MisfitKind.Missing, [definition.Discriminator]));
        else
            Expected("one of " + string.Join(", ", definition.Cases.Where(candidate => candidate.Value is not null).Select(candidate => candidate.Value)), tag.Value, $"{path}.{definition.Discriminator}");
    }

    private static bool IsTag(JsonNode json, string? value) => value is not null && (value[0] == '"'
        ? json.Kind == JsonKind.String && json.Text == JsonParser.Parse(value, out _)!.Text
        : json.Kind == JsonKind.Number && NumberText.Of(json.Text).Equals(NumberText.Of(value)));

    private void CheckObject(JsonNode json, ObjectDefinition definition, string path)
    {
        if (json.Kind != JsonKind.Object)
        {
            Expected("an object", json, path);
            return;
        }
        foreach (JsonMember member in json.Members)
        {
            if (member.Name == definition.Discriminator)
                continue;
            MemberModel? known = definition.Members.FirstOrDefault(candidate => candidate.JsonName == member.Name);
            if (known is not null)
                Check(member.Value, known.Type, $"{path}.{member.Name}", known.Constraints);
            else
                _misfits.Add(new(member.Offset, member.Length, $"{path}.{member.Name}", $"is unknown; known are: {string.Join(", ", definition.Members.Select(candidate => candidate.JsonName))}",
                    MisfitKind.Unknown, [.. definition.Members.Select(candidate => candidate.JsonName)]));
        }
        foreach (MemberModel required in definition.Members)
            if (required.Required && !json.Members.Any(member => member.Name == required.JsonName))
                _misfits.Add(new(json.Offset, json.Length, $"{path}.{required.JsonName}", "is required", MisfitKind.Missing, [required.JsonName]));
    }

    private static bool Fits(JsonNode json, ScalarKind kind)
    {
        ScalarFacts facts = kind.Facts();
        if (kind == ScalarKind.Boolean)
            return json.Kind is JsonKind.True or JsonKind.False;
        if (facts.JsonType == "integer")
            return json.Kind == JsonKind.Number && FitsInteger(json.Text, facts);
        if (facts.JsonType == "number")
            return json.Kind == JsonKind.Number && FitsNumber(json.Text, kind);
        return json.Kind == JsonKind.String && kind switch
        {
            ScalarKind.DateTime or ScalarKind.DateTimeOffset => IsoText.TryDateTime(json.Text, out _, out _),
            ScalarKind.DateOnly => IsoText.TryDate(json.Text, out _),
            ScalarKind.TimeOnly => IsoText.TryTime(json.Text, out _),
            ScalarKind.TimeSpan => IsoText.TryDuration(json.Text, out _),
            ScalarKind.Guid => ScalarText.IsGuid(json.Text),
            ScalarKind.Uri => ScalarText.TryUri(json.Text, out _),
            ScalarKind.Bytes or ScalarKind.Memory or ScalarKind.ReadOnlyMemory => ScalarText.IsBase64(json.Text),
            ScalarKind.Char => json.Text.Length == 1,
            ScalarKind.Version => ScalarText.TryVersion(json.Text, out _),
            _ => true,
        };
    }

    private static bool FitsInteger(string text, ScalarFacts facts)
    {
        if (NumberText.Of(text).WholeDigits(out bool negative) is not { } digits)
            return false;
        string limit = (negative ? facts.Minimum : facts.Maximum)!.TrimStart('-');
        return digits.Length < limit.Length || (digits.Length == limit.Length && string.CompareOrdinal(digits, limit) <= 0);
    }

    private static bool FitsNumber(string text, ScalarKind kind)
    {
        const double SingleMaximum = 3.4028235E+38;
        const double HalfMaximum = 65504;
        if (kind == ScalarKind.Decimal)
            return ScalarText.TryDecimal(text, out _);
        // .NET Framework, which Visual Studio runs on, refuses what it cannot hold; .NET answers infinity.
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && !double.IsInfinity(number)
            && Math.Abs(number) <= (kind == ScalarKind.Half ? HalfMaximum : kind == ScalarKind.Single ? SingleMaximum : double.MaxValue)
            && ScalarText.IsWithin(text, kind.Facts().Maximum!);
    }

    private static string Describe(ScalarKind kind)
    {
        ScalarFacts facts = kind.Facts();
        return facts switch
        {
            { JsonType: "integer" } => $"an integer from {facts.Minimum} to {facts.Maximum}",
            { JsonType: "number" } => $"a number from {facts.Minimum} to {facts.Maximum}",
            { JsonType: "boolean" } => "true or false",
            _ => kind switch
            {
                ScalarKind.DateTime or ScalarKind.DateTimeOffset => "a date and time as 2026-01-31T06:00:00Z",
                ScalarKind.DateOnly => "a date as 2026-01-31",
                ScalarKind.TimeOnly => "a time as 06:00:00",
                ScalarKind.TimeSpan => "a duration as PT15M or P1DT2H",
                ScalarKind.Guid => "a UUID as 0f8fad5b-d9cb-469f-a165-70867728950e",
                ScalarKind.Uri => "a URI as https://example.org/data",
                ScalarKind.Char => "one character",
                ScalarKind.Version => "a version as 1.2.3",
                ScalarKind.String => "a string",
                _ => "base64 text",
            },
        };
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Expected(string expected, JsonNode json, string path, IReadOnlyList<string>? names = null)
    {
        string found = json.Kind switch
        {
            JsonKind.Null => "null",
            _ when _isSecret => "********",
            JsonKind.True => "true",
            JsonKind.False => "false",
            JsonKind.Number => json.Text,
            JsonKind.String => $"\"{json.Text}\"",
            JsonKind.Array => "an array",
            _ => "an object",
        };
        _misfits.Add(new(json.Offset, json.Length, path, $"expected {expected}, found {found}", MisfitKind.Value, names ?? []));
    }
}
