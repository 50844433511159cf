using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary><c>Parameters</c> and <c>JobVariables</c> in attributes, marked on the characters that are wrong, in every kind of literal.</summary>
public class ParameterCheckTests
{
    /// <summary>The argument of [Deployment("a", …)], and the messages.</summary>
    public static TheoryData<string, string> Cases => new()
    {
        // JSON as the server takes it: no comments, no trailing commas, no names twice at any depth, no NaN.
        { """"Parameters = """{"days": 1,{|SLC0303:}|}""" """", "Parameters must be a JSON object: a name in double quotes is missing" },
        { """"Parameters = """{ {|SLC0303:/|}* one */ "days": 1}""" """", "Parameters must be a JSON object: a name in double quotes is missing" },
        { """"Parameters = """{"days": 1 {|SLC0303:/|}/ one""" """", "Parameters must be a JSON object: a comma or } is missing" },
        { """"Parameters = """{"order": {"lines": [{"price": 1, {|SLC0303:"price"|}: 2}]}}""" """", "Parameters must be a JSON object: \"price\" stands there twice" },
        { """"Parameters = """{"map": {"a": 1, {|SLC0303:"\u0061"|}: 2}}""" """", "Parameters must be a JSON object: \"a\" stands there twice" },
        { """"Parameters = """{"days": {|SLC0303:NaN|}}""" """", "Parameters must be a JSON object: 'NaN' is no JSON value; texts stand in double quotes" },
        { """"Parameters = """{"days": {|SLC0303:01|}}""" """", "Parameters must be a JSON object: no JSON number" },
        { """"Parameters = """{"days": {|SLC0303:+|}1}""" """", "Parameters must be a JSON object: a value is missing" },
        { """"Parameters = """{"city": "{|SLC0303:\x|}"}""" """", "Parameters must be a JSON object: no such escape" },
        { """"Parameters = """{} {|SLC0303:{}|}""" """", "Parameters must be a JSON object: nothing may follow the value" },
        { """"Parameters = """{|SLC0303:null|}""" """", "Parameters must be a JSON object: this is a single value" },
        { """"Parameters = "{|SLC0303:"|} """", "Parameters must be a JSON object: a value is missing at the end" },
        { """"JobVariables = """{"env": {"A": "1",{|SLC0303:}|}}""" """", "JobVariables must be a JSON object: a name in double quotes is missing" },

        // Nested values by their paths, in regular, verbatim, raw and constant strings.
        { """"Parameters = "{\"order\": {\"lines\": [{\"price\": 1}, {\"price\": {|SLC0305:\"\\u00e9\"|}}]}}" """", "$.order.lines[1].price: expected a number from -79228162514264337593543950335 to 79228162514264337593543950335, found \"é\"" },
        { """"Parameters = @"{""order"": {""lines"": {|SLC0305:""none""|}}}" """", "$.order.lines: expected an array, found \"none\"" },
        { """"Parameters = """{"order": {"lines": [{|SLC0305:{{|SLC0305:"prize"|}: 1}|}]}}""" """", "$.order.lines[0].price: is required\n$.order.lines[0].prize: is unknown; known are: price" },
        { """"Parameters = """{"map": {"a": {|SLC0305:1.5|}, "b": 2}}""" """", "$.map.a: expected an integer from -2147483648 to 2147483647, found 1.5" },
        { """"Parameters = """{"when": {|SLC0305:"tomorrow"|}, "kind": {|SLC0305:"big"|}, "days": {|SLC0305:2147483648|}}""" """",
            "$.when: expected a date as 2026-01-31, found \"tomorrow\"\n$.kind: expected one of Small, Large, found \"big\"\n$.days: expected an integer from -2147483648 to 2147483647, found 2147483648" },
        { """"Parameters = "{\"days\": " + "{|SLC0305:\"x\"|}}" """".Replace("\"x\"|}}\"", "\\\"x\\\"|}}\"", StringComparison.Ordinal), "$.days: expected an integer from -2147483648 to 2147483647, found \"x\"" },
        { """"Parameters = """{"days": {"__prefect_kind": "workspace_variable", "variable_name": "n"}, "order": {"lines": [{"price": {"__prefect_kind": "jinja", "template": "{{ 1 }}"}}]}}""" """", "" },
        { """"Parameters = """{"kind": "Large", "when": "2026-01-31", "map": {}, "order": {"lines": []}, "days": 3e0}""" """", "" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_is_wrong_is_marked_on_its_own_characters(string argument, string messages) =>
        (await AnalyzerTest.Run($$"""
            public enum Kind { Small, Large }
            public record Line(decimal Price);
            public record Order(List<Line> Lines);
            public class C
            {
                [Flow]
                [Deployment("a", {{argument}})]
                public static void Run(string city = "", int days = 7, DateOnly? when = null, Kind kind = Kind.Small, Order? order = null, Dictionary<string, int>? map = null) { }
            }
            """)).ShouldBe(messages.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public async Task A_constant_is_marked_where_it_is_given() =>
        (await AnalyzerTest.Run("""
            public class C
            {
                private const string Given = "{\"days\": \"x\"}";
                [Flow]
                [Deployment("a", Parameters = {|SLC0305:Given|})]
                public static void Run(int days = 7) { }
            }
            """)).ShouldHaveSingleItem().ShouldStartWith("$.days: ");

    /// <summary>Half-typed texts, of which each is some prefix of a whole one.</summary>
    [Fact]
    public async Task Half_typed_parameters_are_no_exception()
    {
        const string Whole = """{"order": {"lines": [{"price": 1.5e+1, "x": "\u00e9\n"}, null]}, "map": {"a": true}} """;
        for (int length = 0; length < Whole.Length; length++)
        {
            string literal = Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(Whole[..length], quote: true);
            await AnalyzerTest.Ids($"public record Line(decimal Price); public record Order(List<Line> Lines); public class C {{ [Flow] [Deployment(\"a\", Parameters = {literal})] public static void Run(Order? order = null, Dictionary<string, int>? map = null) {{ }} }}");
        }
    }
}
