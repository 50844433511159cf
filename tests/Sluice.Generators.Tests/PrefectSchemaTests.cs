using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>Schemas are laid out as Prefect's are for the same parameters in Python, but for what we say beyond it.</summary>
public class PrefectSchemaTests
{
    private static readonly string[] Ours = ["minimum", "maximum", "additionalProperties"];

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
    public void A_schema_is_Prefects_and_a_little_more(string recorded, string parameters)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "data", "parameter_schemas_3.json");
        JsonNode expected = JsonNode.Parse(File.ReadAllText(path))![recorded]!["schema"]!;
        JsonNode schema = JsonNode.Parse(GeneratorTest.Run($$"""
            public enum Color { red, green, blue }
            /// <summary>An address.</summary>
            public record Address(string Street, string? Zip = null);
            public static class Flows
            {
                {{(recorded == "docstring_google" ? "/// <param name=\"name\">The name of the thing</param><param name=\"count\">How many times</param>" : "")}}
                [Flow] public static void Run({{parameters}}) { }
            }
            """).Schema.GetRawText())!;
        Strip(schema);
        JsonNode.DeepEquals(schema, expected).ShouldBeTrue($"{schema.ToJsonString()}\n{expected.ToJsonString()}");
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            foreach (string name in Ours)
                members.Remove(name);
            foreach (var (_, member) in members)
                Strip(member);
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
                Strip(item);
        }
    }
}
