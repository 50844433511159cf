using System.Globalization;
using Sluice.Generators.Model;
using Sluice.Runtime.Binding;

namespace Sluice.Generators.Json;


/// <summary>Judges JSON by the type model at compile time, as the generated binder does at run time.</summary>
internal sealed class ValueCheck(TypeTable types)
{
    /// <summary>Prefect's templated values are objects with this member; what they become is known at run time only.</summary>
    public const string Template = "__prefect_kind";

    private readonly List<Misfit> _misfits = [];

    public IReadOnlyList<Misfit> Misfits => _misfits;

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
                EnumDefinition definition = types.Enum(enumeration.Name);
                if (json.Kind != JsonKind.String || !definition.Values.Any(value => value.Name == json.Text))
                    Expected("one of " + string.Join(", ", definition.Values.Select(value => value.Name)), json, path, [.. definition.Values.Select(value => value.Name)]);
                break;
            case ListNode list:
                if (json.Kind != JsonKind.Array)
                    Expected("an array", json, path);
                for (int i = 0; i < json.Items.Count; i++)
                    Check(json.Items[i], list.Item, $"{path}[{i.ToString(CultureInfo.InvariantCulture)}]");
                break;
            case ObjectNode @object:
                CheckObject(json, types.Object(@object.Name), path);
                break;
            default:
                throw new InvalidOperationException($"No check for {type}.");
        }
    }

    private void CheckObject(JsonNode json, ObjectDefinition definition, string path)
    {
        if (json.Kind != JsonKind.Object)
        {
            Expected("an object", json, path);
            return;
        }
        foreach (JsonMember member in json.Members)
        {
            MemberModel? known = definition.Members.FirstOrDefault(candidate => candidate.JsonName == member.Name);
            if (known is not null)
                Check(member.Value, known.Type, $"{path}.{member.Name}");
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
            ScalarKind.Bytes => IsBase64(json.Text),
            _ => true,
        };
    }

    private static bool FitsInteger(string text, ScalarFacts facts)
    {
        if (!ScalarText.TryInteger(text, out bool negative, out ulong magnitude, out bool fits) || !fits)
            return false;
        string limit = (negative ? facts.Minimum : facts.Maximum)!.TrimStart('-');
        return magnitude <= ulong.Parse(limit, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private static bool FitsNumber(string text, ScalarKind kind)
    {
        const double SingleMaximum = 3.4028235E+38;
        if (kind == ScalarKind.Decimal)
            return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        // .NET Framework, which Visual Studio runs on, refuses what it cannot hold; .NET answers infinity.
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && !double.IsInfinity(number)
            && (kind == ScalarKind.Double || Math.Abs(number) <= SingleMaximum);
    }

    private static bool IsBase64(string text)
    {
        try
        {
            return text.IndexOfAny([' ', '\t', '\r', '\n']) < 0 && Convert.FromBase64String(text) is not null;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string Describe(ScalarKind kind)
    {
        ScalarFacts facts = kind.Facts();
        return facts switch
        {
            { JsonType: "integer" } => $"an integer from {facts.Minimum} to {facts.Maximum}",
            { JsonType: "number" } => $"a number from {facts.Minimum} to {facts.Maximum}",
            { JsonType: "boolean" } => "true or false",
            { Format: null } => "a string",
            _ => kind switch
            {
                ScalarKind.DateTime or ScalarKind.DateTimeOffset => "a date and time as 2026-01-31T06:00:00Z",
                ScalarKind.DateOnly => "a date as 2026-01-31",
                ScalarKind.TimeOnly => "a time as 06:00:00",
                ScalarKind.TimeSpan => "a duration as PT15M or P1DT2H",
                ScalarKind.Guid => "a UUID as 0f8fad5b-d9cb-469f-a165-70867728950e",
                ScalarKind.Uri => "a URI as https://example.org/data",
                _ => "base64 text",
            },
        };
    }

    private void Expected(string expected, JsonNode json, string path, IReadOnlyList<string>? names = null)
    {
        string found = json.Kind switch
        {
            JsonKind.Null => "null",
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
