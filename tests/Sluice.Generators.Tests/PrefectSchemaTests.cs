using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>Schemas are laid out as Prefect's are for the same parameters in Python, but for what we say beyond it.</summary>
public class PrefectSchemaTests
{
    private static readonly string[] Ours = ["minimum", "maximum", "pattern"];

    [Theory]
    [InlineData("no_params", "")]
    [InlineData("str_required", "string name")]
    [InlineData("str_default", "string name = \"world\"")]
    [InlineData("int_float_bool", "int i, double f = 1.5, bool b = false")]
    [InlineData("datetimes", "DateTime dt, DateOnly d, TimeOnly t, TimeSpan td")]
    [InlineData("optional_", "int? x, string? y = null, Color? z = null")]
    [InlineData("list_of_models", "List<Address> ps")]
    [InlineData("many_same_model", "Address a, Address b, Address? c = null")]
    [InlineData("docstring_google", "string name, int count = 1")]
    [InlineData("any_", "object x, JsonNode? y = null, object? o = null")]
    public void A_schema_is_Prefects_and_a_little_more(string recorded, string parameters)
    {
        JsonNode schema = Schema(parameters, recorded == "docstring_google" ? "/// <param name=\"name\">The name of the thing</param><param name=\"count\">How many times</param>" : "");
        Strip(schema, Ours);
        ShouldBe(schema, Recorded(recorded));
    }

    /// <summary>Python has collections as defaults, and makes what takes all other arguments a required parameter of no type.</summary>
    [Theory]
    [InlineData("list_", "List<int> xs, List<object> ys, string[] zs")]
    [InlineData("dict_", "Dictionary<string, int> m, IReadOnlyDictionary<string, JsonElement> d, ImmutableDictionary<string, double[]> nested")]
    [InlineData("tuple_", "(int Number, string) t, params int[] v")]
    [InlineData("set_", "HashSet<int> s, FrozenSet<string> f")]
    [InlineData("model_recursive", "Node n")]
    [InlineData("uuid_", "Guid id, Guid other = default")]
    [InlineData("kwargs_", "int a, [ExtraParameters] IDictionary<string, JsonElement> kwargs")]
    public void A_schema_is_Prefects_but_for_defaults(string recorded, string parameters)
    {
        string[] open = recorded == "kwargs_" ? ["type", "additionalProperties"] : [];
        JsonNode schema = Schema(parameters, "");
        JsonNode expected = Recorded(recorded);
        Strip(schema, [.. Ours, .. open, "default", "required"]);
        Strip(expected, [.. open, "default", "required"]);
        ShouldBe(schema, expected);
    }

    /// <summary>Attributes become what <c>Annotated</c>, <c>Field</c> and <c>SecretStr</c> become; a pattern only ends so that no line break may follow.</summary>
    [Theory]
    [InlineData("annotated", "[Range(1, 10)] int a = 5, [RegularExpression(\"^a+$\")] string s = \"a\"")]
    [InlineData("secret", "[Secret] string s")]
    [InlineData("field_default", "[Range(int.MinValue, int.MaxValue), Description(\"the a\")] int a = 3")]
    public void Attributes_are_Prefects_keywords(string recorded, string parameters)
    {
        JsonNode schema = Schema(parameters, "");
        Strip(schema, recorded == "field_default" ? Ours : []);
        ShouldBe(JsonNode.Parse(schema.ToJsonString().Replace("(?!\\\\n)$", "$"))!, Recorded(recorded));
    }

    private static void ShouldBe(JsonNode schema, JsonNode expected) => JsonNode.DeepEquals(schema, expected).ShouldBeTrue($"{schema.ToJsonString()}\n{expected.ToJsonString()}");

    private static JsonNode Recorded(string name) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data", "parameter_schemas_3.json")))![name]!["schema"]!;

    private static JsonNode Schema(string parameters, string docs) => JsonNode.Parse(GeneratorTest.Run($$"""
        using System.Collections.Frozen;
        using System.ComponentModel;
        using System.ComponentModel.DataAnnotations;
        using System.Collections.Immutable;
        using System.Text.Json;
        using System.Text.Json.Nodes;
        public enum Color { red, green, blue }
        /// <summary>An address.</summary>
        public record Address(string Street, string? Zip = null);
        public record Node(int Value, List<Node> Children);
        public static class Flows
        {
            {{docs}}
            [Flow] public static void Run({{parameters}}) { }
        }
        """).Schema.GetRawText())!;

    private static void Strip(JsonNode? node, string[] names)
    {
        if (node is JsonObject members)
        {
            foreach (string name in names)
                members.Remove(name);
            if (members["additionalProperties"] is JsonValue closed && closed.GetValueKind() == JsonValueKind.False)
                members.Remove("additionalProperties");
            foreach (var (_, member) in members)
                Strip(member, names);
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
                Strip(item, names);
        }
    }
}
