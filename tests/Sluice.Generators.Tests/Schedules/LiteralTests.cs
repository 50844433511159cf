using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests.Schedules;

/// <summary>The exact characters, in every way to write a constant string.</summary>
public class LiteralTests
{
    public static TheoryData<string> Literals => new()
    {
        "\"0 {|SLC0402:25|} * * *\"",
        "(\"0 {|SLC0402:25|} * * *\")",
        "\"0\\t{|SLC0402:2\\u0035|}\\x09* * *\"",
        "\"0\\U00000020{|SLC0402:25|} * * *\"",
        "@\"0 {|SLC0402:25|} * * *\"",
        "@\"0 {|SLC0402:2\"\"5|} * * *\"",
        "\"\"\"0 {|SLC0402:25|} * * *\"\"\"",
        "\"\"\"\"0 {|SLC0402:2\"\"\"5|} * * *\"\"\"\"",
        "\"\"\"\n        0\n          {|SLC0402:25|} *\n\n        * *\n        \"\"\"",
        "\"\"\"\r\n        0\r\n          {|SLC0402:25|} *\r\n        * *\r\n        \"\"\"",
        "\"0 \" + \"{|SLC0402:25|} \" + \"* * *\"",
        "\"0 {|SLC0402:2\" + @\"5|} * * *\"",
        "\"0 {|SLC0402:25|} \" + Days",
        "Minute + \" {|SLC0402:25|} * * \" + Weekday",
        "Minute + \" \" + {|SLC0402:Hour|} + \" * * *\"",
        "Minute + \" \" + {|SLC0402:nameof(Hour)|} + \" * * *\"",
        "$\"0 {|SLC0402:25|} {Days}\"",
        "$\"{Minute} {{|SLC0402:Hour|}} * * *\"",
        "$@\"{Minute} {|SLC0402:2\"\"5|} * * *\"",
        "$\"0 {|SLC0402:2{{5|} * * *\"",
        "$\"\"\"0 {|SLC0402:25|} {Days}\"\"\"",
        "$\"0 {\"{|SLC0402:2\"}5|} * * *\"",
        "{|SLC0402:Whole|}",
        "{|SLC0402:Elsewhere.Whole|}",
        "Minute + Space + {|SLC0402:Hour|} + Rest",
        "Elsewhere.Minute + Space + {|SLC0402:Hour|} + Rest",
        "{|SLC0402:Elsewhere.Minute + Space + Elsewhere.Hour|} + Rest",
    };

    [Theory]
    [MemberData(nameof(Literals))]
    public async Task A_fault_is_marked_on_its_own_characters(string literal)
    {
        string source = $$"""
            public static class Elsewhere { public const string Whole = "0 25 * * *", Minute = "0", Hour = "25"; }
            public class C
            {
                const string Whole = "0 25 * * *", Minute = "0", Space = " ", Hour = "25", Rest = " * * *", Days = "* * *", Weekday = "*";
                [Flow] [Deployment("a", Cron = {{literal}})] public static void Run() { }
            }
            """;
        (await AnalyzerTest.Run(source)).ShouldHaveSingleItem().ShouldStartWith("Invalid cron expression: hour: ");
    }

    [Fact]
    public async Task What_is_missing_at_the_end_is_marked_on_the_closing_quote() =>
        (await AnalyzerTest.Run("public class C { [Flow] [Deployment(\"a\", Parameters = \"{\\\"n\\\": {|SLC0303:\"|})] public static void Run(int n) { } }")).Count.ShouldBe(1);
}
