using Microsoft.CodeAnalysis;
using Sluice.Generators.Json;
using Sluice.Generators.Model;
using Sluice.Generators.Parsing;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>
/// One row for each type: its schema, texts that it takes (with how the value is written back, when that differs) and texts that it refuses.
/// Every row is a flow that gives its parameter back; all are compiled once.
/// </summary>
internal static class TypeCases
{
    /// <param name="Schema">INT and NULL stand for the type keywords of an integer and for the schema of null.</param>
    public sealed record Row(string Type, string Schema, string[] Accepts, string[] Refuses)
    {
        public string Expected => Schema.Replace("INT", "\"type\":\"integer\"").Replace("NULL", "{\"type\":\"null\"}");
    }



    public static readonly Row[] Rows =
    [
        new("string", """{"type":"string"}""", ["\"\"", "\"é😀\"", "\"a\\\"\\n\" -> \"a\\u0022\\n\""], ["null", "5", "true", "[]", "{}"]),
        new("bool", """{"type":"boolean"}""", ["true", "false"], ["null", "0", "\"true\""]),
        new("sbyte", """{INT,"minimum":-128,"maximum":127}""", ["-128", "127", "1.0 -> 1", "-0 -> 0"], ["-129", "128", "1.5", "\"1\"", "null"]),
        new("byte", """{INT,"minimum":0,"maximum":255}""", ["0", "255", "2.55e2 -> 255"], ["-1", "256", "2.555e2"]),
        new("short", """{INT,"minimum":-32768,"maximum":32767}""", ["-32768", "32767"], ["-32769", "32768"]),
        new("ushort", """{INT,"minimum":0,"maximum":65535}""", ["65535"], ["-1", "65536"]),
        new("int", """{INT,"minimum":-2147483648,"maximum":2147483647}""",
            ["0", "-2147483648", "2147483647", "3.0 -> 3", "1e3 -> 1000", "-30e-1 -> -3", "0e99999999999 -> 0"],
            ["-2147483649", "2147483648", "1e99999999999", "1e-1", "\"3\"", "true", "null", "[1]"]),
        new("uint", """{INT,"minimum":0,"maximum":4294967295}""", ["4294967295"], ["4294967296", "-1"]),
        new("long", """{INT,"minimum":-9223372036854775808,"maximum":9223372036854775807}""",
            ["-9223372036854775808", "9223372036854775807", "9007199254740993", "9223372036854775807.0 -> 9223372036854775807"],
            ["-9223372036854775809", "9223372036854775808", "9223372036854775807.5"]),
        new("ulong", """{INT,"minimum":0,"maximum":18446744073709551615}""", ["18446744073709551615"], ["18446744073709551616", "-1", "184467440737095516150"]),
        new("float", """{"type":"number","minimum":-3.4028235E+38,"maximum":3.4028235E+38}""",
            ["0.5", "-1", "3.4028235E+38", "3.40282346E+38 -> 3.4028235E+38"], ["3.5E+38", "3.4028236E+38", "\"1\"", "null"]),
        new("double", """{"type":"number","minimum":-1.7976931348623157E+308,"maximum":1.7976931348623157E+308}""",
            ["0.1", "-1.5", "1e-3 -> 0.001", "1.7976931348623157E+308"], ["1e309", "-1e999", "\"1\"", "true"]),
        new("decimal", """{"type":"number","minimum":-79228162514264337593543950335,"maximum":79228162514264337593543950335}""",
            ["0.1000000000000000000000000001", "79228162514264337593543950335", "1e2 -> 100"], ["79228162514264337593543950336", "1e30", "\"1\""]),
        new("DateTime", """{"type":"string","format":"date-time"}""",
            ["\"2026-01-31T06:00:00Z\"", "\"2026-01-31T06:00:00.5+01:00\" -> \"2026-01-31T05:00:00.5Z\"", "\"2026-01-31 06:00\" -> \"2026-01-31T06:00:00\"", "\"0001-01-01T00:00:00Z\""],
            ["\"2026-02-30T06:00:00Z\"", "\"2026-01-31\"", "\"2026-01-31T06:00:60Z\"", "\"06/01/2026\"", "\"\"", "5"]),
        new("DateTimeOffset", """{"type":"string","format":"date-time"}""",
            ["\"2026-01-31T06:00:00+01:00\"", "\"2026-01-31T06:00:00Z\" -> \"2026-01-31T06:00:00+00:00\"", "\"2026-01-31T23:59:59.1234567-09:30\""],
            ["\"2026-01-31T24:00:00Z\"", "\"2026-01-31T06:00:00+1:00\"", "\"2026-01-31T06:00:00+15:00\"", "\"0001-01-01T00:00:00+01:00\"", "\"2026-01-31T06:00:00Zulu\"", "null"]),
        new("DateOnly", """{"type":"string","format":"date"}""", ["\"2026-01-31\"", "\"2024-02-29\""], ["\"2026-02-29\"", "\"31.01.2026\"", "\"2026-1-31\"", "20260131"]),
        new("TimeOnly", """{"type":"string","format":"time"}""", ["\"06:00:00\"", "\"23:59:59.25\"", "\"06:00\" -> \"06:00:00\""], ["\"24:00:00\"", "\"6:00\"", "\"06:00:00Z\"", "\"06:00.5\""]),
        new("TimeSpan", """{"type":"string","format":"duration"}""",
            ["\"PT15M\"", "\"P1DT2H\"", "\"-PT0.5S\"", "\"P2W\" -> \"P14D\"", "\"PT90S\" -> \"PT1M30S\"", "\"PT0S\"", "\"PT1.5H\" -> \"PT1H30M\"", "\"00:15:00\" -> \"PT15M\"", "\"-1.02:00:00.5\" -> \"-P1DT2H0.5S\""],
            ["\"15m\"", "\"P\"", "\"PT\"", "\"P1Y\"", "\"P1M\"", "\"P1DT\"", "\"PT1H1H\"", "\"P1D1W\"", "\"PT999999999999999H\"", "\"24:00:00\"", "\"1\"", "\"PT1S1M\"", "900"]),
        new("Guid", """{"type":"string","format":"uuid"}""",
            ["\"0f8fad5b-d9cb-469f-a165-70867728950e\""], ["\"0f8fad5bd9cb469fa16570867728950e\"", "\"{0f8fad5b-d9cb-469f-a165-70867728950e}\"", "\"x\""]),
        new("Uri", """{"type":"string","format":"uri"}""", ["\"https://example.org/a%20b\"", "\"urn:x:y\""], ["\"/data\"", "\"example.org\"", "\"\"", "null"]),
        new("byte[]", """{"type":"string","format":"binary","contentEncoding":"base64"}""", ["\"\"", "\"AQID\""], ["\"A\"", "\"****\"", "[1]"]),
        new("Color", """{"$ref":"#/definitions/Color"}""", ["\"Red\"", "\"Blue\"", "\"event\""], ["\"red\"", "\"\"", "0", "null"]),
        new("int?", """{"anyOf":[{INT,"minimum":-2147483648,"maximum":2147483647},NULL]}""", ["null", "3"], ["\"\"", "1.5"]),
        new("string?", """{"anyOf":[{"type":"string"},NULL]}""", ["null", "\"x\""], ["5"]),
        new("Color?", """{"anyOf":[{"$ref":"#/definitions/Color"},NULL]}""", ["null", "\"Red\""], ["\"x\""]),
        new("int[]", """{"type":"array","items":{INT,"minimum":-2147483648,"maximum":2147483647}}""", ["[]", "[1,2]"], ["null", "1", "[null]", "[\"1\"]", "{}"]),
        new("List<string?>", """{"type":"array","items":{"anyOf":[{"type":"string"},NULL]}}""", ["[]", "[\"a\",null]"], ["[1]"]),
        new("IReadOnlyList<DateOnly>", """{"type":"array","items":{"type":"string","format":"date"}}""", ["[\"2026-01-31\"]"], ["[\"x\"]"]),
        new("IEnumerable<bool>", """{"type":"array","items":{"type":"boolean"}}""", ["[true]"], ["[1]"]),
        new("int[][]", """{"type":"array","items":{"type":"array","items":{INT,"minimum":-2147483648,"maximum":2147483647}}}""", ["[[1],[]]"], ["[1]"]),
        new("int?[]?", """{"anyOf":[{"type":"array","items":{"anyOf":[{INT,"minimum":-2147483648,"maximum":2147483647},NULL]}},NULL]}""",
            ["null", "[1,null]"], ["[\"\"]"]),
        new("Point", """{"$ref":"#/definitions/Point"}""",
            ["{\"x\":1,\"y\":2}", "{\"y\":2,\"x\":1} -> {\"x\":1,\"y\":2}", "{\"x\":1} -> {\"x\":1,\"y\":5}"],
            ["{\"y\":2}", "{}", "{\"x\":1,\"z\":2}", "{\"x\":1,\"Y\":1}", "{\"x\":1,\"x\":1}", "{\"x\":null}", "null", "[1,2]"]),
        new("Plain", """{"$ref":"#/definitions/Plain"}""",
            ["{\"must\":\"a\"} -> {\"must\":\"a\",\"set\":7,\"init\":\"start\",\"renamed_one\":0}", "{\"must\":\"a\",\"set\":1,\"init\":\"b\",\"renamed_one\":2}"],
            ["{}", "{\"must\":\"a\",\"renamed\":2}", "{\"must\":\"a\",\"skipped\":2}", "{\"must\":\"a\",\"sum\":2}"]),
        new("Derived", """{"$ref":"#/definitions/Derived"}""", ["{\"base\":1,\"own\":2}"], ["{\"own\":2}"]),
        new("Pair?", """{"anyOf":[{"$ref":"#/definitions/Pair"},NULL]}""", ["null", "{\"a\":1,\"b\":\"x\"}"], ["{\"a\":1}"]),
        new("Slot", """{"$ref":"#/definitions/Slot"}""", ["{\"n\":3}", "{} -> {\"n\":0}"], ["[]"]),
        new("Node", """{"$ref":"#/definitions/Node"}""",
            ["{\"value\":1,\"children\":[{\"value\":2,\"children\":null}]}"], ["{\"value\":1,\"children\":[{\"value\":\"x\",\"children\":[]}]}", "{\"value\":1,\"children\":[null]}"]),
    ];

    private const string Types = """
        using System.Text.Json.Serialization;
        public enum Color { Red, Blue = 4, Azure = 4, @event = -1 }
        public record Point(int X, int Y = 5);
        public class Plain
        {
            public required string Must { get; init; }
            public int Set { get; set; } = 7;
            public string Init { get; init; } = "start";
            [JsonPropertyName("renamed_one")] public long Renamed { get; set; }
            [JsonIgnore] public int Skipped { get; set; }
            [JsonIgnore] public int Sum => Set + 1;
        }
        public class Basis(int @base) { public int Base { get; } = @base; }
        public sealed class Derived(int @base, int own) : Basis(@base) { public int Own => own; }
        public readonly record struct Pair(int A, string B);
        public struct Slot { public int N { get; init; } }
        public record Node(int Value, List<Node>? Children);
        """;

    private static readonly string Source =
        Types + "\npublic static class Flows\n{\n"
        + string.Concat(Rows.Select((row, i) => $"    [Flow(\"{i}\")] public static {row.Type} Echo{i}({row.Type} value) => value;\n")) + "}\n";

    private static readonly Lazy<Generated> Compiled = new(() => GeneratorTest.Run(Source));

    public static Generated All => Compiled.Value;


    /// <summary>For each row, whether the analyzers' check takes a text.</summary>
    public static Func<string, bool>[] Parameters()
    {
        var flows = GeneratorTest.Compile(Source).GetTypeByMetadataName("Flows")!;
        return [.. Rows.Select((_, i) => Check((IMethodSymbol)flows.GetMembers($"Echo{i}").Single()))];

        static Func<string, bool> Check(IMethodSymbol method)
        {
            var parser = new TypeParser(method.ContainingAssembly, forInput: true, default);
            TypeNode type = parser.Parse(method.Parameters[0].Type, "value")!;
            return text =>
            {
                // A name twice is refused by the parser already.
                if (JsonParser.Parse(text, out _) is not { } json)
                    return false;
                var check = new ValueCheck(parser.Table());
                check.Check(json, type, "$");
                return check.Misfits.Count == 0;
            };
        }
    }
}
