using System.Text.Json;

namespace Sluice.Schemas.Tests;

public sealed class ParameterSchemaTests
{
    private const string Person = """
        {
          "title": "Parameters", "type": "object", "additionalProperties": false,
          "properties": { "who": { "$ref": "#/definitions/Person", "position": 0 }, "days": { "type": "integer", "default": 1, "position": 1 } },
          "required": ["who"],
          "definitions": {
            "Person": {
              "type": "object", "required": ["name"],
              "properties": { "name": { "type": "string", "minLength": 1 }, "children": { "type": "array", "items": { "$ref": "#/definitions/Person" } } }
            }
          }
        }
        """;

    [Fact]
    public void Every_schema_that_Prefect_2_emits_is_read()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "parameter_schemas_2.json")));
        JsonElement[] schemas = [.. document.RootElement.EnumerateObject().Where(signature => signature.Value.TryGetProperty("schema", out _)).Select(signature => signature.Value.GetProperty("schema"))];
        schemas.Length.ShouldBe(36);
        foreach (JsonElement schema in schemas)
            _ = ParameterSchema.Parse(schema);
    }

    [Fact]
    public void Every_schema_that_Prefect_emits_is_read_and_accepts_its_own_defaults()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "parameter_schemas_3.json")));
        int read = 0;
        foreach (JsonProperty signature in document.RootElement.EnumerateObject())
        {
            foreach (string version in new[] { "schema", "schema_raw" })
            {
                if (!signature.Value.TryGetProperty(version, out JsonElement element) || element.ValueKind != JsonValueKind.Object)
                    continue;
                ParameterSchema schema = ParameterSchema.Parse(element);
                Dictionary<string, JsonElement> defaults = element.GetProperty("properties").EnumerateObject()
                    .Where(x => x.Value.TryGetProperty("default", out _)).ToDictionary(x => x.Name, x => x.Value.GetProperty("default"));
                schema.Validate(defaults, ignoreRequired: true).ShouldBeEmpty(signature.Name);
                read++;
            }
        }
        read.ShouldBe(74);
    }

    [Fact]
    public void Violations_name_the_place_in_nested_and_circular_definitions()
    {
        Say(Person, """{"who":{"name":"Ada","children":[{"name":""},{"children":[]},5]},"day":2}""").ShouldBe(
        [
            "$.who.children[0].name \"\" is shorter than 1 character",
            "$.who.children[1].name is required",
            "$.who.children[2] 5 is not an object",
            "$.day is not a known parameter; known: who, days",
        ]);
    }

    [Fact]
    public void Required_is_ignored_at_every_level_when_asked()
    {
        Say(Person, "{}").ShouldBe(["$.who is required"]);
        Say(Person, """{"who":{}}""", ignoreRequired: true).ShouldBeEmpty();
    }

    [Fact]
    public void A_schema_outlives_the_document_it_was_read_from()
    {
        ParameterSchema schema;
        using (JsonDocument document = JsonDocument.Parse("""{"properties":{"x":{"maximum":3}}}"""))
            schema = ParameterSchema.Parse(document.RootElement);
        schema.Validate(new Dictionary<string, JsonElement> { ["x"] = JsonElement.Parse("4") }).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"properties":{"x":{"type":"int"}}}""", "$.properties.x.type: \"int\" is not valid here; the types are null, boolean, integer")]
    [InlineData("""{"properties":[]}""", "$.properties: [] is not valid here; an object is expected.")]
    [InlineData("""{"properties":{"x":{"$ref":"#/definitions/Nope"}},"definitions":{}}""", "$.properties.x.$ref: ", "there is no $.definitions.Nope in the schema")]
    [InlineData("""{"properties":{"x":{"$ref":"https://example.org/schema.json"}}}""", "only references within the schema are supported")]
    [InlineData("""{"properties":{"x":{"pattern":"("}}}""", "$.properties.x.pattern: Invalid pattern")]
    [InlineData("""{"minItems":-1}""", "$.minItems: -1 is not valid here; a whole number from 0 is expected.")]
    [InlineData("""{"allOf":[{"$ref":"#"}]}""", "refers to itself in a circle")]
    [InlineData("""{"definitions":{"A":{"anyOf":[{"$ref":"#/definitions/B"}]},"B":{"$ref":"#/definitions/A"}}}""", "refers to itself in a circle")]
    [InlineData("[]", "$: [] is not valid here; a schema is an object, true or false.")]
    public void An_invalid_schema_is_refused_with_its_place(string schema, params string[] reasons)
    {
        string message = Should.Throw<ArgumentException>(() => ParameterSchema.Parse(JsonElement.Parse(schema))).Message;
        foreach (string reason in reasons)
            message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("""{"$defs":{"a/b":{"type":"integer"}},"properties":{"x":{"$ref":"#/$defs/a~1b"}}}""")]
    [InlineData("""{"$defs":{"a b":{"type":"integer"}},"properties":{"x":{"$ref":"#/$defs/a%20b"}}}""")]
    [InlineData("""{"definitions":null,"properties":{"y":{"type":"integer"},"x":{"$ref":"#/properties/y"}}}""")]
    [InlineData("""{"$defs":{"l":{"anyOf":[{"type":"string"},{"type":"integer"}]}},"properties":{"x":{"$ref":"#/$defs/l/anyOf/1"}}}""")]
    [InlineData("""{"$defs":{"n":{"type":"number"}},"properties":{"x":{"$ref":"#/$defs/n","type":"integer"}}}""")]
    public void References_are_JSON_pointers_within_the_document(string schema)
    {
        Say(schema, """{"x":3}""").ShouldBeEmpty();
        Say(schema, """{"x":"a"}""").ShouldNotBeEmpty();
    }

    [Fact]
    public void A_schema_that_branches_without_end_is_given_up_in_bounded_time()
    {
        string definitions = string.Join(',', Enumerable.Range(0, 40).Select(i => $$"""
            "L{{i}}":{"allOf":[{"$ref":"#/definitions/L{{i + 1}}"},{"$ref":"#/definitions/L{{i + 1}}"}] }
            """));
        string schema = $$"""{"definitions":{ {{definitions}},"L40":{"type":"integer"} },"properties":{"x":{"$ref":"#/definitions/L0"} } }""";
        Say(schema, """{"x":3}""").ShouldBe(["$ the schema is too complex to validate this value"]);
    }

    [Fact]
    public void An_exploding_pattern_is_a_finding_and_no_hang() =>
        Say("""{"properties":{"x":{"pattern":"^(a+)+\\b$"}}}""", "{\"x\":\"" + new string('a', 60) + "!\"}").Single().ShouldContain("could not be matched in time");

    [Fact]
    public void A_deep_value_is_no_stack_overflow()
    {
        string schema = """{"definitions":{"N":{"items":{"$ref":"#/definitions/N"},"type":"array"}},"properties":{"x":{"$ref":"#/definitions/N"}}}""";
        string value = string.Concat(Enumerable.Repeat("[", 900)) + string.Concat(Enumerable.Repeat("]", 900));
        using JsonDocument document = JsonDocument.Parse(value, new JsonDocumentOptions { MaxDepth = 2000 });
        IReadOnlyList<SchemaViolation> violations = ParameterSchema.Parse(JsonElement.Parse(schema)).Validate(new Dictionary<string, JsonElement> { ["x"] = document.RootElement });
        violations.ShouldHaveSingleItem().Message.ShouldContain("too complex");
    }

    private static IEnumerable<string> Say(string schema, string value, bool ignoreRequired = false)
    {
        using JsonDocument parameters = JsonDocument.Parse(value);
        return ParameterSchema.Parse(JsonElement.Parse(schema)).Validate(parameters.RootElement.EnumerateObject().ToDictionary(x => x.Name, x => x.Value), ignoreRequired)
            .Select(x => $"{x.Path} {x.Message}").ToList();
    }
}
