using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests.Fixes;

/// <summary>Which scheduled runs could never start (SLC0307), on the schedule's own characters.</summary>
public class MissingParameterTests
{
    [Theory]
    [InlineData("[Deployment(\"a\", Cron = {|SLC0307:\"0 6 * * *\"|})]", "'city', 'days'")]
    [InlineData("[Deployment(\"a\", Interval = {|SLC0307:\"PT1H\"|}, Parameters = \"\"\"{\"days\": 3}\"\"\")]", "'city'")]
    [InlineData("[Deployment(\"a\", RRule = {|SLC0307:\"FREQ=DAILY\"|}, Parameters = \"{}\")]", "'city', 'days'")]
    [InlineData("[Deployment(\"a\", Parameters = \"\"\"{\"days\": 3}\"\"\")]\n[Schedule(\"a\", Cron = {|SLC0307:\"0 6 * * *\"|})]", "'city'")]
    [InlineData("[Deployment(\"a\")]\n[Schedule(\"a\", Cron = {|SLC0307:\"0 6 * * *\"|}, Parameters = \"\"\"{\"city\": \"Oslo\"}\"\"\")]", "'days'")]
    public async Task It_names_what_is_missing(string attributes, string names) =>
        (await AnalyzerTest.Run(Source(attributes))).ShouldBe([$"Runs of this schedule can never start: {(names.Contains(',') ? $"parameters {names} have" : $"parameter {names} has")} no default, and no value in Parameters"]);

    [Theory]
    [InlineData("[Deployment(\"a\")]")]
    [InlineData("[Deployment(\"a\", Cron = \"0 6 * * *\", Parameters = \"\"\"{\"city\": \"Oslo\", \"days\": 3}\"\"\")]")]
    [InlineData("[Deployment(\"a\", Parameters = \"\"\"{\"city\": \"Oslo\"}\"\"\")]\n[Schedule(\"a\", Cron = \"0 6 * * *\", Parameters = \"\"\"{\"days\": 3}\"\"\")]")]
    [InlineData("[Deployment(\"a\", Cron = \"0 6 * * *\", Parameters = \"\"\"{\"city\": {\"__prefect_kind\": \"workspace_variable\", \"variable_name\": \"city\"}, \"days\": 3}\"\"\")]")]
    public async Task What_is_given_or_not_scheduled_is_not_reported(string attributes) => (await AnalyzerTest.Run(Source(attributes))).ShouldBeEmpty();

    [Theory]
    [InlineData("[Deployment(\"a\", Cron = \"0 6 * * *\", Parameters = \"{{|SLC0303:\"|})]")]
    [InlineData("[Deployment(\"a\", Cron = \"0 6 * * *\", Parameters = \"{|SLC0303:[]|}\")]")]
    public async Task Broken_json_is_another_rules(string attributes) => (await AnalyzerTest.Run(Source(attributes))).Count.ShouldBe(1);

    private static string Source(string attributes) =>
        $"public static class F\n{{\n[Flow]\n{attributes}\npublic static void Run(string city, int days, FlowContext context, CancellationToken cancellation, bool wet = false) {{ }}\n}}";
}
