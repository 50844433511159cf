using System.Text.Json;
using Microsoft.CodeAnalysis;
using Sluice.Generators.Json;
using Sluice.Generators.Model;
using Sluice.Generators.Parsing;
using Sluice.Generators.Tests.Harness;
using Sluice.Runtime;

namespace Sluice.Generators.Tests;

/// <summary>One row for each attribute on each kind of type it goes with: its keywords, texts that it takes and texts that it refuses.</summary>
internal static class ConstraintCases
{
    public const string Usings = "using System.ComponentModel;\nusing System.ComponentModel.DataAnnotations;\n";

    public static readonly TypeCases.Row[] Rows =
    [
        new("[Range(1, 10)] int", """{"type":"integer","minimum":1,"maximum":10}""", ["1", "10", "5.0"], ["0", "11", "null", "1.5"]),
        new("[Range(-5, 300)] sbyte", """{"type":"integer","minimum":-5,"maximum":127}""", ["-5", "127"], ["-6", "128"]),
        new("[Range(0, int.MaxValue)] long", """{"type":"integer","minimum":0,"maximum":2147483647}""", ["0"], ["-1", "2147483648"]),
        new("[Range(0.1, 0.3)] double", """{"type":"number","minimum":0.1,"maximum":0.3}""", ["0.1", "0.3"], ["0.30000000000000000001", "0.09999"]),
        new("[Range(0, double.PositiveInfinity)] double", """{"type":"number","minimum":0,"maximum":1.7976931348623157E+308}""", ["0", "1e308"], ["-1e-300"]),
        new("[Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true)] float", """{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1}""", ["0.5"], ["0", "1", "0.0"]),
        new("[Range(typeof(decimal), \"0.01\", \"99999999999999999999.99\")] decimal", """{"type":"number","minimum":0.01,"maximum":99999999999999999999.99}""",
            ["0.01", "99999999999999999999.99"], ["0.009", "99999999999999999999.991"]),
        new("[Range(1, 3)] int?", """{"anyOf":[{"type":"integer","minimum":1,"maximum":3},{"type":"null"}]}""", ["null", "1"], ["0", "4"]),
        new("[StringLength(3)] string", """{"type":"string","maxLength":3}""", ["\"\"", "\"abc\"", "\"😀😀😀\""], ["\"abcd\"", "null"]),
        new("[StringLength(3, MinimumLength = 2)] string?", """{"anyOf":[{"type":"string","minLength":2,"maxLength":3},{"type":"null"}]}""", ["null", "\"ab\""], ["\"a\"", "\"😀\""]),
        new("[MinLength(2)] string", """{"type":"string","minLength":2}""", ["\"ab\""], ["\"a\""]),
        new("[MaxLength(2)] string", """{"type":"string","maxLength":2}""", ["\"ab\""], ["\"abc\""]),
        new("[Length(2, 3), MaxLength(9)] string", """{"type":"string","minLength":2,"maxLength":3}""", ["\"ab\""], ["\"abcd\"", "\"a\""]),
        new("[MinLength(1), MaxLength(2)] int[]", """{"type":"array","items":{"type":"integer","minimum":-2147483648,"maximum":2147483647},"minItems":1,"maxItems":2}""", ["[1]", "[1,2]"], ["[]", "[1,2,3]"]),
        new("[Length(0, 1)] HashSet<string>", """{"type":"array","items":{"type":"string"},"uniqueItems":true,"maxItems":1}""", ["[]", "[\"a\"]"], ["[\"a\",\"b\"]"]),
        new("[Length(1, 2)] Dictionary<string, bool>", """{"type":"object","additionalProperties":{"type":"boolean"},"minProperties":1,"maxProperties":2}""", ["{\"a\":true}"], ["{}", "{\"a\":true,\"b\":true,\"c\":true}"]),
        new("[RegularExpression(\"[A-Z]{3}\")] string", """{"type":"string","pattern":"^[A-Z]{3}(?!\\n)$"}""", ["\"ABC\""], ["\"abc\"", "\"ABCD\"", "\"ABC\\n\"", "\"\""]),
        new("[RegularExpression(\"a|bc\")] string?", """{"anyOf":[{"type":"string","pattern":"^(?:a|bc)(?!\\n)$"},{"type":"null"}]}""", ["\"a\"", "\"bc\"", "null"], ["\"ab\"", "\"c\""]),
        new("[RegularExpression(@\"\\d+.\\w\")] string", """{"type":"string","pattern":"^[0-9]+[^\\n][A-Za-z0-9_](?!\\n)$"}""", ["\"12😀a\"", "\"1-_\""], ["\"٣-a\"", "\"1\\na\"", "\"1-é\""]),
        new("[EmailAddress] string", """{"type":"string","format":"email","pattern":"^[^@\\r\\n]+@[^@\\r\\n]+(?!\\n)$"}""", ["\"a@b\""], ["\"a\"", "\"@b\"", "\"a@b@c\"", "\"a@b\\n\""]),
        new("[Url] string", """{"type":"string","format":"uri","pattern":"^(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp])://[^\\x00-\\x20\"<>\\\\\\^`{|}\\x7f-\\u00a0]*(?!\\n)$"}""",
            ["\"https://example.org/a?b\"", "\"FTP://x\""], ["\"mailto:a@b\"", "\"/a\"", "\"http://a b\""]),
        new("[Base64String] string", """{"type":"string","contentEncoding":"base64","pattern":"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?(?!\\n)$"}""",
            ["\"\"", "\"AQID\"", "\"AQ==\""], ["\"A\"", "\"AQ =\"", "\"AQI\"", "\"AR==\"", "\"AQJ=\""]),
        new("[EmailAddress, RegularExpression(\".*@example.org\"), StringLength(20)] string",
            """{"type":"string","format":"email","maxLength":20,"pattern":"^[^@\\r\\n]+@[^@\\r\\n]+(?!\\n)$","allOf":[{"pattern":"^[^\\n]*@example[^\\n]org(?!\\n)$"}]}""",
            ["\"a@example.org\""], ["\"a@b\"", "\"@example.org\"", "\"aaaaaaaaaaaaa@example.org\""]),
        new("[AllowedValues(1, 2.0, 5)] int", """{"type":"integer","minimum":-2147483648,"maximum":2147483647,"enum":[1,2,5]}""", ["1", "2.0", "5e0"], ["3", "\"1\""]),
        new("[AllowedValues(\"a\", \"é\\n\")] string", """{"type":"string","enum":["a","é\n"]}""", ["\"a\"", "\"\\u00e9\\n\""], ["\"b\"", "\"é\"", "null"]),
        new("[AllowedValues(\"a\", null)] string?", """{"anyOf":[{"type":"string","enum":["a"]},{"type":"null"}]}""", ["\"a\"", "null"], ["\"b\""]),
        new("[AllowedValues(\"a\")] string?", """{"type":"string","enum":["a"]}""", ["\"a\""], ["null", "\"b\""]),
        new("[AllowedValues(true)] bool", """{"type":"boolean","enum":[true]}""", ["true"], ["false"]),
        new("[AllowedValues(Color.Red, Color.Blue)] Color", """{"$ref":"#/definitions/Color","enum":["Red","Blue"]}""", ["\"Red\"", "\"Blue\""], ["\"Green\"", "\"x\""]),
        new("[DeniedValues(0, 1)] int", """{"type":"integer","minimum":-2147483648,"maximum":2147483647,"not":{"enum":[0,1]}}""", ["2", "-1"], ["0", "0.0", "10e-1"]),
        new("[DeniedValues(\"\", null)] string?", """{"type":"string","not":{"enum":[""]}}""", ["\"a\""], ["\"\"", "null"]),
        new("[DeniedValues(\"x\")] string?", """{"anyOf":[{"type":"string","not":{"enum":["x"]}},{"type":"null"}]}""", ["\"a\"", "null"], ["\"x\""]),
        new("[Required] string", """{"type":"string","minLength":1}""", ["\"a\"", "\" \""], ["\"\"", "null"]),
        new("[Required] string?", """{"type":"string","minLength":1}""", ["\"a\""], ["\"\"", "null"]),
        new("[Required(AllowEmptyStrings = true)] string?", """{"type":"string"}""", ["\"\""], ["null"]),
        new("[Required] int?", """{"type":"integer","minimum":-2147483648,"maximum":2147483647}""", ["0"], ["null"]),
        new("[Secret] string", """{"type":"string","format":"password","writeOnly":true}""", ["\"x\""], ["null", "5"]),
        new("[Secret, MinLength(2)] string?", """{"anyOf":[{"type":"string","format":"password","minLength":2,"writeOnly":true},{"type":"null"}]}""", ["\"xy\"", "null"], ["\"x\""]),
        new("Order", """{"$ref":"#/definitions/Order"}""",
            ["{\"lines\":[{\"count\":1}]}", "{\"lines\":[{\"count\":99,\"code\":\"A1\"}],\"mail\":\"a@b\"}"],
            ["{\"lines\":[]}", "{\"lines\":[{\"count\":0}]}", "{\"lines\":[{\"count\":1,\"code\":\"a1\"}]}", "{\"lines\":[{\"count\":1}],\"mail\":\"ab\"}", "{\"lines\":[{\"count\":1}],\"mail\":null}"]),
    ];

    private const string Types = """
        public enum Color { Red, Green, Blue }
        public record Line([Range(1, 99)] int Count, [property: RegularExpression("[A-Z][0-9]")] string? Code = null);
        public class Order
        {
            [MinLength(1)] public required Line[] Lines { get; init; }
            [EmailAddress] public string Mail { get; set; } = "";
        }
        """;

    private static readonly string Source =
        Usings + Types + "\npublic static class Flows\n{\n" + string.Concat(Rows.Select((row, i) => $"    [Flow(\"{i}\")] public static void Take{i}({row.Type} value) {{ }}\n")) + "}\n";

    private static readonly Lazy<Generated> Compiled = new(() => GeneratorTest.Run(Source));
    private static readonly Lazy<INamedTypeSymbol> Flows = new(() => GeneratorTest.Compile(Source).GetTypeByMetadataName("Flows")!);

    public static FlowDefinition Flow(int row) => Compiled.Value.Flows.Single(flow => flow.Name == row.ToString());

    public static JsonElement Schema(int row) =>
        Compiled.Value.Manifests.Single(manifest => manifest.GetProperty("name").GetString() == row.ToString()).GetProperty("parameter_openapi_schema");

    /// <summary>Whether the analyzers' check takes a text.</summary>
    public static bool Check(int row, string text)
    {
        IParameterSymbol parameter = ((IMethodSymbol)Flows.Value.GetMembers($"Take{row}").Single()).Parameters[0];
        var types = new FlowTypes(parameter.ContainingAssembly, forInput: true, default);
        TypeNode type = types.Parse(parameter.Type, "value")!;
        var problems = new List<ConstraintProblem>();
        Constraints? constraints = new ConstraintParser(type, types.Table, parameter, "value", problems).Read(parameter);
        problems.Concat(types.ConstraintProblems).ShouldBeEmpty(Rows[row].Type);
        if (JsonParser.Parse(text, out _) is not { } json)
            return false;
        var check = new ValueCheck(types.Table());
        check.Check(json, type, "$", constraints);
        return check.Misfits.Count == 0;
    }
}
