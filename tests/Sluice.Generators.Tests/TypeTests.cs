using System.Text.Json;
using Sluice.Generators.Tests.Harness;
using Sluice.Runtime;

namespace Sluice.Generators.Tests;

/// <summary>What each type's schema says, and that binder and writer do as it says: in compiled code, on real JSON.</summary>
public class TypeTests
{
    [Fact]
    public void Each_type_has_its_schema()
    {
        foreach (TypeCases.Row row in TypeCases.Rows)
        {
            JsonElement value = Schema(row).GetProperty("properties").GetProperty("value");
            var kept = value.EnumerateObject().Where(member => member.Name is not ("title" or "position")).Select(member => $"\"{member.Name}\":{member.Value.GetRawText()}");
            $"{{{string.Join(",", kept)}}}".ShouldBe(row.Expected, row.Type);
        }
    }

    [Fact]
    public async Task Each_type_takes_what_fits_and_gives_it_back()
    {
        foreach (TypeCases.Row row in TypeCases.Rows)
        {
            foreach (string text in row.Accepts)
            {
                string[] sides = text.Split(" -> ");
                string answer = await Generated.Invoke(Flow(row), $$"""{"value":{{sides[0]}}}""");
                JsonElement.DeepEquals(JsonDocument.Parse(answer).RootElement, JsonDocument.Parse(sides[^1]).RootElement)
                    .ShouldBeTrue($"{row.Type}: {sides[0]} came back as {answer}");
            }
        }
    }

    [Fact]
    public void Each_type_refuses_what_does_not_fit()
    {
        foreach (TypeCases.Row row in TypeCases.Rows)
            foreach (string text in row.Refuses)
            {
                IReadOnlyList<string> problems = Generated.Problems(Flow(row), $$"""{"value":{{text}}}""");
                problems.ShouldNotBeEmpty($"{row.Type}: {text}");
                problems.ShouldAllBe(problem => problem.StartsWith("$.value"));
            }
    }

    [Fact]
    public async Task What_a_type_writes_it_reads()
    {
        foreach (TypeCases.Row row in TypeCases.Rows)
        {
            foreach (string text in row.Accepts.Where(_ => row.Type != "Marked"))
            {
                string once = await Generated.Invoke(Flow(row), $$"""{"value":{{text.Split(" -> ")[0]}}}""");
                (await Generated.Invoke(Flow(row), $$"""{"value":{{once}}}""")).ShouldBe(once, row.Type);
            }
        }
    }

    [Fact]
    public void Definitions_are_closed_titled_and_in_order()
    {
        string Definition(string type) => Schema(TypeCases.Rows.Single(row => row.Type == type)).GetProperty("definitions").GetProperty(type).GetRawText();
        Definition("Point").ShouldBe(
            """{"type":"object","title":"Point","properties":{"x":{"type":"integer","minimum":-2147483648,"maximum":2147483647,"title":"X"},"y":{"type":"integer","minimum":-2147483648,"maximum":2147483647,"title":"Y","default":5}},"required":["x"],"additionalProperties":false}""");
        Definition("Color").ShouldBe("""{"type":"string","enum":["Red","Blue","Azure","event"],"title":"Color"}""");
        Definition("Node").ShouldContain("""
            "children":{"anyOf":[{"type":"array","items":{"$ref":"#/definitions/Node"}},{"type":"null"}],"title":"Children"}
            """.Trim());
    }

    private static FlowDefinition Flow(TypeCases.Row row) => TypeCases.All.Flows.Single(flow => flow.Name == Index(row));

    private static JsonElement Schema(TypeCases.Row row) =>
        TypeCases.All.Manifests.Single(flow => flow.GetProperty("name").GetString() == Index(row)).GetProperty("parameter_openapi_schema");

    private static string Index(TypeCases.Row row) => Array.IndexOf(TypeCases.Rows, row).ToString();
}
