using System.Text.Json;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>Defaults of every kind: what the schema says, and what the flow gets when JSON says nothing.</summary>
public class DefaultTests
{
    /// <summary>The parameter, its default in the schema ("-" for none), and what is given back.</summary>
    private static readonly (string Parameter, string Schema, string Value)[] Rows =
    [
        ("string s = \"a\\\"b\\n\"", "\"a\\\"b\\n\"", "\"a\\\"b\\n\""),
        ("string? s = null", "null", "null"),
        ("char c = '\\u0001'", "\"\\u0001\"", "\"\\u0001\""),
        ("bool b = true", "true", "true"),
        ("sbyte n = -128", "-128", "-128"),
        ("long n = long.MinValue", "-9223372036854775808", "-9223372036854775808"),
        ("ulong n = ulong.MaxValue", "18446744073709551615", "18446744073709551615"),
        ("float n = 1.1f", "1.1", "1.1"),
        ("double n = -0.0", "-0", "-0"),
        ("double n = double.NaN", "-", "\"NaN\""),
        ("float n = float.NegativeInfinity", "-", "\"-Infinity\""),
        ("decimal n = 1.10m", "1.10", "1.10"),
        ("int? n = 5", "5", "5"),
        ("Int128 n = default", "0", "0"),
        ("Half n = default", "0", "0"),
        ("Color c = Color.Blue", "\"Blue\"", "\"Blue\""),
        ("Color c = (Color)9", "-", "9"),
        ("Color? c = Color.@event", "\"ev\"", "\"ev\""),
        ("Days d = Days.Mon | Days.Sun", "[\"Mon\",\"Sun\"]", "[\"Mon\",\"Sun\"]"),
        ("Days d = default", "[]", "[]"),
        ("Days d = (Days)128", "-", "128"),
        ("DateTime d = default", "\"0001-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00\""),
        ("DateOnly d = default", "\"0001-01-01\"", "\"0001-01-01\""),
        ("TimeSpan t = default", "\"PT0S\"", "\"PT0S\""),
        ("Guid g = default", "\"00000000-0000-0000-0000-000000000000\"", "\"00000000-0000-0000-0000-000000000000\""),
        ("ReadOnlyMemory<byte> m = default", "\"\"", "\"\""),
        ("Pair p = default", "-", "{\"a\":0,\"b\":null}"),
        ("(int, string?) t = default", "-", "[0,null]"),
        ("List<int>? l = null", "null", "null"),
        ("object? o = null", "null", "null"),
        ("JsonElement e = default", "-", "null"),
        ("JsonElement? e = null", "null", "null"),
        ("ImmutableArray<int> a = default", "-", "null"),
        ("params int[] n", "[]", "[]"),
        ("params List<string> n", "[]", "[]"),
        ("params IEnumerable<Pair> n", "[]", "[]"),
        ("params HashSet<string> n", "[]", "[]"),
        ("params byte[] n", "\"\"", "\"\""),
        ("[ExtraParameters] IDictionary<string, JsonElement> e", "{}", "{}"),
        ("[ExtraParameters] IReadOnlyDictionary<string, JsonElement>? e = null", "null", "null"),
    ];

    [Fact]
    public async Task A_default_stands_in_the_schema_and_is_what_the_flow_gets()
    {
        Generated generated = GeneratorTest.Run($$"""
            using System.Collections.Immutable;
            using System.Text.Json;
            using System.Text.Json.Serialization;
            public enum Color : sbyte { Red, Blue, [JsonStringEnumMemberName("ev")] @event = -1 }
            [Flags] public enum Days : byte { None, Mon = 1, Sat = 32, Sun = 64 }
            public record struct Pair(int A, string? B);
            public static class Flows
            {
            {{string.Concat(Rows.Select((row, i) => $"    [Flow(\"{i}\")] public static {Type(row.Parameter)} Echo{i}({row.Parameter}) => {Name(row.Parameter)};\n"))}}
            }
            """);
        for (int i = 0; i < Rows.Length; i++)
        {
            JsonElement schema = generated.Manifests.Single(manifest => manifest.GetProperty("name").GetString() == i.ToString()).GetProperty("parameter_openapi_schema");
            JsonElement parameter = schema.GetProperty("properties").EnumerateObject().Single().Value;
            (parameter.TryGetProperty("default", out JsonElement value) ? value.GetRawText() : "-").ShouldBe(Rows[i].Schema, Rows[i].Parameter);
            schema.TryGetProperty("required", out _).ShouldBeFalse(Rows[i].Parameter);

            var flow = generated.Flows.Single(flow => flow.Name == i.ToString());
            string answer = await Generated.Invoke(flow, "{}");
            JsonElement.DeepEquals(JsonDocument.Parse(answer).RootElement, JsonDocument.Parse(Rows[i].Value).RootElement).ShouldBeTrue($"{Rows[i].Parameter}: {answer}");
            if (Rows[i].Schema != "-")
                (await Generated.Invoke(flow, $$"""{"{{Name(Rows[i].Parameter).TrimStart('@')}}":{{Rows[i].Schema}}}""")).ShouldNotBeEmpty(Rows[i].Parameter);
        }
    }

    private static string Declaration(string parameter) =>
        parameter.Split(" = ")[0].Replace("params ", "").Replace("[ExtraParameters] ", "");

    private static string Type(string parameter) => Declaration(parameter)[..Declaration(parameter).LastIndexOf(' ')];

    private static string Name(string parameter) => Declaration(parameter)[(Declaration(parameter).LastIndexOf(' ') + 1)..];
}
