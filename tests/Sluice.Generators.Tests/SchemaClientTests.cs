using System.Reflection;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Sluice.Generators.Clients;
using Sluice.Generators.Emitting;
using Sluice.Generators.Json;
using Sluice.Generators.Parsing;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>Typed clients from nothing but a deployment's parameter schema.</summary>
public class SchemaClientTests
{
    [Theory]
    [InlineData("parameter_schemas_2.json", 36, LanguageVersion.CSharp9)]
    [InlineData("parameter_schemas_2.json", 36, LanguageVersion.Latest)]
    [InlineData("parameter_schemas_3.json", 37, LanguageVersion.CSharp9)]
    [InlineData("parameter_schemas_3.json", 37, LanguageVersion.Latest)]
    public void Every_schema_of_Prefect_gives_a_client_that_compiles_without_a_warning(string file, int count, LanguageVersion version)
    {
        ClientFlow[] flows = [.. Recorded(file).EnumerateObject().Where(signature => signature.Value.TryGetProperty("schema", out _))
            .Select(signature => Flow(signature.Name, ("the-deployment", signature.Value.GetProperty("schema").GetRawText(), null)))];
        flows.Length.ShouldBe(count);
        Compile(Emit(flows), version);
    }

    /// <summary>A parameter's schema, its type as one optional parameter, and what stands beside it.</summary>
    [Theory]
    [InlineData("""{"type":"string"}""", "string?")]
    [InlineData("""{"type":"integer"}""", "long?")]
    [InlineData("""{"type":"integer","minimum":-2147483648,"maximum":2147483647}""", "int?")]
    [InlineData("""{"type":"integer","minimum":1,"maximum":10}""", "int?")]
    [InlineData("""{"type":"integer","minimum":0,"maximum":18446744073709551615}""", "ulong?")]
    [InlineData("""{"type":"number"}""", "double?")]
    [InlineData("""{"type":"number","minimum":-79228162514264337593543950335,"maximum":79228162514264337593543950335}""", "decimal?")]
    [InlineData("""{"type":"number","format":"time-delta"}""", "double?")]
    [InlineData("""{"type":"boolean"}""", "bool?")]
    [InlineData("""{"type":"string","format":"date-time"}""", "DateTimeOffset?")]
    [InlineData("""{"type":"string","format":"date"}""", "DateOnly?")]
    [InlineData("""{"type":"string","format":"time"}""", "TimeOnly?")]
    [InlineData("""{"type":"string","format":"duration"}""", "TimeSpan?")]
    [InlineData("""{"type":"string","format":"uuid"}""", "Guid?")]
    [InlineData("""{"type":"string","format":"binary"}""", "string?")]
    [InlineData("""{"type":"string","format":"binary","contentEncoding":"base64"}""", "byte[]?")]
    [InlineData("{}", "JsonNode?")]
    [InlineData("true", "JsonNode?")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"null"}]}""", "long?")]
    [InlineData("""{"type":["integer","null"]}""", "long?")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"string"}]}""", "JsonNode?")]
    [InlineData("""{"allOf":[{"type":"integer"}],"default":1}""", "long?")]
    [InlineData("""{"allOf":[{"type":"integer"},{"minimum":1}]}""", "JsonNode?")]
    [InlineData("""{"type":"array"}""", "IReadOnlyCollection<JsonNode?>?")]
    [InlineData("""{"type":"array","items":{"anyOf":[{"type":"number"},{"type":"null"}]}}""", "IReadOnlyCollection<double?>?")]
    [InlineData("""{"type":"array","minItems":2,"maxItems":2,"prefixItems":[{"type":"integer"},{"type":"string"}]}""", "(long, string)?")]
    [InlineData("""{"type":"array","minItems":1,"maxItems":1,"items":[{"type":"integer"}]}""", "ValueTuple<long>?")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"integer"}]}""", "JsonNode?")]
    [InlineData("""{"type":"object"}""", "IReadOnlyDictionary<string, JsonNode?>?")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"array","items":{"type":"integer"}}}""", "IReadOnlyDictionary<string, IReadOnlyCollection<long>>?")]
    [InlineData("""{"type":"object","patternProperties":{"^[0-9]+$":{"type":"integer"}},"additionalProperties":false}""", "IReadOnlyDictionary<string, long>?")]
    [InlineData("""{"type":"object","properties":{"unit price":{"type":"number"},"class":{}},"required":["class"]}""", "X?", "record X(JsonNode? Class, double? UnitPrice = null)")]
    [InlineData("""{"type":"object","properties":{"a":{}},"additionalProperties":{"type":"integer"}}""", "X?", "record X(JsonNode? A = null, IReadOnlyDictionary<string, long>? Others = null)")]
    [InlineData("""{"enum":["red","dark red","","1st",1,-1.5,true]}""", "X?", "enum X Red, DarkRed, Empty, _1st, Value1, ValueMinus1_5, True,")]
    [InlineData("""{"enum":["red",null]}""", "X?", "enum X Red,")]
    [InlineData("""{"const":5}""", "X?", "enum X Value5,")]
    [InlineData("""{"$ref":"#/definitions/my.mod.Node"}""", "Node?", "record Node(long Value, IReadOnlyCollection<Node>? Children = null)")]
    [InlineData("""{"oneOf":[{"$ref":"#/definitions/Cat"},{"$ref":"#/definitions/Dog"}],"discriminator":{"propertyName":"kind"}}""", "CatOrDog?", "record Cat(bool Purrs) : CatOrDog", "interface CatOrDog")]
    [InlineData("""{"$ref":"#/definitions/Alias"}""", "IReadOnlyCollection<Cat>?")]
    [InlineData("""{"$ref":"#/definitions/Loop"}""", "JsonNode?")]
    [InlineData("""{"$ref":"#/definitions/Missing"}""", "JsonNode?")]
    [InlineData("""{"$ref":"https://example.org/schema.json"}""", "JsonNode?")]
    public void A_type_is_as_precise_as_the_schema_says(string schema, string type, params string[] besides)
    {
        const string Definitions = """
            {"my.mod.Node":{"type":"object","properties":{"value":{"type":"integer"},"children":{"type":"array","items":{"$ref":"#/definitions/my.mod.Node"}}},"required":["value"]},
             "Cat":{"type":"object","properties":{"kind":{"const":"cat"},"purrs":{"type":"boolean"}},"required":["kind","purrs"]},
             "Dog":{"type":"object","properties":{"kind":{"const":"dog"}}},
             "Alias":{"type":"array","items":{"$ref":"#/definitions/Cat"}},
             "Loop":{"anyOf":[{"$ref":"#/definitions/Loop"},{"type":"null"}]}}
            """;
        string code = Emit(Flow("f", ("d", $$"""{"properties":{"x":{{schema}}},"definitions":{{Definitions}}}""", null)));
        Compile(code, LanguageVersion.CSharp9);
        string plain = string.Join(' ', code.Replace("global::System.Text.Json.Nodes.", "").Replace("global::System.Collections.Generic.", "").Replace("global::System.", "")
            .Split('\n').Select(line => line.Trim()).Where(line => !line.StartsWith("///", StringComparison.Ordinal)));
        plain.ShouldContain($"RunAsync({type} x = null, ");
        foreach (string declaration in besides)
            plain.Replace(" {", "").ShouldContain(declaration);
    }

    [Fact]
    public void Hostile_names_and_texts_do_no_harm()
    {
        const string Schema = """
            {"properties":{"class":{"type":"integer","description":"</param> & \u2028 \" */ <x>"},"options":{},"cancellation":{},"writer":{},"set0":{},"a b":{},"a-b":{},"":{},"1":{},"変数":{},
             "System":{"$ref":"#/definitions/System"},"String":{"$ref":"#/definitions/String"},"t":{"$ref":"#/definitions/RunAsync"}},"required":["class"],
             "definitions":{"System":{"type":"object","title":"<b>","description":"a\nb","properties":{"Equals":{},"Clone":{},"System":{},"toString":{},"event":{},"GetType":{}}},
              "String":{"enum":["class","System","a","A","\"\\\n"]},"RunAsync":{"type":"object","properties":{"x":{"$ref":"#/definitions/String"}}}}}
            """;
        string code = Emit(
            Flow("class", ("class", Schema, null), ("Class", Schema.Replace("int", "in\\u0074"), """{"class":5}"""), ("run async", Schema.Replace("integer", "string"), null)),
            Flow("Deployments", ("deployments", "{}", null), ("\u0001\"\\", "null", null)),
            Flow("a/b\nc", ("日本", """{"properties":{}}""", null)));
        Compile(code, LanguageVersion.CSharp9);
    }

    [Fact]
    public void What_the_deployment_gives_may_be_left_out_and_the_docs_say_so()
    {
        string code = Emit(Flow("f", ("d", """{"properties":{"city":{"type":"string","position":1},"days":{"type":"integer","position":0,"default":7,"description":"How many."},"key":{"type":"string","format":"password","default":"hush"}},"required":["city","key"]}""", """{"city":"Oslo"}""")));
        code += Emit(Flow("g", ("d", """{"properties":{"key":{"type":"string","writeOnly":true},"at":{"type":"object","default":{"token":"hush"}}}}""", """{"key":"hush","at":{"token":"hush"}}"""))).Replace("#nullable enable", "");
        Compile(code, LanguageVersion.Latest);
        code.ShouldContain("RunAsync(string key, long? days = null, string? city = null, ");
        code.ShouldContain("/// <param name=\"days\">How many. The default is 7.</param>");
        code.ShouldContain("/// <param name=\"city\">The deployment gives \"Oslo\".</param>");
        code.ShouldContain("/// <param name=\"key\">The deployment gives it.</param>");
        code.ShouldNotContain("hush");
    }

    [Fact]
    public void Types_of_deployments_with_another_schema_stand_apart() =>
        Compile(
            Emit(Flow("f", ("a", Enumeration("x"), null), ("b", Enumeration("x"), null), ("c", Enumeration("y"), null), ("d", "{}", null))) + """

            namespace N
            {
                internal static class Use
                {
                    internal static object[] All() => new object[] { Deployments.F.Color.X, Deployments.F.C.Color.Y, Deployments.F.A.RunAsync(Deployments.F.Color.X), Deployments.F.C.RunAsync(Deployments.F.C.Color.Y) };
                }
            }
            """, LanguageVersion.CSharp9);

    [Fact]
    public void The_list_of_keywords_is_the_compilers() =>
        SyntaxFacts.GetKeywordKinds().Concat(SyntaxFacts.GetContextualKeywordKinds()).Select(SyntaxFacts.GetText).Distinct()
            .Where(word => word.Length > 0 && !Keywords.Contains(word)).ShouldBeEmpty();

    private static string Enumeration(string value) => """{"properties":{"color":{"$ref":"#/$defs/Color"}},"$defs":{"Color":{"enum":["VALUE"]}}}""".Replace("VALUE", value);

    private static ClientFlow Flow(string name, params (string Name, string Schema, string? Parameters)[] deployments) =>
        new(name, [.. deployments.Select(deployment => new ClientDeployment(deployment.Name, "Does <things>.", Json(deployment.Schema), deployment.Parameters is { } given ? Json(given) : null))]);

    private static JsonNode Json(string text) => JsonParser.Parse(text, out JsonError? error) ?? throw new InvalidOperationException(error!.Message);

    private static string Emit(params ClientFlow[] flows)
    {
        var code = new CodeWriter();
        code.Line("#nullable enable");
        int blocks = ClientEmitter.Open(code, "N");
        foreach (ClientFlow flow in flows)
            ClientEmitter.WriteFlow(code, flow, ClientEmitter.FlowIdentifier(flow.Name), "test");
        for (; blocks > 0; blocks--)
            code.Close();
        return code.ToString();
    }

    private static void Compile(string code, LanguageVersion version)
    {
        var options = new CSharpParseOptions(version, DocumentationMode.Diagnose);
        var compilation = CSharpCompilation.Create(
            "Clients", [CSharpSyntaxTree.ParseText(code, options)], GeneratorTest.References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Disable, warningLevel: 9999));
        compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning).ShouldBeEmpty();
    }

    private static JsonElement Recorded(string file) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data", file))).RootElement;
}
