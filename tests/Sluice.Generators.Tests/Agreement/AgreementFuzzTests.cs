using System.Text.Json;
using Sluice.Generators.Tests.Agreement;
using Sluice.Generators.Tests.Harness;
using Sluice.Runtime;
using Sluice.Schemas;
using Sluice.Testing;

namespace Sluice.Generators.Tests;

/// <summary>
/// Random JSON, valid and mutated, for each case of a type and of an attribute: the generated binder, Sluice.Schemas and python3-jsonschema give one
/// answer, but for what no schema can say, where the binder is stricter by the rules of <see cref="Stricter"/>.
/// </summary>
public class AgreementFuzzTests
{
    private sealed record Case(string Type, FlowDefinition Flow, JsonElement Schema, ParameterSchema Validator, string[] Texts);

    private static readonly Lazy<Case[]> Cases = new(() =>
    [
        .. TypeCases.Rows.Select((row, i) => Make(row, TypeCases.All.Flows.Single(flow => flow.Name == i.ToString()), TypeSchema(i))),
        .. ConstraintCases.Rows.Select((row, i) => Make(row, ConstraintCases.Flow(i), ConstraintCases.Schema(i))),
    ]);

    /// <summary>The schemas of all cases.</summary>
    internal static IEnumerable<(TypeCases.Row Row, JsonElement Schema)> Schemas() =>
        TypeCases.Rows.Select((row, i) => (row, TypeSchema(i))).Concat(ConstraintCases.Rows.Select((row, i) => (row, ConstraintCases.Schema(i))));

    [Fact]
    public async Task Binder_schema_and_oracle_agree()
    {
        Case[] cases = Cases.Value;
        var random = new Random(Fuzz.Seed);
        int count = Fuzz.Count(1000);
        var asked = new List<(int Schema, string Json)>();
        var mine = new List<(int Case, Instance Value, bool Binds, bool Fits)>();
        var disagreements = new List<string>();
        while (mine.Count < count)
        {
            int index = mine.Count % cases.Length;
            Case one = cases[index];
            Instance value = new RandomInstances(random, one.Schema).Next(one.Schema.GetProperty("properties").GetProperty("value"), one.Texts);
            string text = value.ToString();
            bool binds = Binds(one.Flow, $$"""{"value":{{text}}}""");
            bool fits = Fits(one.Validator, text);
            mine.Add((index, value, binds, fits));
            // What no validator can see: a name that stands twice, and text that is no Unicode.
            if (Stricter.HasDuplicateNames(value) || value.HasLoneSurrogate())
            {
                if (binds)
                    disagreements.Add($"{one.Type} {text}: the binder takes it");
                asked.Add((index, "{}"));
            }
            else
            {
                asked.Add((index, $$"""{"value":{{text}}}"""));
            }
        }
        IReadOnlyList<string?> oracle = await Oracle.Ask([.. cases.Select(one => one.Schema)], asked);

        int taken = 0, stricter = 0;
        for (int i = 0; i < mine.Count; i++)
        {
            var (index, value, binds, fits) = mine[i];
            taken += binds ? 1 : 0;
            if (asked[i].Json == "{}")
                continue;
            bool valid = oracle[i] is null;
            if (valid != fits)
                disagreements.Add($"{cases[index].Type} {value}: Sluice.Schemas {Takes(fits)}, the oracle {Takes(valid)} it: {oracle[i]}");
            else if (binds != fits && !binds && Stricter.Reason(cases[index].Type, value) is not null)
                stricter++;
            else if (binds != fits)
                disagreements.Add($"{cases[index].Type} {value}: the binder {Takes(binds)}, the schema {Takes(fits)} it: {oracle[i]}");
        }
        Console.WriteLine($"seed {Fuzz.Seed}: {mine.Count} instances of {cases.Length} cases, {taken} taken, {mine.Count - taken} refused, {stricter} refused by the binder alone, by rule");
        disagreements.Take(20).ShouldBeEmpty($"seed {Fuzz.Seed}, {disagreements.Count} disagreements");
        // Both answers are put to the test.
        ((double)taken / mine.Count).ShouldBeInRange(0.15, 0.85);
    }

    private static JsonElement TypeSchema(int row) =>
        TypeCases.All.Manifests.Single(manifest => manifest.GetProperty("name").GetString() == row.ToString()).GetProperty("parameter_openapi_schema");

    private static Case Make(TypeCases.Row row, FlowDefinition flow, JsonElement schema) =>
        new(row.Type, flow, schema, ParameterSchema.Parse(schema), [.. row.Accepts.Select(text => text.Split(" -> ")[0]), .. row.Refuses]);

    private static bool Binds(FlowDefinition flow, string json) => Generated.Problems(flow, json).Count == 0;

    private static bool Fits(ParameterSchema schema, string text)
    {
        using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 200 });
        return schema.Validate(new Dictionary<string, JsonElement> { ["value"] = document.RootElement }).Count == 0;
    }

    private static string Takes(bool takes) => takes ? "takes" : "refuses";
}
