using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
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
    /// <param name="Schema">INT and NULL stand for the type keywords of an integer and for the schema of null; formats stand for their patterns, too.</param>
    public sealed record Row(string Type, string Schema, string[] Accepts, string[] Refuses)
    {
        public string Expected => Patterns.Aggregate(
            Schema.Replace("INT", "\"type\":\"integer\"").Replace("NULL", "{\"type\":\"null\"}"),
            (schema, pattern) => schema.Replace($"\"type\":\"string\",\"format\":\"{pattern.Format}\"", $"\"type\":\"string\",\"format\":\"{pattern.Format}\",\"pattern\":{pattern.Json}")
                .Replace($"\"propertyNames\":{{\"format\":\"{pattern.Format}\"}}", $"\"propertyNames\":{{\"format\":\"{pattern.Format}\",\"pattern\":{pattern.Json}}}"));

        private static readonly (string Format, string Json)[] Patterns =
        [
            .. new[]
            {
                ("date-time", TextPatterns.DateTime), ("date", TextPatterns.Date), ("time", TextPatterns.Time), ("duration", TextPatterns.Duration), ("uuid", TextPatterns.Guid),
                ("uri", TextPatterns.Uri), ("binary", TextPatterns.Base64),
            }.Select(row => (row.Item1, new JsonBuilder().Value(row.Item2).ToString())),
        ];
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
        new("char", """{"type":"string","minLength":1,"maxLength":1,"pattern":"^[\\u0000-\\uffff](?!\\n)$"}""",
            ["\"a\"", "\"é\"", "\"\\n\""], ["\"\"", "\"ab\"", "\"😀\"", "\"a\\n\"", "5", "null"]),
        new("Half", """{"type":"number","minimum":-65504,"maximum":65504}""", ["0.5", "-65504 -> -65500", "0.1", "1e-3 -> 0.001"], ["65505", "1e9", "\"1\""]),
        new("Int128", """{INT,"minimum":-170141183460469231731687303715884105728,"maximum":170141183460469231731687303715884105727}""",
            ["-170141183460469231731687303715884105728", "170141183460469231731687303715884105727", "1e38 -> 100000000000000000000000000000000000000", "3.0 -> 3"],
            ["-170141183460469231731687303715884105729", "170141183460469231731687303715884105728", "0.5", "1e40"]),
        new("UInt128", """{INT,"minimum":0,"maximum":340282366920938463463374607431768211455}""", ["340282366920938463463374607431768211455"], ["340282366920938463463374607431768211456", "-1"]),
        new("Version", """{"type":"string","pattern":"^[0-9]+\\.[0-9]+(\\.[0-9]+){0,2}(?!\\n)$"}""",
            ["\"1.2\"", "\"10.0.401.0\""], ["\"1\"", "\"1.2.3.4.5\"", "\"v1.2\"", "\"1.-2\"", "\"1.2\\n\"", "1.2"]),
        new("ReadOnlyMemory<byte>", """{"type":"string","format":"binary","contentEncoding":"base64"}""", ["\"\"", "\"AQID\""], ["\"A\"", "[1]", "null"]),
        new("Memory<byte>?", """{"anyOf":[{"type":"string","format":"binary","contentEncoding":"base64"},NULL]}""", ["null", "\"AQID\""], ["\"A\""]),
        new("Wind", """{"$ref":"#/definitions/Wind"}""", ["\"north-east\"", "\"None\""], ["\"NorthEast\"", "1"]),
        new("Days", """{"$ref":"#/definitions/Days"}""",
            ["[]", "[\"Sat\"]", "[\"Sun\",\"Sat\"] -> [\"Weekend\"]", "[\"mo\",\"Sun\"]", "[\"None\"] -> []"], ["\"Sat\"", "[\"Sat\",\"Sat\"]", "[\"Mon\"]", "[1]", "3", "null"]),
        new("HashSet<int>", """{"type":"array","items":{INT,"minimum":-2147483648,"maximum":2147483647},"uniqueItems":true}""",
            ["[]", "[1,2]", "[3.0] -> [3]"], ["[1,1]", "[1,1.0]", "[10,1e1]", "{}", "null"]),
        new("ISet<string>", """{"type":"array","items":{"type":"string"},"uniqueItems":true}""", ["[\"a\",\"A\"]"], ["[\"a\",\"\\u0061\"]", "[null]"]),
        new("IReadOnlySet<Guid>", """{"type":"array","items":{"type":"string","format":"uuid"},"uniqueItems":true}""",
            ["[\"0f8fad5b-d9cb-469f-a165-70867728950e\",\"0F8FAD5B-D9CB-469F-A165-70867728950E\"] -> [\"0f8fad5b-d9cb-469f-a165-70867728950e\"]"],
            ["[\"0f8fad5b-d9cb-469f-a165-70867728950e\",\"0f8fad5b-d9cb-469f-a165-70867728950e\"]"]),
        new("SortedSet<string>", """{"type":"array","items":{"type":"string"},"uniqueItems":true}""", ["[\"b\",\"B\",\"a\"] -> [\"B\",\"a\",\"b\"]"], ["[\"a\",\"a\"]"]),
        new("HashSet<Pair>", """{"type":"array","items":{"$ref":"#/definitions/Pair"},"uniqueItems":true}""",
            ["[{\"a\":1,\"b\":\"x\"},{\"a\":2,\"b\":\"x\"}]"], ["[{\"a\":1,\"b\":\"x\"},{\"b\":\"x\",\"a\":1.0}]"]),
        new("ImmutableArray<int>", """{"type":"array","items":{INT,"minimum":-2147483648,"maximum":2147483647}}""", ["[]", "[1,1]"], ["null", "[\"1\"]"]),
        new("ImmutableArray<int>?", """{"anyOf":[{"type":"array","items":{INT,"minimum":-2147483648,"maximum":2147483647}},NULL]}""", ["null", "[1]"], ["1"]),
        new("ImmutableList<string>", """{"type":"array","items":{"type":"string"}}""", ["[\"a\"]"], ["[1]"]),
        new("ImmutableHashSet<string>", """{"type":"array","items":{"type":"string"},"uniqueItems":true}""", ["[\"a\"]"], ["[\"a\",\"a\"]"]),
        new("ImmutableSortedSet<int>", """{"type":"array","items":{INT,"minimum":-2147483648,"maximum":2147483647},"uniqueItems":true}""", ["[2,1] -> [1,2]"], ["[1,1]"]),
        new("ImmutableQueue<bool>", """{"type":"array","items":{"type":"boolean"}}""", ["[true,false]"], ["[1]"]),
        new("ImmutableStack<bool>", """{"type":"array","items":{"type":"boolean"}}""", ["[true,false]"], ["[1]"]),
        new("FrozenSet<Color>", """{"type":"array","items":{"$ref":"#/definitions/Color"},"uniqueItems":true}""", ["[\"Red\"]"], ["[\"Red\",\"Red\"]", "[\"red\"]"]),
        new("Stack<bool>", """{"type":"array","items":{"type":"boolean"}}""", ["[true,false]"], ["[1]"]),
        new("Queue<bool>", """{"type":"array","items":{"type":"boolean"}}""", ["[true,false]"], ["[1]"]),
        new("LinkedList<bool>?", """{"anyOf":[{"type":"array","items":{"type":"boolean"}},NULL]}""", ["[true,false]", "null"], ["[1]"]),
        new("Collection<bool>", """{"type":"array","items":{"type":"boolean"}}""", ["[true,false]"], ["[1]"]),
        new("ReadOnlyCollection<bool>", """{"type":"array","items":{"type":"boolean"}}""", ["[true,false]"], ["[1]"]),
        new("ICollection<bool>", """{"type":"array","items":{"type":"boolean"}}""", ["[true,false]"], ["[1]"]),
        new("Dictionary<string, int>", """{"type":"object","additionalProperties":{INT,"minimum":-2147483648,"maximum":2147483647}}""",
            ["{}", "{\"a\":1,\"\":2,\"é😀\":3}"], ["{\"a\":1.5}", "{\"a\":1,\"a\":2}", "{\"a\":null}", "[]", "null"]),
        new("IReadOnlyDictionary<string, string?>?", """{"anyOf":[{"type":"object","additionalProperties":{"anyOf":[{"type":"string"},NULL]}},NULL]}""", ["null", "{\"a\":null}"], ["{\"a\":1}"]),
        new("IDictionary<Guid, bool>", """{"type":"object","additionalProperties":{"type":"boolean"},"propertyNames":{"format":"uuid"}}""",
            ["{\"0F8FAD5B-d9cb-469f-a165-70867728950e\":true} -> {\"0f8fad5b-d9cb-469f-a165-70867728950e\":true}"],
            ["{\"a\":true}", "{\"0f8fad5b-d9cb-469f-a165-70867728950e\":true,\"0F8FAD5B-d9cb-469f-a165-70867728950e\":true}"]),
        new("SortedDictionary<int, string>", """{"type":"object","additionalProperties":{"type":"string"},"propertyNames":{"pattern":"^(0|-?[1-9][0-9]{0,9})(?!\\n)$"}}""",
            ["{\"10\":\"b\",\"-2147483648\":\"c\",\"2\":\"a\",\"0\":\"\"} -> {\"-2147483648\":\"c\",\"0\":\"\",\"2\":\"a\",\"10\":\"b\"}"],
            ["{\"01\":\"\"}", "{\"-0\":\"\"}", "{\"+1\":\"\"}", "{\"1.0\":\"\"}", "{\"\":\"\"}", "{\"9999999999\":\"\"}", "{\"1\\n\":\"\"}"]),
        new("ImmutableDictionary<byte, bool>", """{"type":"object","additionalProperties":{"type":"boolean"},"propertyNames":{"pattern":"^(0|[1-9][0-9]{0,2})(?!\\n)$"}}""",
            ["{\"255\":true}"], ["{\"256\":true}", "{\"-1\":true}", "{\"1000\":true}"]),
        new("ImmutableSortedDictionary<Int128, bool>", """{"type":"object","additionalProperties":{"type":"boolean"},"propertyNames":{"pattern":"^(0|-?[1-9][0-9]{0,38})(?!\\n)$"}}""",
            ["{\"-170141183460469231731687303715884105728\":true}"], ["{\"x\":true}"]),
        new("FrozenDictionary<Color, bool>", """{"type":"object","additionalProperties":{"type":"boolean"},"propertyNames":{"$ref":"#/definitions/Color"}}""",
            ["{\"Red\":true}", "{\"Azure\":true} -> {\"Blue\":true}"], ["{\"red\":true}", "{\"Blue\":true,\"Azure\":true}"]),
        new("Dictionary<string, List<float>>", """{"type":"object","additionalProperties":{"type":"array","items":{"type":"number","minimum":-3.4028235E+38,"maximum":3.4028235E+38}}}""",
            ["{\"a\":[0.1]}"], ["{\"a\":[null]}", "{\"a\":1}"]),
        new("SortedList<string, object>", """{"type":"object","additionalProperties":true}""", ["{\"a\":[1,{\"b\":null}],\"B\":null} -> {\"B\":null,\"a\":[1,{\"b\":null}]}"], ["{\"a\":1,\"a\":2}", "[]"]),
        new("(int Number, string? Name)", """{"type":"array","prefixItems":[{INT,"minimum":-2147483648,"maximum":2147483647},{"anyOf":[{"type":"string"},NULL]}],"minItems":2,"maxItems":2}""",
            ["[1,\"a\"]", "[1,null]"], ["[1]", "[1,\"a\",2]", "[\"a\",1]", "{\"number\":1,\"name\":\"a\"}", "null", "[]"]),
        new("Tuple<bool, Point?>", """{"type":"array","prefixItems":[{"type":"boolean"},{"anyOf":[{"$ref":"#/definitions/Point"},NULL]}],"minItems":2,"maxItems":2}""",
            ["[true,{\"x\":1,\"y\":2}]"], ["[true]", "[null,null]"]),
        new("(bool, bool, bool, bool, bool, bool, bool, bool, bool)?", """{"anyOf":[{"type":"array","prefixItems":[{"type":"boolean"},{"type":"boolean"},{"type":"boolean"},{"type":"boolean"},{"type":"boolean"},{"type":"boolean"},{"type":"boolean"},{"type":"boolean"},{"type":"boolean"}],"minItems":9,"maxItems":9},NULL]}""",
            ["null", "[true,true,true,true,true,true,true,false,true]"], ["[true]"]),
        new("ValueTuple<bool>", """{"type":"array","prefixItems":[{"type":"boolean"}],"minItems":1,"maxItems":1}""", ["[true]"], ["true"]),
        new("object", "{}", ["null", "1", "\"a\"", "[{\"a\":1.10}]", "true"], ["{\"a\":1,\"a\":2}", "[{\"a\":1,\"a\":2}]"]),
        new("object?", "{}", ["null", "{\"a\":1}"], []),
        new("JsonElement", "{}", ["null", "1e2", "{\"a\":[]}"], ["{\"a\":{\"b\":1,\"b\":2}}"]),
        new("JsonElement?", "{}", ["null", "{\"a\":[]}"], []),
        new("JsonNode?", "{}", ["null", "1", "[\"a\"]", "{\"a\":{}}"], ["{\"a\":1,\"a\":2}"]),
        new("JsonObject", """{"type":"object","additionalProperties":true}""", ["{}", "{\"a\":{\"b\":1}}"], ["[]", "null", "1", "{\"a\":1,\"a\":2}"]),
        new("JsonArray?", """{"anyOf":[{"type":"array","items":{}},NULL]}""", ["null", "[1,null,{}]"], ["{}", "\"\""]),
        new("Box<string?>", """{"$ref":"#/definitions/Box_String"}""", ["{\"value\":null}", "{\"value\":\"a\",\"note\":\"b\"}"], ["{}", "{\"value\":1}"]),
        new("Box<string>", """{"$ref":"#/definitions/Box_String"}""", ["{\"value\":\"a\"}"], ["{\"value\":null}"]),
        new("Box<Box<int[]>>", """{"$ref":"#/definitions/Box_Box_Int32s"}""", ["{\"value\":{\"value\":[1]}}"], ["{\"value\":{\"value\":1}}"]),
        new("Marked", """{"$ref":"#/definitions/Marked"}""",
            ["{\"never\":1,\"field\":2,\"b\":\"x\",\"first\":true} -> {\"first\":true,\"never\":1,\"field\":2,\"b\":\"x\"}", "{\"never\":0,\"hidden\":5,\"maybe\":null} -> {\"first\":false,\"never\":5,\"field\":0,\"b\":\"\"}"],
            ["{}", "{\"never\":1,\"out\":1}"]),
        new("Several", """{"$ref":"#/definitions/Several"}""", ["{\"n\":3}"], ["{}", "{\"n\":\"3\"}"]),
        new("Shape", """{"$ref":"#/definitions/Shape"}""",
            ["{\"$type\":\"circle\",\"radius\":1.5}", "{\"radius\":1.5,\"$type\":\"circle\"} -> {\"$type\":\"circle\",\"radius\":1.5}",
                "{\"$type\":\"group\",\"shapes\":[{\"$type\":\"circle\",\"radius\":1}]}"],
            ["{\"radius\":1.5}", "{\"$type\":\"square\"}", "{\"$type\":\"circle\"}", "{\"$type\":\"circle\",\"radius\":1,\"shapes\":[]}", "{\"$type\":1,\"radius\":1}",
                "{\"$type\":\"circle\",\"radius\":1,\"$type\":\"circle\"}", "null", "[]", "{\"$type\":\"group\",\"shapes\":[{\"radius\":1}]}"]),
        new("Circle", """{"$ref":"#/definitions/Circle"}""", ["{\"radius\":1}"], ["{\"$type\":\"circle\",\"radius\":1}"]),
        new("Beast?", """{"anyOf":[{"$ref":"#/definitions/Beast"},NULL]}""",
            ["null", "{\"name\":\"a\"}", "{\"kind\":1,\"barks\":true,\"name\":\"a\"} -> {\"kind\":1,\"name\":\"a\",\"barks\":true}", "{\"kind\":2.0,\"name\":\"a\"} -> {\"kind\":2,\"name\":\"a\"}"],
            ["{\"kind\":3,\"name\":\"a\"}", "{\"kind\":\"1\",\"name\":\"a\",\"barks\":true}", "{\"kind\":2,\"name\":\"a\",\"barks\":true}", "{\"name\":\"a\",\"barks\":true}"]),
        new("IReadOnlyList<IThing>", """{"type":"array","items":{"$ref":"#/definitions/IThing"}}""", ["[{\"$type\":\"s\",\"n\":1},{\"$type\":\"c\",\"n\":2}]"], ["[{\"n\":1}]", "[null]"]),
        new("Money", """{"$ref":"#/definitions/Money"}""",
            ["\"12.50 EUR\"", "\"0.00 NOK\""], ["\"12.5 EUR\"", "\"12.50 eur\"", "\"12.50 EUR\\n\"", "12.5", "null", "\"\"", "{}"]),
        new("Money?", """{"anyOf":[{"$ref":"#/definitions/Money"},NULL]}""", ["null", "\"12.50 EUR\""], ["\"12.5 EUR\""]),
        new("Dictionary<string, Money[]>", """{"type":"object","additionalProperties":{"type":"array","items":{"$ref":"#/definitions/Money"}}}""", ["{\"a\":[\"1.00 EUR\"]}"], ["{\"a\":[\"1 EUR\"]}"]),
        new("Span", """{"$ref":"#/definitions/Span"}""",
            ["{\"seconds\":90,\"range\":[1,2.5],\"tags\":[\"a\"],\"when\":\"2026-01-31T06:00:00Z\",\"more\":{\"x\":1}} -> {\"seconds\":90,\"range\":[1,2.5],\"tags\":[\"a\"],\"when\":\"2026-01-31T06:00:00Z\",\"more\":{\"x\":1}}", "{\"seconds\":3.0}", "{\"seconds\":null}"],
            ["{\"seconds\":90.5}", "{\"seconds\":-1}", "{\"seconds\":3600}", "{\"seconds\":\"90\"}", "{}", "{\"seconds\":1,\"range\":[1]}", "{\"seconds\":1,\"range\":[1,2,3]}", "{\"seconds\":1,\"tags\":[\"a\",\"a\"]}",
                "{\"seconds\":1,\"tags\":[\"abcd\"]}", "{\"seconds\":1,\"tags\":[\"😀😀😀😀\"]}", "{\"seconds\":1,\"tags\":[\"\"]}", "{\"seconds\":1,\"when\":\"2026-02-30T06:00:00Z\"}", "{\"seconds\":1,\"more\":{\"x\":\"a\"}}",
                "{\"seconds\":1,\"unit\":\"h\"}", "{\"seconds\":1,\"other\":1}", "{\"seconds\":1,\"seconds\":1}"]),
        new("Odd", """{"$ref":"#/definitions/Odd"}""", ["{\"level\":1}", "{\"level\":2.0} -> {\"level\":2}", "{\"level\":\"high\"} -> {\"level\":3}"], ["{\"level\":4}", "{\"level\":\"low\"}", "{\"level\":null}", "{}"]),
    ];

    private const string Types = """"
        using System.Collections.Frozen;
        using System.Collections.Immutable;
        using System.Collections.ObjectModel;
        using System.Text.Json;
        using System.Text.Json.Nodes;
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
        public enum Wind { None, [JsonStringEnumMemberName("north-east")] NorthEast }
        [Flags] public enum Days : byte { None, [JsonStringEnumMemberName("mo")] Mon = 1, Sat = 32, Sun = 64, Weekend = Sat | Sun }
        public record Box<T>(T Value) { [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Note { get; init; } }
        public class Marked
        {
            [JsonRequired, JsonIgnore(Condition = JsonIgnoreCondition.Never)] public int Never { get; set; }
            [JsonInclude] public int Field;
            [JsonInclude] public string B { get; private set; } = "";
            [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public int Hidden { get => 0; set => Never = value; }
            [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Maybe { get; set; }
            [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public int Out => 0;
            [JsonPropertyOrder(-1)] public bool First { get; set; }
        }
        public class Several
        {
            public Several() => N = -1;
            [JsonConstructor] internal Several(int n) => N = n;
            public int N { get; }
        }
        [JsonDerivedType(typeof(Circle), "circle"), JsonDerivedType(typeof(Group), "group")]
        public abstract record Shape;
        public record Circle(double Radius) : Shape;
        public record Group(Shape[] Shapes) : Shape;
        [JsonPolymorphic(TypeDiscriminatorPropertyName = "kind"), JsonDerivedType(typeof(Dog), 1), JsonDerivedType(typeof(Cat), 2)]
        public class Beast { public required string Name { get; init; } }
        public sealed class Dog : Beast { public bool Barks { get; set; } }
        public sealed class Cat : Beast;
        [JsonDerivedType(typeof(StructThing), "s"), JsonDerivedType(typeof(ClassThing), "c")]
        public interface IThing { int N { get; } }
        public record struct StructThing(int N) : IThing;
        public record ClassThing(int N) : IThing;
        [JsonConverter(typeof(MoneyConverter)), Sluice.JsonSchema("""{"type":"string","pattern":"^\\d+\\.\\d{2} [A-Z]{3}$"}""")]
        public readonly record struct Money(decimal Amount, string Currency);
        public sealed class MoneyConverter : JsonConverter<Money>
        {
            public override Money Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
                reader.GetString()!.Split(' ') is var parts ? new(decimal.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), parts[1]) : default;
            public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options) =>
                writer.WriteStringValue(value.Amount.ToString(System.Globalization.CultureInfo.InvariantCulture) + " " + value.Currency);
        }
        [JsonConverter(typeof(SpanConverter))]
        public sealed class Span { public string Json = ""; }
        [Sluice.JsonSchema("""
            {"type":"object","additionalProperties":false,"required":["seconds"],"properties":{
              "seconds":{"type":["integer","null"],"minimum":0,"exclusiveMaximum":3600},
              "range":{"type":"array","items":{"type":"number"},"minItems":2,"maxItems":2},
              "tags":{"type":"array","items":{"type":"string","minLength":1,"maxLength":3},"uniqueItems":true},
              "when":{"anyOf":[{"type":"string","format":"date-time"},{"const":"now"}]},
              "unit":{"enum":["s","min"]},
              "more":{"type":"object","additionalProperties":{"type":"integer"}}}}
            """)]
        public sealed class SpanConverter : JsonConverter<Span>
        {
            public override Span Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) { using var json = JsonDocument.ParseValue(ref reader); return new() { Json = json.RootElement.GetRawText() }; }
            public override void Write(Utf8JsonWriter writer, Span value, JsonSerializerOptions options) => writer.WriteRawValue(value.Json);
        }
        public record Odd([property: JsonConverter(typeof(LevelConverter)), Sluice.JsonSchema("""{"anyOf":[{"type":"integer","enum":[1,2,3]},{"const":"high"}]}""")] int Level);
        public sealed class LevelConverter : JsonConverter<int>
        {
            public override int Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.TokenType == JsonTokenType.String ? 3 : (int)reader.GetDouble();
            public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
        }
        """";

    public static readonly string Source =
        Types + "\npublic static class Flows\n{\n    public static readonly AsyncLocal<System.Runtime.CompilerServices.StrongBox<object?>?> Kept = new();\n"
        + string.Concat(Rows.Select((row, i) => $"    [Flow(\"{i}\")] public static {row.Type} Echo{i}({row.Type} value) {{ if (Kept.Value is {{ }} kept) kept.Value = value; return value; }}\n")) + "}\n";

    /// <summary>For each row a flow with a deployment that gives the parameter (its first text), and one that does not.</summary>
    public static string Deployed() =>
        Types + "\npublic static class Flows\n{\n"
        + string.Concat(Rows.Select((row, i) => $"    [Flow(\"Flow {i}\"), Deployment(\"needs\"), Deployment(\"gives\", Parameters = {SymbolDisplay.FormatLiteral($"{{\"value\":{row.Accepts[0].Split(" -> ")[0]}}}", quote: true)})] public static void Take{i}({row.Type} value) {{ }}\n")) + "}\n";

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
