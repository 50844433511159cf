using System.Text.Json;

namespace Sluice.Schemas.Tests;

/// <summary>Prefect's templated values, as its <c>schema_tools/hydration.py</c> reads them.</summary>
public sealed class TemplatedValuesTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""")]
    [InlineData("""{"a":{"__prefect_kind":"none","value":5}}""", """{"a":5}""")]
    [InlineData("""{"a":{"__prefect_kind":"json","value":"{\"b\":[1.50]}"}}""", """{"a":{"b":[1.50]}}""")]
    [InlineData("""{"a":{"__prefect_kind":"json"},"b":1}""", """{"b":1}""")]
    [InlineData("""{"a":{"__prefect_kind":"workspace_variable"}}""", "{}")]
    [InlineData("""{"a":{"__prefect_kind":"jinja","template":"plain"}}""", """{"a":"plain"}""")]
    [InlineData("""{"a":{"__prefect_kind":"json","value":{"__prefect_kind":"jinja","template":"5"}}}""", """{"a":5}""")]
    [InlineData("""{"a":{"__prefect_kind":"workspace_variable","variable_name":"city"}}""", """{"a":"Oslo"}""")]
    [InlineData("""{"a":{"__prefect_kind":"later","value":[1]}}""", """{"a":[1]}""")]
    [InlineData("""{"a":[{"b":{"__prefect_kind":"none","value":{"__prefect_kind":"json","value":"null"}}}]}""", """{"a":[{"b":null}]}""")]
    public void A_template_is_what_it_stands_for(string parameters, string expected)
    {
        HydratedParameters hydrated = Hydrate(parameters);
        hydrated.Invalid.Concat(hydrated.Unknown).ShouldBeEmpty();
        JsonSerializer.Serialize(hydrated.Parameters).ShouldBe(expected);
    }

    [Theory]
    [InlineData("""{"a":{"__prefect_kind":"json","value":"{"},"b":2}""", "$.a: is of kind json, but its text is none", true)]
    [InlineData("""{"a":{"__prefect_kind":"json","value":5},"b":2}""", "$.a: is of kind json, whose value is JSON in a string", true)]
    [InlineData("""{"a":{"x":{"__prefect_kind":"jinja","template":"{{ 1 }}"}},"b":2}""", "$.a.x: is a Jinja template, which only Prefect's server renders", false)]
    [InlineData("""{"a":{"__prefect_kind":"workspace_variable","variable_name":"no"},"b":2}""", "$.a: Variable 'no' not found in workspace.", false)]
    public void What_cannot_be_told_is_left_out_and_named(string parameters, string said, bool isInvalid)
    {
        HydratedParameters hydrated = Hydrate(parameters);
        SchemaViolation problem = (isInvalid ? hydrated.Invalid : hydrated.Unknown).ShouldHaveSingleItem();
        $"{problem.Path}: {problem.Message}".ShouldStartWith(said);
        JsonSerializer.Serialize(hydrated.Parameters).ShouldBe("""{"b":2}""");
    }

    [Fact]
    public void All_templates_of_one_run_share_one_bound()
    {
        const string Heavy = """{"__prefect_kind":"jinja","template":"{% for i in range(100) %}{% for j in range(100) %}{{ i }}{% endfor %}{% endfor %}"}""";
        HydratedParameters hydrated = TemplatedValues.Hydrate(Read($$"""{"a":[{{string.Join(',', Enumerable.Repeat(Heavy, 20))}}]}"""), renders: true);
        hydrated.Invalid.Count.ShouldBeGreaterThan(15);
        hydrated.Invalid.ShouldAllBe(problem => problem.Message.Contains("takes too long", StringComparison.Ordinal));
    }

    [Fact]
    public void A_template_that_renders_half_a_pair_is_refused() =>
        TemplatedValues.Hydrate(Read("""{"a":{"__prefect_kind":"jinja","template":"{{ '\\ud800' }}"}}"""), renders: true).Invalid.ShouldHaveSingleItem().Message.ShouldContain("half a surrogate pair");

    [Theory]
    [InlineData("""{"a":{"__prefect_kind":"json","value":"\"\\ud800\""}}""")]
    [InlineData("""{"a":{"__prefect_kind":"json","value":"{\"\\ud800\":1}"}}""")]
    [InlineData("""{"a":{"__prefect_kind":"jinja","template":{"__prefect_kind":"json","value":"\"\\ud800\""}}}""")]
    public void JSON_with_half_a_pair_is_refused_where_it_would_be_read_later(string parameters) =>
        TemplatedValues.Hydrate(Read(parameters), renders: true).Invalid.ShouldNotBeEmpty();

    [Fact]
    public void Templates_nested_without_end_are_refused()
    {
        string nested = "1";
        for (int i = 0; i < 200; i++)
            nested = $$"""{"__prefect_kind":"none","value":{{nested}}}""";
        using JsonDocument document = JsonDocument.Parse(nested, new JsonDocumentOptions { MaxDepth = 1000 });
        TemplatedValues.Hydrate(new Dictionary<string, JsonElement> { ["a"] = document.RootElement }).Invalid.ShouldHaveSingleItem().Message.ShouldContain("too deeply");
    }

    [Fact]
    public void A_schema_judges_what_a_template_stands_for()
    {
        ParameterSchema schema = ParameterSchema.Parse(JsonElement.Parse("""{"properties":{"a":{"type":"integer"}},"required":["a"]}"""));
        schema.Validate(Read("""{"a":{"__prefect_kind":"json","value":"5"}}""")).ShouldBeEmpty();
        schema.Validate(Read("""{"a":{"__prefect_kind":"json","value":"\"x\""}}""")).ShouldHaveSingleItem().Message.ShouldBe("\"x\" is not an integer");
        // A deployment may leave to Prefect's server what only that knows; a run may not.
        schema.Validate(Read("""{"a":{"__prefect_kind":"jinja","template":"{{ 5 }}"}}"""), ignoreRequired: true).ShouldBeEmpty();
        schema.Validate(Read("""{"a":{"__prefect_kind":"jinja","template":"{{ 5 }}"}}""")).ShouldHaveSingleItem().Message.ShouldContain("Jinja");
    }

    private static HydratedParameters Hydrate(string parameters) => TemplatedValues.Hydrate(Read(parameters), name => name == "city" ? JsonElement.Parse("\"Oslo\"") : null);

    private static Dictionary<string, JsonElement> Read(string json) => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;
}
