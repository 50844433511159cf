using System.Text.Json;
using Sluice.Schemas.Comparison;
using Sluice.Testing;

namespace Sluice.Schemas.Tests;

/// <summary>What a new version of a schema refuses that the old one accepted.</summary>
public sealed class ComparisonTests
{
    private const string Undecided = "; whether that refuses something cannot be told, so it counts as breaking";

    /// <summary>The old and the new schema of the parameter x, and what breaks; nothing where nothing does.</summary>
    [Theory]
    [InlineData("""{"type":"integer"}""", """{"type":"integer"}""", "")]
    [InlineData("""{"type":"integer","default":1}""", """{"type":"integer","default":2,"title":"X"}""", "")]
    [InlineData("""{"type":"integer"}""", """{"type":"string"}""", "$.x was an integer, is now a string")]
    [InlineData("""{"type":"integer"}""", """{"type":"number"}""", "")]
    [InlineData("""{"type":"number"}""", """{"type":"integer"}""", "$.x no longer accepts a number with a fraction")]
    [InlineData("""{"type":"string"}""", "{}", "")]
    [InlineData("{}", """{"type":"string"}""", "$.x no longer accepts a boolean or a number or an array or an object or null")]
    [InlineData("""{"type":["string","null"]}""", """{"type":"string"}""", "$.x no longer accepts null")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", """{"type":"string"}""", "$.x no longer accepts null")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", """{"type":["null","string"]}""", "")]
    [InlineData("""{"type":["string","null"]}""", """{"anyOf":[{"type":"string"},{"type":"null"}]}""", "")]
    [InlineData("""{"type":"string"}""", """{"anyOf":[{"type":"string"},{"type":"null"}]}""", "")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", """{"anyOf":[{"type":"integer"},{"type":"null"}]}""", "$.x no longer accepts a string")]
    [InlineData("""{"type":"integer","minimum":0,"maximum":10}""", """{"type":"integer","minimum":1,"maximum":9}""", "$.x has the minimum 1 now; it was 0|$.x has the maximum 9 now; it was 10")]
    [InlineData("""{"type":"integer","minimum":0,"maximum":10}""", """{"type":"integer","minimum":-1,"maximum":11.5}""", "")]
    [InlineData("""{"type":"integer","minimum":0}""", """{"type":"integer","exclusiveMinimum":0}""", "$.x has the exclusive minimum 0 now; it was 0")]
    [InlineData("""{"type":"integer","exclusiveMinimum":0}""", """{"type":"integer","minimum":0}""", "")]
    [InlineData("""{"type":"integer"}""", """{"type":"integer","maximum":2147483647}""", "$.x has the maximum 2147483647 now")]
    [InlineData("""{"type":"integer","maximum":9223372036854775806}""", """{"type":"integer","maximum":9223372036854775805}""", "$.x has the maximum 9223372036854775805 now; it was 9223372036854775806")]
    [InlineData("""{"type":"integer","multipleOf":4}""", """{"type":"integer","multipleOf":2}""", "")]
    [InlineData("""{"type":"integer","multipleOf":2}""", """{"type":"integer","multipleOf":4}""", "$.x accepts only multiples of 4 now")]
    [InlineData("""{"type":"string","minLength":1}""", """{"type":"string","minLength":2,"maxLength":3}""", "$.x needs at least 2 characters now; it was 1|$.x takes at most 3 characters now; there was no limit")]
    [InlineData("""{"type":"string","pattern":"^a$"}""", """{"type":"string","pattern":"^a$"}""", "")]
    [InlineData("""{"type":"string","pattern":"^a$"}""", """{"type":"string","pattern":"^[ab]$"}""", "$.x must match the pattern ^[ab]$ now" + Undecided)]
    [InlineData("""{"type":"string"}""", """{"type":"string","format":"date"}""", "$.x must be of the format date now")]
    [InlineData("""{"type":"string","format":"date"}""", """{"type":"string"}""", "")]
    [InlineData("""{"type":"string"}""", """{"type":"string","format":"password"}""", "")]
    [InlineData("""{"enum":["a","b"]}""", """{"enum":["a","b","c"]}""", "")]
    [InlineData("""{"enum":["a","b"]}""", """{"enum":["a"]}""", "$.x no longer accepts \"b\"")]
    [InlineData("""{"enum":["a",1]}""", """{"type":"string"}""", "$.x no longer accepts 1")]
    [InlineData("""{"type":"string"}""", """{"enum":["a"]}""", "$.x accepts only \"a\" now")]
    [InlineData("""{"const":5}""", """{"type":"integer","minimum":5}""", "")]
    [InlineData("""{"type":"array","items":{"type":"integer"}}""", """{"type":"array","items":{"type":"string"}}""", "$.x[*] was an integer, is now a string")]
    [InlineData("""{"type":"array"}""", """{"type":"array","uniqueItems":true,"maxItems":9}""", "$.x takes at most 9 items now; there was no limit|$.x refuses items that repeat now")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"integer"}],"items":{"type":"string"}}""", """{"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"string"}}""", "$.x[0] was an integer, is now a string")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"integer"}],"maxItems":1}""", """{"type":"array","items":{"type":"integer"}}""", "")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"}}""", """{"type":"object","additionalProperties":{"type":"string"}}""", "$.x.* was an integer, is now a string")]
    [InlineData("""{"type":"object"}""", """{"type":"object","additionalProperties":false}""", "$.x refuses unknown members now")]
    [InlineData("""{"type":"object","patternProperties":{"^a":{"type":"integer"}},"additionalProperties":false}""", """{"type":"object","patternProperties":{"^a":{"type":"number"}},"additionalProperties":false}""", "")]
    [InlineData("""{"type":"object","patternProperties":{"^a":{"type":"integer"}},"additionalProperties":false}""", """{"type":"object","properties":{"ab":{"type":"string"}},"additionalProperties":{"type":"number"}}""", "$.x.ab was an integer, is now a string")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object","properties":{"b":{}},"additionalProperties":false}}}""", """{"type":"object","properties":{"a":{"type":"object","properties":{},"additionalProperties":false}}}""", "$.x.a.b was removed")]
    [InlineData("""{"type":"object","propertyNames":{"format":"uuid"}}""", """{"type":"object","propertyNames":{"format":"uuid"},"title":"T"}""", "")]
    [InlineData("""{"type":"object"}""", """{"type":"object","propertyNames":{"format":"uuid"}}""", "$.x has a new rule, 'propertyNames'" + Undecided)]
    [InlineData("""{"$ref":"#/definitions/A"}""", """{"$ref":"#/definitions/B"}""", "")]
    [InlineData("""{"$ref":"#/definitions/B"}""", """{"$ref":"#/definitions/A"}""", "$.x.n no longer accepts null|$.x.children[*].n no longer accepts null")]
    [InlineData("""{"allOf":[{"$ref":"#/definitions/A"}]}""", """{"$ref":"#/definitions/A"}""", "")]
    [InlineData("""{"oneOf":[{"$ref":"#/definitions/Cat"},{"$ref":"#/definitions/Dog"}]}""", """{"oneOf":[{"$ref":"#/definitions/Dog"},{"$ref":"#/definitions/Cat"},{"$ref":"#/definitions/Fish"}]}""", "")]
    [InlineData("""{"oneOf":[{"$ref":"#/definitions/Cat"},{"$ref":"#/definitions/Dog"}]}""", """{"oneOf":[{"$ref":"#/definitions/Dog"},{"$ref":"#/definitions/Fish"}]}""", "$.x no longer accepts an object")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"string"}]}""", """{"anyOf":[{"type":"integer","maximum":5},{"type":"string"}]}""", "$.x has the maximum 5 now")]
    [InlineData("""{"not":{"const":1}}""", """{"not":{"const":1},"title":"x"}""", "")]
    [InlineData("{}", """{"not":{"const":1}}""", "$.x excludes values by 'not'" + Undecided)]
    [InlineData("false", """{"type":"integer"}""", "")]
    [InlineData("""{"type":"integer"}""", "false", "$.x is no longer accepted")]
    public void What_the_new_schema_refuses_is_named(string before, string after, string expected)
    {
        const string Definitions = """
            {"A":{"type":"object","properties":{"n":{"type":"integer"},"children":{"type":"array","items":{"$ref":"#/definitions/A"}}}},
             "B":{"type":"object","properties":{"n":{"type":["integer","null"]},"children":{"type":"array","items":{"$ref":"#/definitions/B"}}}},
             "Cat":{"type":"object","properties":{"kind":{"const":"cat"}},"required":["kind"]},
             "Dog":{"type":"object","properties":{"kind":{"const":"dog"}},"required":["kind"]},
             "Fish":{"type":"object","properties":{"kind":{"const":"fish"}},"required":["kind"]}}
            """;
        string Whole(string x) => $$"""{"type":"object","properties":{"x":{{x}}},"additionalProperties":false,"definitions":{{Definitions}}}""";
        Breaking(Whole(before), Whole(after)).ShouldBe(expected);
    }

    [Theory]
    [InlineData("""{"properties":{"a":{"type":"integer"}},"additionalProperties":false}""", """{"properties":{},"additionalProperties":false}""", "$.a was removed", "")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":false}""", """{"properties":{"a":{},"b":{}},"additionalProperties":false}""", "", "$.b is new")]
    [InlineData("""{"properties":{"a":{}}}""", """{"properties":{"a":{},"b":{}},"required":["b"]}""", "$.b is new and required", "")]
    [InlineData("""{"properties":{"a":{}}}""", """{"properties":{"a":{}},"required":["a"]}""", "$.a is required now", "")]
    [InlineData("""{"properties":{"a":{}},"required":["a"]}""", """{"properties":{"a":{}}}""", "", "")]
    [InlineData("""{"properties":{"a":{"type":"integer"}}}""", """{"properties":{}}""", "", "$.a is no longer described")]
    [InlineData("""{"properties":{}}""", """{"properties":{"a":{"type":"integer"}},"additionalProperties":false}""", "", "$.a is new")]
    [InlineData("""{"properties":{},"additionalProperties":true}""", """{"properties":{},"additionalProperties":false}""", "$ refuses unknown parameters now", "")]
    [InlineData("""{"properties":{"a":{"default":1}}}""", """{"properties":{"a":{"default":"x"}}}""", "", "$.a has the default \"x\" now; it was 1")]
    [InlineData("""{"properties":{"a":{"default":"hush","format":"password"}}}""", """{"properties":{"a":{"default":"silence","format":"password"}}}""", "", "")]
    [InlineData("""{"properties":{"a":{"type":"integer"}}}""", """{"properties":{"a":{"type":"number"}}}""", "", "$.a accepts values that it refused before")]
    [InlineData("""{"properties":{"a":{}}}""", """{"type":"object","properties":{"a":{}}}""", "", "")]
    [InlineData("null", """{"properties":{"a":{}},"required":["a"]}""", "", "")]
    [InlineData("{}", """{"properties":{"a":{}},"required":["a"]}""", "", "")]
    public void Parameters_come_and_go(string before, string after, string breaking, string others)
    {
        Breaking(before, after).ShouldBe(breaking);
        string.Join('|', Compare(before, after).Where(change => !change.IsBreaking)).ShouldBe(others);
    }

    [Fact]
    public void A_required_parameter_that_the_deployment_gives_breaks_nothing() =>
        SchemaComparison.Compare(
            JsonElement.Parse("""{"properties":{}}"""), JsonElement.Parse("""{"properties":{"a":{}},"required":["a"]}"""), ["a"]).ShouldNotContain(change => change.IsBreaking);

    [Fact]
    public void Every_schema_of_Prefect_breaks_nothing_compared_with_itself_and_says_what_it_refuses_of_the_others()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "parameter_schemas_3.json")));
        JsonElement[] schemas = [.. document.RootElement.EnumerateObject().Select(signature => signature.Value).Where(signature => signature.TryGetProperty("schema", out _)).Select(signature => signature.GetProperty("schema"))];
        foreach (JsonElement schema in schemas)
        {
            // With another title nothing is equal as text, so that each rule is compared.
            JsonElement renamed = JsonElement.Parse(schema.GetRawText().Replace("\"title\": \"Address\"", "\"title\": \"Place\"", StringComparison.Ordinal).Replace("\"Parameters\"", "\"P\"", StringComparison.Ordinal));
            SchemaComparison.Compare(schema, renamed).ShouldNotContain(change => change.IsBreaking, schema.GetRawText());
            foreach (JsonElement other in schemas)
                _ = SchemaComparison.Compare(schema, other);
        }
    }

    [Fact]
    public void Where_nothing_breaks_the_new_schema_accepts_what_the_old_one_did()
    {
        int compared = 0, kept = 0, shown = 0;
        for (int round = 0; round < Fuzz.Count(300); round++)
        {
            var random = new Random(Fuzz.Seed + round);
            var making = new RandomSchemas(random);
            JsonElement before = making.Document();
            JsonElement after = making.Changed(before);
            bool breaks = SchemaComparison.Compare(before, after).Any(change => change.IsBreaking);
            bool describesAll = !before.TryGetProperty("additionalProperties", out _) && !before.TryGetProperty("patternProperties", out _);
            ParameterSchema old = ParameterSchema.Parse(before), now = ParameterSchema.Parse(after);
            compared++;
            kept += breaks ? 0 : 1;
            for (int i = 0; i < 40; i++)
            {
                Dictionary<string, JsonElement> value = making.Values(i % 3 == 0 ? after : before);
                if (describesAll)
                    value = value.Where(pair => before.TryGetProperty("properties", out JsonElement known) && known.TryGetProperty(pair.Key, out _)).ToDictionary();
                if (old.Validate(value).Count > 0 || now.Validate(value) is not { Count: > 0 } refused)
                    continue;
                shown++;
                breaks.ShouldBeTrue($"seed {Fuzz.Seed + round}: {JsonSerializer.Serialize(value)} is refused ({refused[0].Path} {refused[0].Message}), from {before} to {after}");
            }
        }
        shown.ShouldBeGreaterThan(compared / 2, "values that the change refuses must be found often");
        kept.ShouldBeInRange(compared / 20, compared * 19 / 20, "both answers must be given often, or this shows nothing");
    }

    private static string Breaking(string before, string after) =>
        string.Join('|', Compare(before, after).Where(change => change.IsBreaking).Select(change => change.ToString()));

    private static IReadOnlyList<SchemaChange> Compare(string before, string after) => SchemaComparison.Compare(JsonElement.Parse(before), JsonElement.Parse(after));
}
