using System.Text.Json;
using Sluice.Generators.Tests.Agreement;
using Sluice.Generators.Tests.Harness;
using Sluice.Schemas;

namespace Sluice.Generators.Tests;

/// <summary>
/// Schema and binder give the same answer, for each type and each text of all types' cases, but for what no schema can say: there the binder is
/// stricter, by the rules of <see cref="Stricter"/>.
/// </summary>
public class AgreementTests
{
    [Fact]
    public void Schema_and_binder_agree()
    {
        string[] texts = [.. TypeCases.Rows.SelectMany(row => row.Accepts.Select(text => text.Split(" -> ")[0]).Concat(row.Refuses)).Distinct()];
        var disagreements = new List<string>();
        int asked = 0;
        for (int i = 0; i < TypeCases.Rows.Length; i++)
        {
            string type = TypeCases.Rows[i].Type;
            var flow = TypeCases.All.Flows.Single(flow => flow.Name == i.ToString());
            ParameterSchema schema = ParameterSchema.Parse(
                TypeCases.All.Manifests.Single(manifest => manifest.GetProperty("name").GetString() == i.ToString()).GetProperty("parameter_openapi_schema"));
            foreach (string text in texts)
            {
                asked++;
                bool binds = Generated.Problems(flow, $$"""{"value":{{text}}}""").Count == 0;
                bool valid = schema.Validate(new Dictionary<string, JsonElement> { ["value"] = JsonDocument.Parse(text).RootElement }).Count == 0;
                bool isLenient = valid && !binds && Stricter.Reason(type, Instance.Parse(text)) is not null;
                if (binds != valid && !isLenient)
                    disagreements.Add($"{type} {text}: binder {(binds ? "takes" : "refuses")}, schema {(valid ? "takes" : "refuses")} it");
            }
        }
        disagreements.ShouldBeEmpty();
        asked.ShouldBeGreaterThan(4000);
    }

    /// <summary>For each rule a value that the schema takes, as the oracle would, and the binder refuses.</summary>
    [Theory]
    [InlineData("DateTimeOffset", "\"0001-01-01T00:00:00+01:00\"", "a time whose UTC lies before year 1 or after year 9999")]
    [InlineData("DateTime", "\"9999-12-31T23:59:59-01:00\"", "a time whose UTC lies before year 1 or after year 9999")]
    [InlineData("TimeSpan", "\"PT999999999999999H\"", "a duration of more than 10,675,199 days")]
    [InlineData("TimeSpan", "\"10675200.00:00:00\"", "a duration of more than 10,675,199 days")]
    [InlineData("Uri", "\"http://[\"", "a URI whose host or port System.Uri cannot read")]
    [InlineData("Uri", "\"http://example.org:99999/\"", "a URI whose host or port System.Uri cannot read")]
    [InlineData("Version", "\"1.2147483648\"", "a version with a number above 2,147,483,647")]
    [InlineData("ImmutableDictionary<byte, bool>", "{\"256\":true}", "a key beyond its integer type")]
    [InlineData("IDictionary<Guid, bool>", "{\"0f8fad5b-d9cb-469f-a165-70867728950e\":true,\"0F8FAD5B-d9cb-469f-a165-70867728950e\":true}", "two names that are one key")]
    [InlineData("FrozenDictionary<Color, bool>", "{\"Blue\":true,\"Azure\":true}", "two names that are one key")]
    [InlineData("Point", "{\"x\":1,\"x\":1}", "a name that stands twice in an object")]
    [InlineData("object", "[{\"a\":1,\"a\":1}]", "a name that stands twice in an object")]
    public async Task What_no_schema_can_say_the_binder_refuses(string type, string text, string rule)
    {
        int row = Array.FindIndex(TypeCases.Rows, candidate => candidate.Type == type);
        JsonElement schema = TypeCases.All.Manifests.Single(manifest => manifest.GetProperty("name").GetString() == row.ToString()).GetProperty("parameter_openapi_schema");
        Generated.Problems(TypeCases.All.Flows.Single(flow => flow.Name == row.ToString()), $$"""{"value":{{text}}}""").ShouldNotBeEmpty();
        ParameterSchema.Parse(schema).Validate(new Dictionary<string, JsonElement> { ["value"] = JsonElement.Parse(text) }).ShouldBeEmpty();
        (await Oracle.Ask([schema], [(0, $$"""{"value":{{text}}}""")])).ShouldBe([null]);
        Stricter.Reason(type, Instance.Parse(text)).ShouldBe(rule);
        File.ReadAllText(Path.Combine(Sluice.Testing.Repository.Root, "docs", "parameters.md")).ShouldContain(rule);
    }

    [Fact]
    public void Missing_and_unknown_parameters_are_refused_by_both()
    {
        Generated generated = GeneratorTest.Run("public static class F { [Flow] public static void Run(int a, int? b, int c = 1) { } }");
        ParameterSchema schema = ParameterSchema.Parse(generated.Schema);
        foreach ((string json, bool fits) in new[] { ("""{"a":1,"b":null}""", true), ("""{"a":1}""", false), ("""{"a":1,"b":1,"c":2}""", true), ("""{"a":1,"b":1,"d":2}""", false), ("""{"a":1,"b":1,"c":null}""", false) })
        {
            Generated.Problems(generated.Flow, json).Any().ShouldBe(!fits, json);
            schema.Validate(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!).Any().ShouldBe(!fits, json);
        }
    }

    [Fact]
    public void The_compile_time_check_agrees_with_the_binder()
    {
        string[] texts = [.. TypeCases.Rows.SelectMany(row => row.Accepts.Select(text => text.Split(" -> ")[0]).Concat(row.Refuses)).Distinct()];
        var checks = TypeCases.Parameters();
        for (int i = 0; i < TypeCases.Rows.Length; i++)
        {
            var flow = TypeCases.All.Flows.Single(flow => flow.Name == i.ToString());
            foreach (string text in texts)
            {
                bool binds = Generated.Problems(flow, $$"""{"value":{{text}}}""").Count == 0;
                checks[i](text).ShouldBe(binds, $"{TypeCases.Rows[i].Type} {text}");
            }
        }
    }
}
