using System.Globalization;
using System.Text.Json;

namespace Sluice.Generators.Tests.Agreement;

/// <summary>Makes JSON for a schema: values that fit as far as is easy to say, values from a case's own texts, and mutations of both.</summary>
internal sealed class RandomInstances(Random random, JsonElement root)
{
    private static readonly string[] Edges =
    [
        "null", "true", "false", "0", "-0", "1", "-1", "1.0", "1.5", "-1e0", "1e2", "255", "256", "-129", "32768", "65536", "2147483647", "2147483648", "-2147483649", "4294967296",
        "9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "79228162514264337593543950335",
        "79228162514264337593543950335.4", "79228162514264337593543950336", "340282366920938463463374607431768211456", "3.4028235E+38", "3.40282350000000001E+38", "3.5e38",
        "1.7976931348623157E+308", "1.7976931348623158E+308", "1e309", "-1e400", "1e-400", "0.1", "0.30000000000000000001", "65504", "65505", "12345678901234567890123456789012345678901234567890",
        "\"\"", "\"a\"", "\"A\"", "\" \"", "\"\\n\"", "\"\\u0000\"", "\"😀\"", "\"\\ud83d\\ude00\"", "\"\\ud800\"", "\"é\"", "\"0\"", "\"true\"", "\"null\"", "\"a\\n\"", "[]", "{}", "[null]", "[[]]", "{\"a\":1}",
        "\"2026-01-31T06:00:00Z\"", "\"2026-02-30\"", "\"2024-02-29\"", "\"2025-02-29T00:00:00Z\"", "\"0000-01-01\"", "\"0001-01-01T00:00:00+01:00\"", "\"9999-12-31T23:59:59.9999999-01:00\"", "\"2026-01-31T06:00:00+14:00\"",
        "\"2026-01-31T06:00:00+14:01\"", "\"2026-01-31 06:00\"", "\"06:00:00\"", "\"24:00:00\"", "\"06:00:00Z\"", "\"23:59:59,123\"", "\"PT15M\"", "\"P1Y\"", "\"P1D\"", "\"-P1DT2.5H\"", "\"P999999999999999D\"", "\"1.00:00:00\"",
        "\"https://example.org/a?b=c#d\"", "\"http://[\"", "\"http://a b\"", "\"mailto:a@b\"", "\"a@b\"", "\"a@b@c\"", "\"AQID\"", "\"AQI=\"", "\"AR==\"", "\"AQ I=\"", "\"1.2.3\"", "\"1.99999999999\"",
        "\"0f8fad5b-d9cb-469f-a165-70867728950e\"", "\"0F8FAD5B-D9CB-469F-A165-70867728950E\"",
    ];

    private const string Letters = "abcXYZ019 _-:.+/=@\n\té😀T,%{}\"\\";

    /// <summary>A value for a schema, or for one of a case's texts, as it is or changed once or twice.</summary>
    public Instance Next(JsonElement schema, IReadOnlyList<string> texts)
    {
        Instance value = texts.Count > 0 && random.Next(3) == 0 ? Instance.Parse(texts[random.Next(texts.Count)]) : Fitting(schema, 0);
        for (int changes = random.Next(4) - 1; changes > 0; changes--)
            value = Changed(value);
        return value;
    }

    private Instance Fitting(JsonElement schema, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            return Edge();
        if (schema.TryGetProperty("$ref", out JsonElement reference))
            return Fitting(Resolve(reference.GetString()!), depth + 1);
        if (schema.TryGetProperty("const", out JsonElement constant))
            return Instance.Of(constant);
        if (schema.TryGetProperty("enum", out JsonElement allowed))
            return Instance.Of(allowed[random.Next(allowed.GetArrayLength())]);
        foreach (string branches in new[] { "anyOf", "oneOf" })
            if (schema.TryGetProperty(branches, out JsonElement all))
                return Fitting(all[depth > 4 ? all.GetArrayLength() - 1 : random.Next(all.GetArrayLength())], depth + 1);
        string? type = !schema.TryGetProperty("type", out JsonElement types) ? null
            : (types.ValueKind == JsonValueKind.Array ? types[random.Next(types.GetArrayLength())] : types).GetString();
        return type switch
        {
            "null" => new Instance.Scalar("null"),
            "boolean" => new Instance.Scalar(random.Next(2) == 0 ? "true" : "false"),
            "integer" => Whole(schema),
            "number" => Real(schema),
            "string" => String(schema),
            "array" => Array(schema, depth),
            "object" => Object(schema, depth),
            _ => Edge(),
        };
    }

    private Instance Whole(JsonElement schema)
    {
        decimal? Limit(string name) => schema.TryGetProperty(name, out JsonElement limit) && limit.TryGetDecimal(out decimal number) ? number : null;
        decimal low = Limit("minimum") ?? Limit("exclusiveMinimum") + 1 ?? -1000, high = Limit("maximum") ?? Limit("exclusiveMaximum") - 1 ?? 1000;
        decimal value = random.Next(6) switch
        {
            0 => low,
            1 => high,
            2 => Math.Clamp(random.Next(-5, 20), decimal.Ceiling(low), decimal.Floor(Math.Max(low, high))),
            _ => low < high ? decimal.Floor(low + (decimal)random.NextDouble() * Math.Min(high - low, 1_000_000)) : low,
        };
        string text = value.ToString(CultureInfo.InvariantCulture);
        return new Instance.Scalar(random.Next(8) switch { 0 => text + ".0", 1 => text + "e0", 2 when text.Length > 1 && text.EndsWith('0') && text != "-0" && !text.Contains('.') => text[..^1] + "E+1", _ => text });
    }

    private Instance Real(JsonElement schema) => random.Next(5) switch
    {
        0 when schema.TryGetProperty("minimum", out JsonElement low) => Instance.Of(low),
        1 when schema.TryGetProperty("maximum", out JsonElement high) => Instance.Of(high),
        _ => new Instance.Scalar((random.NextDouble() * Math.Pow(10, random.Next(-3, 6))).ToString(random.Next(2) == 0 ? "R" : "E3", CultureInfo.InvariantCulture)),
    };

    private Instance String(JsonElement schema)
    {
        string format = schema.TryGetProperty("format", out JsonElement name) ? name.GetString()! : schema.TryGetProperty("contentEncoding", out _) ? "base64" : "";
        int Two(int low, int high) => random.Next(low, high + 1);
        string Date() => $"{Two(1, 9999):0000}-{Two(1, 12):00}-{Two(1, 31):00}";
        string Fraction() => random.Next(3) == 0 ? (random.Next(2) == 0 ? "." : ",") + random.Next(1, 1_000_000_000) : "";
        string Clock() => $"{Two(0, 24):00}:{Two(0, 60):00}" + (random.Next(4) == 0 ? "" : $":{Two(0, 60):00}" + Fraction());
        string Offset() => random.Next(4) switch { 0 => "", 1 => "Z", 2 => $"+{Two(0, 15):00}:{Two(0, 60):00}", _ => $"-{Two(0, 14):00}" + (random.Next(2) == 0 ? "" : "30") };
        string Units(string units) => string.Concat(units.Where(_ => random.Next(2) == 0).Select(unit => $"{random.Next(1, random.Next(9) == 0 ? int.MaxValue : 99)}{Fraction()}{unit}"));
        string value = format switch
        {
            "date-time" => Date() + (random.Next(5) == 0 ? " " : "T") + Clock() + Offset(),
            "date" => Date(),
            "time" => Clock() + (random.Next(6) == 0 ? Offset() : ""),
            "duration" => (random.Next(5) == 0 ? "-" : "") + (random.Next(3) == 0 ? (random.Next(2) == 0 ? $"{random.Next(20_000_000)}." : "") + Clock() : "P" + Units("WD") + (random.Next(2) == 0 ? "T" + Units("HMS") : "")),
            "uuid" => Guid.CreateVersion7().ToString(random.Next(6) == 0 ? "N" : "D"),
            "uri" => new[] { "https", "http", "ftp", "urn", "file", "x+y", "1x", "" }[random.Next(8)] + ":" + new[] { "//example.org", "//h:99999", "//[::1]", "a:b", "///c", "" }[random.Next(6)] + new[] { "", "/p", "/é", "/a b", "?q=%20", "#f" }[random.Next(6)],
            "email" => Word() + "@" + Word() + (random.Next(5) == 0 ? "@" : ""),
            "binary" or "base64" => Convert.ToBase64String(Enumerable.Range(0, random.Next(6)).Select(_ => (byte)random.Next(256)).ToArray()),
            _ => Word(),
        };
        return Instance.Quoted(value);
    }

    private string Word() => string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ =>
    {
        int at = random.Next(Letters.Length);
        return char.IsLowSurrogate(Letters[at]) || char.IsHighSurrogate(Letters[at]) ? "😀" : Letters[at].ToString();
    }));

    private Instance.List Array(JsonElement schema, int depth)
    {
        if (schema.TryGetProperty("prefixItems", out JsonElement places))
            return new([.. places.EnumerateArray().Select(place => Fitting(place, depth + 1))]);
        int count = depth > 4 ? 0 : random.Next(4);
        if (schema.TryGetProperty("minItems", out JsonElement least))
            count = Math.Max(count, least.GetInt32());
        JsonElement item = schema.TryGetProperty("items", out JsonElement items) ? items : default;
        return new([.. Enumerable.Range(0, count).Select(_ => Fitting(item, depth + 1))]);
    }

    private Instance.Object Object(JsonElement schema, int depth)
    {
        var members = new List<(string, Instance)>();
        string[] required = schema.TryGetProperty("required", out JsonElement names) ? [.. names.EnumerateArray().Select(name => name.GetString()!)] : [];
        if (schema.TryGetProperty("properties", out JsonElement properties))
            foreach (JsonProperty property in properties.EnumerateObject())
                if (required.Contains(property.Name) || (depth < 5 && random.Next(2) == 0))
                    members.Add((property.Name, Fitting(property.Value, depth + 1)));
        if (schema.TryGetProperty("additionalProperties", out JsonElement additional) && additional.ValueKind != JsonValueKind.False && depth < 5)
            for (int i = random.Next(3); i > 0; i--)
                members.Add((Key(schema), Fitting(additional, depth + 1)));
        if (random.Next(4) == 0)
            members = [.. members.OrderBy(_ => random.Next())];
        return new(members);
    }

    private string Key(JsonElement schema)
    {
        if (schema.TryGetProperty("propertyNames", out JsonElement names))
        {
            if (names.TryGetProperty("pattern", out JsonElement pattern) && pattern.GetString()!.Contains("[1-9]"))
                return random.NextInt64(-300, 300).ToString(CultureInfo.InvariantCulture);
            if (Fitting(names.TryGetProperty("format", out _) ? JsonElement.Parse("""{"type":"string","format":"uuid"}""") : names, 0) is Instance.Scalar { Text: ['"', ..] } key)
                return JsonElement.Parse(key.Text).GetString()!;
        }
        return Word();
    }

    private JsonElement Resolve(string reference)
    {
        JsonElement target = root;
        foreach (string part in reference.Split('/').Skip(1))
            target = target.GetProperty(part);
        return target;
    }

    private Instance Edge() => Instance.Parse(Edges[random.Next(Edges.Length)].Replace("\\ud800", "?")) is var parsed && random.Next(40) == 0 ? new Instance.Scalar("\"\\ud800\"") : parsed;

    private Instance Changed(Instance value)
    {
        switch (value)
        {
            case Instance.List { Items.Count: > 0 } list when random.Next(3) > 0:
                int at = random.Next(list.Items.Count);
                Instance[] items = [.. list.Items];
                items[at] = Changed(items[at]);
                return new Instance.List(items);
            case Instance.Object { Members.Count: > 0 } @object when random.Next(3) > 0:
                int place = random.Next(@object.Members.Count);
                (string Name, Instance Value)[] members = [.. @object.Members];
                members[place].Value = Changed(members[place].Value);
                return new Instance.Object(members);
            case Instance.List list:
                return random.Next(5) switch
                {
                    0 => new Instance.List([.. list.Items, Edge()]),
                    1 when list.Items.Count > 0 => new Instance.List([.. list.Items.Skip(1)]),
                    2 when list.Items.Count > 0 => new Instance.List([.. list.Items, Respelled(list.Items[0])]),
                    3 => Edge(),
                    _ => new Instance.List([.. list.Items.Reverse()]),
                };
            case Instance.Object @object:
                return random.Next(7) switch
                {
                    0 when @object.Members.Count > 0 => new Instance.Object([.. @object.Members.Skip(1)]),
                    1 => new Instance.Object([.. @object.Members, (Word(), Edge())]),
                    2 when @object.Members.Count > 0 => new Instance.Object([.. @object.Members, @object.Members[random.Next(@object.Members.Count)]]),
                    3 when @object.Members.Count > 0 => new Instance.Object([.. @object.Members.Skip(1), (@object.Members[0].Name.ToUpperInvariant(), @object.Members[0].Value)]),
                    4 when @object.Members.Count > 0 => new Instance.Object([.. @object.Members.Skip(1), (@object.Members[0].Name, new Instance.Scalar("null"))]),
                    5 => Edge(),
                    _ => new Instance.Object([.. @object.Members.Reverse()]),
                };
            case Instance.Scalar scalar when scalar.Text[0] == '"' && !scalar.HasLoneSurrogate() && random.Next(4) > 0:
                return Instance.Quoted(Garbled(JsonElement.Parse(scalar.Text).GetString()!));
            case Instance.Scalar scalar when scalar.Text[0] is '-' or (>= '0' and <= '9') && random.Next(4) > 0:
                return Respelled(scalar);
            default:
                return random.Next(6) == 0 ? new Instance.List([value]) : Edge();
        }
    }

    /// <summary>The same or nearly the same number, written otherwise; other values as they are.</summary>
    private Instance Respelled(Instance value)
    {
        if (value is not Instance.Scalar { Text: var text } || text[0] is not ('-' or (>= '0' and <= '9')))
            return value;
        bool isPlain = text.All(c => c is '-' or (>= '0' and <= '9'));
        return new Instance.Scalar(random.Next(8) switch
        {
            0 when isPlain => text + ".0",
            1 when isPlain && text.TrimStart('-') != "0" => text + "0e-1",
            2 when isPlain => text + ".5",
            3 when isPlain => text + "e1",
            4 when isPlain => text + ".00000000000000000000000000000000000000001",
            5 => text[0] == '-' ? text[1..] : "-" + text,
            6 when isPlain && text != "0" && text != "-0" => text + random.Next(10),
            _ when isPlain && decimal.TryParse(text, CultureInfo.InvariantCulture, out decimal number) && Math.Abs(number) < 1e27m => (number + random.Next(-1, 2)).ToString(CultureInfo.InvariantCulture),
            _ => text,
        });
    }

    private string Garbled(string text)
    {
        int at = text.Length == 0 ? 0 : random.Next(text.Length);
        string letter = Word();
        string changed = random.Next(8) switch
        {
            0 => text + "\n",
            1 => text.Insert(at, letter),
            2 when text.Length > 0 => text.Remove(at, 1),
            3 => text.ToUpperInvariant(),
            4 => text + text,
            5 when text.Length > 0 => text[..at] + random.Next(10) + text[(at + 1)..],
            6 => " " + text,
            _ => text.ToLowerInvariant(),
        };
        // Half a pair is an edge of its own.
        return changed.Where((c, i) => char.IsSurrogate(c)).Any() && !IsPaired(changed) ? text : changed;
    }

    private static bool IsPaired(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]))
                return false;
        }
        return true;
    }
}
