using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests.Fixes;

/// <summary>Code fixes of the JSON in Parameters, applied; each row is rule, title, and the attribute before and after.</summary>
public class ParameterFixTests
{
    public static TheoryData<string, string, string, string> Rows => new()
    {
        { "SLC0303", "Correct it to {\"city\": \"Oslo\"}", "Parameters = \"{\\\"city\\\": Oslo}\"", "Parameters = \"{\\\"city\\\": \\\"Oslo\\\"}\"" },
        { "SLC0303", "Correct it to {\"city\": \"Oslo\", \"days\": 3}", "Parameters = \"{city: 'Oslo', days: 3,}\"", "Parameters = \"{\\\"city\\\": \\\"Oslo\\\", \\\"days\\\": 3}\"" },
        { "SLC0303", "Correct it to {\"city\": \"Oslo\", \"days\": 0.5}", "Parameters = \"\"\"{\"city\": \"Oslo\" \"days\": .5\"\"\"", "Parameters = \"\"\"{\"city\": \"Oslo\", \"days\": 0.5}\"\"\"" },
        { "SLC0303", "Correct it to {\"env\": {\"A\": null, \"B\": true}}", "Parameters = \"{\\\"city\\\": \\\"a\\\"}\", JobVariables = @\"{\"\"env\"\": {\"\"A\"\": None, \"\"B\"\": True}}\"",
            "Parameters = \"{\\\"city\\\": \\\"a\\\"}\", JobVariables = @\"{\"\"env\"\": {\"\"A\"\": null, \"\"B\"\": true}}\"" },
        { "SLC0304", "Change to \"days\"", "Parameters = \"\"\"{\"city\": \"Oslo\", \"dayz\": 3}\"\"\"", "Parameters = \"\"\"{\"city\": \"Oslo\", \"days\": 3}\"\"\"" },
        { "SLC0304", "Change to \"city\"", "Parameters = @\"{ \"\"City\"\": \"\"Oslo\"\" }\"", "Parameters = @\"{ \"\"city\"\": \"\"Oslo\"\" }\"" },
        { "SLC0304", "Remove \"zip\"", "Parameters = \"{\\\"zip\\\": 1, \\\"city\\\": \\\"Oslo\\\"}\"", "Parameters = \"{\\\"city\\\": \\\"Oslo\\\"}\"" },
        { "SLC0304", "Remove \"zip\"", "Parameters = \"\"\"\n        {\n          \"city\": \"Oslo\",\n          \"zip\": 1\n        }\n        \"\"\"", "Parameters = \"\"\"\n        {\n          \"city\": \"Oslo\"\n        }\n        \"\"\"" },
        { "SLC0305", "Change to 7", "Parameters = \"\"\"{\"city\": \"Oslo\", \"days\": \"7\"}\"\"\"", "Parameters = \"\"\"{\"city\": \"Oslo\", \"days\": 7}\"\"\"" },
        { "SLC0305", "Change to 7", "Parameters = \"{\\\"days\\\": \\\"\\u0037\\\", \\\"city\\\": \\\"\\u004fslo\\\"}\"", "Parameters = \"{\\\"days\\\": 7, \\\"city\\\": \\\"\\u004fslo\\\"}\"" },
        { "SLC0305", "Change to \"1234\"", "Parameters = \"\"\"{\"city\": 1234}\"\"\"", "Parameters = \"\"\"{\"city\": \"1234\"}\"\"\"" },
        { "SLC0305", "Change to \"Red\"", "Parameters = \"\"\"{\"city\": \"Oslo\", \"color\": \"red\"}\"\"\"", "Parameters = \"\"\"{\"city\": \"Oslo\", \"color\": \"Red\"}\"\"\"" },
        { "SLC0305", "Change to [\"a\"]", "Parameters = \"\"\"{\"city\": \"Oslo\", \"tags\": \"a\"}\"\"\"", "Parameters = \"\"\"{\"city\": \"Oslo\", \"tags\": [\"a\"]}\"\"\"" },
        { "SLC0305", "Change to true", "Parameters = \"\"\"{\"city\": \"Oslo\", \"wet\": \"True\"}\"\"\"", "Parameters = \"\"\"{\"city\": \"Oslo\", \"wet\": true}\"\"\"" },
        { "SLC0305", "Remove \"days\", so that its default counts", "Parameters = \"\"\"{\"city\": \"Oslo\", \"days\": null}\"\"\"", "Parameters = \"\"\"{\"city\": \"Oslo\"}\"\"\"" },
        { "SLC0305", "Add \"x\"", "Parameters = \"\"\"{\"city\": \"Oslo\", \"point\": {\"y\": 1}}\"\"\"", "Parameters = \"\"\"{\"city\": \"Oslo\", \"point\": {\"y\": 1, \"x\": 0}}\"\"\"" },
        { "SLC0305", "Change to \"x\"", "Parameters = \"\"\"{\"city\": \"Oslo\", \"point\": {\"X\": 1}}\"\"\"", "Parameters = \"\"\"{\"city\": \"Oslo\", \"point\": {\"x\": 1}}\"\"\"" },
        { "SLC0305", "Remove \"zet\"", "Parameters = \"\"\"{\"city\": \"Oslo\", \"point\": {\"x\": 1, \"zet\": 1}}\"\"\"", "Parameters = \"\"\"{\"city\": \"Oslo\", \"point\": {\"x\": 1}}\"\"\"" },
        { "SLC0305", "Remove 3", "Parameters = \"\"\"{\"city\": \"Oslo\", \"set\": [3, 4, 3]}\"\"\"", "Parameters = \"\"\"{\"city\": \"Oslo\", \"set\": [3, 4]}\"\"\"" },
        { "SLC0215", "Take it from the variable \"token\" of a Prefect server", "Parameters = \"\"\"{\"city\": \"Oslo\", \"token\": \"hunter2\"}\"\"\"",
            "Parameters = \"\"\"{\"city\": \"Oslo\", \"token\": {\"__prefect_kind\": \"workspace_variable\", \"variable_name\": \"token\"}}\"\"\"" },
        { "SLC0215", "Remove \"token\", to be given when a run is started", "Parameters = @\"{\"\"token\"\": \"\"hunter2\"\", \"\"city\"\": \"\"Oslo\"\"}\"", "Parameters = @\"{\"\"city\"\": \"\"Oslo\"\"}\"" },
        { "SLC0307", "Add \"city\" to Parameters", "Cron = \"0 6 * * *\"", "Cron = \"0 6 * * *\", Parameters = \"\"\"{\"city\": \"\"}\"\"\"" },
        { "SLC0307", "Add \"city\" to Parameters", "Cron = \"0 6 * * *\", Parameters = \"{}\"", "Cron = \"0 6 * * *\", Parameters = \"{\\\"city\\\": \\\"\\\"}\"" },
        { "SLC0307", "Add \"city\" to Parameters", "Parameters = @\"{\"\"days\"\":3}\", Interval = \"PT1H\"", "Parameters = @\"{\"\"days\"\":3, \"\"city\"\":\"\"\"\"}\", Interval = \"PT1H\"" },
        { "SLC0307", "Add \"city\" to Parameters", "RRule = \"FREQ=DAILY\", Parameters = \"\"\"\n        {\n          \"days\": 3\n        }\n        \"\"\"",
            "RRule = \"FREQ=DAILY\", Parameters = \"\"\"\n        {\n          \"days\": 3,\n          \"city\": \"\"\n        }\n        \"\"\"" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public Task A_fix_of_parameters_changes_what_it_says_in_the_literals_own_form(string id, string title, string before, string after) =>
        CodeFixTest.Apply(id, title, Source($"[Deployment(\"a\", {before})]"), Source($"[Deployment(\"a\", {after})]"));

    [Fact]
    public Task Named_constants_are_mended_where_they_are_declared() => CodeFixTest.Apply(
        "SLC0305", "Change to 7", Source("[Deployment(\"a\", Parameters = Json.Given)]") + "static class Json { public const string Given = @\"{\"\"city\"\": \"\"a\"\", \"\"days\"\": \"\"7\"\"}\"; }",
        Source("[Deployment(\"a\", Parameters = Json.Given)]") + "static class Json { public const string Given = @\"{\"\"city\"\": \"\"a\"\", \"\"days\"\": 7}\"; }");

    [Fact]
    public async Task Constants_of_other_files_are_mended_there_and_once()
    {
        CodeFixTest empty = await CodeFixTest.Of(Source("[Deployment(\"a\", Parameters = Json.Given)]\n    [Deployment(\"b\", Parameters = Json.Given)]"));
        Document other = empty.Document.Project.AddDocument("Other.cs", "static class Json { public const string Given = \"{'city': 'a'}\"; }", filePath: "Other.cs");
        CodeFixTest test = await CodeFixTest.Of(other.Project.GetDocument(empty.Document.Id)!);
        test.Problems.Select(problem => problem.Id).ShouldBe(["SLC0303", "SLC0303"]);

        Solution changed = await test.All("SLC0303", "Correct it to {\"city\": \"a\"}");

        (await changed.GetDocument(test.Document.Id)!.GetTextAsync()).ToString().ShouldBe((await test.Document.GetTextAsync()).ToString());
        (await changed.GetDocument(other.Id)!.GetTextAsync()).ToString().ShouldBe("static class Json { public const string Given = \"{\\\"city\\\": \\\"a\\\"}\"; }");
        (await CodeFixTest.Of(changed.GetDocument(test.Document.Id)!)).Problems.ShouldBeEmpty();
    }

    [Fact]
    public Task Line_ends_stay_those_of_the_file() => CodeFixTest.Apply(
        "SLC0307", "Add \"city\" to Parameters",
        Source("[Deployment(\"a\", Cron = \"0 6 * * *\", Parameters = \"\"\"\n        {\n          \"days\": 3\n        }\n        \"\"\")]").Replace("\n", "\r\n"),
        Source("[Deployment(\"a\", Cron = \"0 6 * * *\", Parameters = \"\"\"\n        {\n          \"days\": 3,\n          \"city\": \"\"\n        }\n        \"\"\")]").Replace("\n", "\r\n"));

    [Fact]
    public async Task What_is_put_together_from_constants_is_left_to_the_user()
    {
        CodeFixTest test = await CodeFixTest.Of(Source("[Deployment(\"a\", Parameters = \"{\\\"days\\\": \" + Json.Days + \"}\")]") + "static class Json { public const string Days = \"\\\"7\\\"\"; }");
        (await test.Actions(test.Problems.ShouldHaveSingleItem())).ShouldBeEmpty();
    }

    [Fact]
    public Task What_is_put_together_from_literals_becomes_one() => CodeFixTest.Apply(
        "SLC0304", "Change to \"city\"", Source("[Deployment(\"a\", Parameters = \"{\\\"City\\\": \" + \"\\\"a\\\"}\")]"), Source("[Deployment(\"a\", Parameters = \"\"\"{\"city\": \"a\"}\"\"\")]"));

    [Fact]
    public Task Before_CSharp_11_there_are_no_raw_strings() => CodeFixTest.Apply(
        "SLC0307", "Add \"city\" to Parameters", Source("[Deployment(\"a\", Cron = \"0 6 * * *\")]"), Source("[Deployment(\"a\", Cron = \"0 6 * * *\", Parameters = \"{\\\"city\\\": \\\"\\\"}\")]"),
        language: LanguageVersion.CSharp10);

    [Fact]
    public Task A_placeholder_fits_its_type() => CodeFixTest.Apply(
        "SLC0307", "Add \"n\", \"wet\", \"color\", \"day\", \"id\", \"tags\", \"order\", \"maybe\", \"pair\" to Parameters",
        Placeholders("[Deployment(\"a\", Cron = \"0 6 * * *\")]"),
        Placeholders("[Deployment(\"a\", Cron = \"0 6 * * *\", Parameters = \"\"\"{\"n\": 0, \"wet\": false, \"color\": \"Red\", \"day\": \"2026-01-31\", \"id\": \"00000000-0000-0000-0000-000000000000\", \"tags\": [], \"order\": {\"number\": \"\", \"ship\": {\"color\": \"Red\", \"at\": \"2026-01-31T06:00:00Z\"}}, \"maybe\": 0, \"pair\": [0, \"Red\"]}\"\"\")]"));

    [Fact]
    public Task A_placeholder_fits_the_constraints() => CodeFixTest.Apply(
        "SLC0307", "Add \"n\", \"above\", \"code\", \"mail\", \"one\" to Parameters",
        Constrained("[Deployment(\"a\", Cron = \"0 6 * * *\")]"),
        Constrained("[Deployment(\"a\", Cron = \"0 6 * * *\", Parameters = \"\"\"{\"n\": 5, \"above\": 8, \"code\": \"aaaaaaa\", \"mail\": \"user@example.org\", \"one\": \"red\"}\"\"\")]"));

    [Fact]
    public async Task A_further_schedule_gets_its_own_or_the_deployments()
    {
        string before = Source("[Deployment(\"a\")]\n    [Schedule(\"a\", Cron = \"0 6 * * *\")]");
        await CodeFixTest.Apply("SLC0307", "Add \"city\" to Parameters", before, Source("[Deployment(\"a\")]\n    [Schedule(\"a\", Cron = \"0 6 * * *\", Parameters = \"\"\"{\"city\": \"\"}\"\"\")]"));
        await CodeFixTest.Apply("SLC0307", "Add \"city\" to the Parameters of 'a'", before, Source("[Deployment(\"a\", Parameters = \"\"\"{\"city\": \"\"}\"\"\")]\n    [Schedule(\"a\", Cron = \"0 6 * * *\")]"));
    }

    [Theory]
    [InlineData("SLC0304", "Change to \"city\"", "{\"City\": \"a\", \"Days\": 3}", "{\"city\": \"a\", \"days\": 3}")]
    [InlineData("SLC0304", "Remove \"p\"", "{\"p\": 1, \"city\": \"a\", \"q\": 2}", "{\"city\": \"a\"}")]
    [InlineData("SLC0305", "Change to 7", "{\"days\": \"7\", \"city\": \"a\", \"wet\": \"true\"}", "{\"days\": 7, \"city\": \"a\", \"wet\": true}")]
    public Task Fix_all_leaves_none(string id, string title, string before, string after) =>
        CodeFixTest.ApplyToAll(id, title, Source($"[Deployment(\"a\", Parameters = \"\"\"{before}\"\"\")]"), Source($"[Deployment(\"a\", Parameters = \"\"\"{after}\"\"\")]"));

    [Theory]
    [InlineData("{city: Oslo}", "{\"city\": \"Oslo\"}")]
    [InlineData("{'a': 'b', 'c': [1, 2,],}", "{\"a\": \"b\", \"c\": [1, 2]}")]
    [InlineData("{\"a\": 'b'}", "{\"a\": \"b\"}")]
    [InlineData("{\"a\": 1; \"b\": 2}", "{\"a\": 1, \"b\": 2}")]
    [InlineData("{\"a\" = 007}", "{\"a\" : 7}")]
    [InlineData("{\"a\": [1, {\"b\": \"c", "{\"a\": [1, {\"b\": \"c\"}]}")]
    [InlineData("{\"a\": +1.}", "{\"a\": 1.0}")]
    [InlineData("{\"a\": 1, // One.\n \"b\": 2}", "{\"a\": 1, \n \"b\": 2}")]
    [InlineData("{/* a */a: /* b */x}", "{\"a\": \"x\"}")]
    [InlineData("[1, 2]", null)]
    [InlineData("7", null)]
    [InlineData("{\"a\": 1, \"a\": 2}", null)]
    [InlineData("", null)]
    public void Json_of_other_languages_is_corrected(string written, string? corrected) => Sluice.CodeFixes.JsonSyntaxCodeFix.Correct(written).ShouldBe(corrected);

    private static string Source(string attributes) =>
        "public enum Color { Red, Blue }\npublic record Point(int X, int? Y = null);\npublic static class F\n{\n    [Flow]\n    " + attributes
            + "\n    public static void Run(string city, int days = 7, Color color = Color.Red, Point? point = null, string[]? tags = null, bool wet = false, HashSet<int>? set = null, [Secret] string? token = null) { }\n}\n";

    private static string Constrained(string attributes) =>
        "using System.ComponentModel.DataAnnotations;\npublic static class F\n{\n    [Flow]\n    " + attributes
            + "\n    public static void Run([Range(5, 10)] int n, [Range(7, 9, MinimumIsExclusive = true)] int above, [StringLength(9, MinimumLength = 7)] string code, [EmailAddress] string mail, [AllowedValues(\"red\", \"blue\")] string one) { }\n}\n";

    private static string Placeholders(string attributes) =>
        "public enum Color { Red, Blue }\npublic record Ship(Color Color, DateTimeOffset At, int Weight = 0);\npublic record Order(string Number, Ship Ship);\npublic static class F\n{\n    [Flow]\n    " + attributes
            + "\n    public static void Run(int n, bool wet, Color color, DateOnly day, Guid id, string[] tags, Order order, int? maybe, (int, Color) pair) { }\n}\n";
}
