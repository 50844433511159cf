using System.Text.Json;
using Sluice.Generators.Json;
using Sluice.Generators.Tests.Harness;
using Sluice.Schemas;

namespace Sluice.Generators.Tests;

/// <summary>
/// Schema and binder give the same answer, for each type and each text of all types' cases. The server's validator takes formats as leniently as
/// Prefect does, hence texts of a format may pass it that the binder, which has to make a value of them, refuses: those are listed.
/// </summary>
public class AgreementTests
{
    private static readonly (string Type, string Text)[] Lenient =
    [
        // Keys that are too large for their type, and keys that differ as texts only.
        ("SortedDictionary<int, string>", "{\"9999999999\":\"\"}"),
        ("ImmutableDictionary<byte, bool>", "{\"256\":true}"),
        ("IDictionary<Guid, bool>", "{\"0f8fad5b-d9cb-469f-a165-70867728950e\":true,\"0F8FAD5B-d9cb-469f-a165-70867728950e\":true}"),
        ("FrozenDictionary<Color, bool>", "{\"Blue\":true,\"Azure\":true}"),
        ("TimeOnly", "\"06:00:00Z\""),
        ("TimeSpan", "\"P1Y\""),
        ("TimeSpan", "\"P1M\""),
        ("TimeSpan", "\"PT999999999999999H\""),
        ("DateTimeOffset", "\"2026-01-31T06:00:00+15:00\""),
        ("DateTimeOffset", "\"0001-01-01T00:00:00+01:00\""),
        ("DateTime", "\"2026-01-31T06:00:00+15:00\""),
        ("DateTime", "\"0001-01-01T00:00:00+01:00\""),
    ];

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
                // A URI may be relative to the validator; to a flow it may not.
                bool isLenient = valid && !binds && (type == "Uri" || HasNameTwice(text) || Lenient.Contains((type, text)));
                if (binds != valid && !isLenient)
                    disagreements.Add($"{type} {text}: binder {(binds ? "takes" : "refuses")}, schema {(valid ? "takes" : "refuses")} it");
            }
        }
        disagreements.ShouldBeEmpty();
        asked.ShouldBeGreaterThan(4000);
    }

    /// <summary>JSON Schema cannot forbid that a name stands there twice.</summary>
    private static bool HasNameTwice(string text) =>
        JsonParser.Parse(text, out JsonError? error) is null && error!.Message.EndsWith("stands there twice");

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
