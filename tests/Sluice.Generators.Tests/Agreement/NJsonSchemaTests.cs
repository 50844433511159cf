using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Schemas;
using Sluice.Testing;

namespace Sluice.Generators.Tests.Agreement;

/// <summary>
/// NJsonSchema 10.7 answers as Sluice.Schemas does on the keywords that it implements. It knows no <c>prefixItems</c>, <c>propertyNames</c>, <c>const</c> and nothing beside <c>$ref</c>,
/// has formats of its own, reads limits as decimal and numbers as long and double, and counts UTF-16 units: what touches these is not compared.
/// </summary>
public class NJsonSchemaTests
{
    // Before Draft 2019-09 nothing beside a $ref counted; and objects whose members stand in another order are not equal to it.
    private static readonly string[] Unknown = ["\"prefixItems\"", "\"propertyNames\"", "\"const\"", "\"$ref\":\"#/definitions/Color\",\"enum\"", "\"$ref\":\"#/definitions/Pair\"},\"uniqueItems\""];
    private static readonly string[] Limits = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];

    [Fact]
    public async Task It_agrees_on_the_keywords_that_it_implements()
    {
        var random = new Random(Fuzz.Seed);
        var cases = new List<(string Type, JsonElement Schema, ParameterSchema Ours, NJsonSchema.JsonSchema Theirs, string[] Texts)>();
        foreach ((TypeCases.Row row, JsonElement schema) in AgreementFuzzTests.Schemas())
        {
            if (Unknown.Any(keyword => schema.GetRawText().Contains(keyword)))
                continue;
            JsonNode known = JsonNode.Parse(schema.GetRawText())!;
            Prepare(known);
            cases.Add((row.Type, schema, ParameterSchema.Parse(JsonElement.Parse(known.ToJsonString())), await NJsonSchema.JsonSchema.FromJsonAsync(known.ToJsonString()),
                [.. row.Accepts.Select(text => text.Split(" -> ")[0]), .. row.Refuses]));
        }
        cases.Count.ShouldBeGreaterThan(90);

        var disagreements = new List<string>();
        int compared = 0, taken = 0;
        for (int i = 0; compared < Fuzz.Count(1000); i++)
        {
            var (type, schema, ours, theirs, texts) = cases[i % cases.Count];
            Instance value = new RandomInstances(random, schema).Next(schema.GetProperty("properties").GetProperty("value"), texts);
            if (!IsComparable(value))
                continue;
            compared++;
            bool fits = ours.Validate(new Dictionary<string, JsonElement> { ["value"] = JsonElement.Parse(value.ToString()) }).Count == 0;
            var errors = theirs.Validate($$"""{"value":{{value}}}""");
            taken += fits ? 1 : 0;
            if (fits != (errors.Count == 0))
                disagreements.Add($"{type} {value}: Sluice.Schemas {(fits ? "takes" : "refuses")} it, NJsonSchema says {string.Join("; ", errors.Select(error => error.ToString()))}");
        }
        disagreements.Take(10).ShouldBeEmpty($"seed {Fuzz.Seed}, {disagreements.Count} of {compared}");
        ((double)taken / compared).ShouldBeInRange(0.15, 0.85);
    }

    private static bool IsComparable(Instance value) =>
        !Stricter.HasDuplicateNames(value) && !value.HasLoneSurrogate() && !value.Texts().Any(text => text.Any(char.IsSurrogate))
        && value.All().OfType<Instance.Scalar>().All(scalar => scalar.Text[0] is not ('-' or (>= '0' and <= '9')) || IsPlain(scalar.Text));

    /// <summary>A long, or a fraction that decimal and double hold alike.</summary>
    private static bool IsPlain(string number) => number.Contains('.') || number.Contains('e', StringComparison.OrdinalIgnoreCase)
        ? number.Length <= 15 && decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal real) && decimal.Truncate(real) != real
        : long.TryParse(number, CultureInfo.InvariantCulture, out _) && number != "-0";

    private static void Prepare(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            foreach (string name in new[] { "format", "contentEncoding", "writeOnly", "discriminator", "position" })
                members.Remove(name);
            foreach (string name in Limits)
                if (members[name] is JsonValue limit && !decimal.TryParse(limit.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out _))
                    members.Remove(name);
            foreach (var (_, member) in members)
                Prepare(member);
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
                Prepare(item);
        }
    }
}
