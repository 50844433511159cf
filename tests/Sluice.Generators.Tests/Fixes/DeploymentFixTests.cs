using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests.Fixes;

/// <summary>Code fixes of deployments and their schedules, applied; each row is rule, title, attributes before and after.</summary>
public class DeploymentFixTests
{
    public static TheoryData<string, string, string, string> Rows => new()
    {
        { "SLC0301", "Change to \"a-2\"", "[Deployment(\"a\")]\n[Deployment(\"a\", Cron = \"0 6 * * *\")]", "[Deployment(\"a\")]\n[Deployment(\"a-2\", Cron = \"0 6 * * *\")]" },
        { "SLC0301", "Change to \"a-3\"", "[Deployment(\"a\")]\n[Deployment(\"a-2\")]\n[Deployment(@\"a\")]", "[Deployment(\"a\")]\n[Deployment(\"a-2\")]\n[Deployment(@\"a-3\")]" },
        { "SLC0301", "Make it a [Schedule] of 'a'", "[Deployment(\"a\")]\n[Deployment(\"a\", Cron = \"0 6 * * *\", TimeZone = \"Europe/Paris\")]",
            "[Deployment(\"a\")]\n[Schedule(\"a\", Cron = \"0 6 * * *\", TimeZone = \"Europe/Paris\")]" },
        { "SLC0301", "Make it a [Schedule] of 'a'", "[Deployment(\"a\")]\n[Sluice.DeploymentAttribute(\"a\", Interval = \"PT6H\")]", "[Deployment(\"a\")]\n[Sluice.ScheduleAttribute(\"a\", Interval = \"PT6H\")]" },
        { "SLC0302", "Change to \"a-b-c\"", "[Deployment(\"a/b%c\")]", "[Deployment(\"a-b-c\")]" },
        { "SLC0302", "Change to \"a-b\"", "[Deployment(\"\"\"a>b\"\"\")]", "[Deployment(\"\"\"a-b\"\"\")]" },
        { "SLC0306", "Set ConcurrencyLimit to 0", "[Deployment(\"a\", ConcurrencyLimit = -5, Version = \"1\")]", "[Deployment(\"a\", ConcurrencyLimit = 0, Version = \"1\")]" },
        { "SLC0432", "Remove TimeZone", "[Deployment(\"a\", TimeZone = \"Europe/Paris\", Version = \"1\")]", "[Deployment(\"a\", Version = \"1\")]" },
        { "SLC0432", "Remove DayOr", "[Deployment(\"a\", Interval = \"PT1H\",\n    DayOr = false)]", "[Deployment(\"a\", Interval = \"PT1H\")]" },
        { "SLC0432", "Remove AnchorDate", "[Deployment(\"a\", Cron = \"0 6 * * *\", AnchorDate = \"2026-01-01\")]", "[Deployment(\"a\", Cron = \"0 6 * * *\")]" },
        { "SLC0309", "Remove WorkQueue", "[Deployment(\"a\", WorkQueue = \"\")]", "[Deployment(\"a\")]" },
        { "SLC0309", "Remove the empty item of Tags", "[Deployment(\"a\", Tags = [\"\", \"b\", \" \"])]", "[Deployment(\"a\", Tags = [\"b\"])]" },
        { "SLC0309", "Remove the empty item of Secrets", "[Deployment(\"a\", Secrets = new[] { \"a\", \"\" })]", "[Deployment(\"a\", Secrets = new[] { \"a\" })]" },
        { "SLC0309", "Remove Tags", "[Deployment(\"a\", Tags = [\"\"])]", "[Deployment(\"a\")]" },
        { "SLC0311", "Change to \"docker\"", "[Deployment(\"a\", Infrastructure = @\"Docker\")]", "[Deployment(\"a\", Infrastructure = @\"docker\")]" },
        { "SLC0311", "Change to \"kubernetes\"", "[Deployment(\"a\", Infrastructure = \"K8s\")]", "[Deployment(\"a\", Infrastructure = \"kubernetes\")]" },
        { "SLC0401", "Keep Cron only", "[Deployment(\"a\", Cron = \"0 6 * * *\", Interval = \"PT5M\", AnchorDate = \"2026-01-01\", Paused = true)]", "[Deployment(\"a\", Cron = \"0 6 * * *\", Paused = true)]" },
        { "SLC0401", "Keep Interval only", "[Deployment(\"a\", Cron = \"0 6 * * *\", DayOr = false, Interval = \"PT5M\", RRule = \"FREQ=DAILY\")]", "[Deployment(\"a\", Interval = \"PT5M\")]" },
        { "SLC0401", "Keep RRule only", "[Deployment(\"a\", Cron = \"0 6 * * *\", Interval = \"PT5M\", RRule = \"FREQ=DAILY\")]", "[Deployment(\"a\", RRule = \"FREQ=DAILY\")]" },
        { "SLC0401", "Move Interval to a [Schedule] of its own", "[Deployment(\"a\", Cron = \"0 6 * * *\", TimeZone = \"Europe/Paris\", Interval = \"PT5M\", AnchorDate = \"2026-01-01\", Paused = true)]",
            "[Deployment(\"a\", Cron = \"0 6 * * *\", TimeZone = \"Europe/Paris\", Paused = true)]\n    [Schedule(\"a\", Interval = \"PT5M\", AnchorDate = \"2026-01-01\", TimeZone = \"Europe/Paris\")]" },
        { "SLC0408", "Change to \"daily\"", "[Deployment(\"daily\")]\n[Deployment(\"other\")]\n[Schedule(\"dialy\", Cron = \"0 6 * * *\")]", "[Deployment(\"daily\")]\n[Deployment(\"other\")]\n[Schedule(\"daily\", Cron = \"0 6 * * *\")]" },
        { "SLC0401", "Move RRule to a [Schedule] of its own", "[Sluice.Deployment(\"a\", Cron = \"0 6 * * *\", RRule = \"FREQ=DAILY\")]", "[Sluice.Deployment(\"a\", Cron = \"0 6 * * *\")]\n    [Sluice.Schedule(\"a\", RRule = \"FREQ=DAILY\")]" },
        { "SLC0417", "Remove the [Schedule]", "[Deployment(\"a\", Cron = \"0 6 * * *\")]\n    [Schedule(\"a\", Cron = \"0 6 * * *\")]", "[Deployment(\"a\", Cron = \"0 6 * * *\")]" },
        { "SLC0408", "Change to \"a\"", "[Deployment(\"a\")]\n[Schedule(\"nightly\", Cron = \"0 6 * * *\")]", "[Deployment(\"a\")]\n[Schedule(\"a\", Cron = \"0 6 * * *\")]" },
        { "SLC0408", "Remove the [Schedule]", "[Deployment(\"a\")]\n    [Schedule(\"b\", Cron = \"0 6 * * *\")]", "[Deployment(\"a\")]" },
        { "SLC0408", "Remove the [Schedule]", "[Deployment(\"a\"), Schedule(\"b\", Cron = \"0 6 * * *\")]", "[Deployment(\"a\")]" },
        { "SLC0409", "Add Cron = \"0 6 * * *\"", "[Deployment(\"a\")]\n[Schedule(\"a\", TimeZone = \"Europe/Paris\")]", "[Deployment(\"a\")]\n[Schedule(\"a\", TimeZone = \"Europe/Paris\", Cron = \"0 6 * * *\")]" },
        { "SLC0409", "Remove the [Schedule]", "[Deployment(\"a\")]\n    [Schedule(\"a\")] // Later.", "[Deployment(\"a\")]\n    // Later." },
        { "SLC0410", "Change to \"x-2\"", "[Deployment(\"a\")]\n[Schedule(\"a\", Cron = \"* * * * *\", Slug = \"x\")]\n[Schedule(\"a\", Interval = \"5\", Slug = \"x\")]",
            "[Deployment(\"a\")]\n[Schedule(\"a\", Cron = \"* * * * *\", Slug = \"x\")]\n[Schedule(\"a\", Interval = \"5\", Slug = \"x-2\")]" },
        { "SLC0410", "Add Slug = \"schedule-3-2\"", "[Deployment(\"a\")]\n[Schedule(\"a\", Cron = \"* * * * *\", Slug = \"schedule-3\")]\n[Schedule(\"a\", Interval = \"5\")]",
            "[Deployment(\"a\")]\n[Schedule(\"a\", Cron = \"* * * * *\", Slug = \"schedule-3\")]\n[Schedule(\"a\", Interval = \"5\", Slug = \"schedule-3-2\")]" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public Task A_fix_of_a_deployment_changes_what_it_says_and_nothing_else(string id, string title, string before, string after) =>
        CodeFixTest.Apply(id, title, Source(before), Source(after));

    [Fact]
    public async Task An_alias_hides_how_the_other_attribute_is_written()
    {
        CodeFixTest test = await CodeFixTest.Of("using D = Sluice.DeploymentAttribute;\npublic static class F { [Flow] [D(\"a\")] [D(\"a\", Cron = \"0 6 * * *\")] public static void Run() { } }");
        (await test.Actions(test.Problems.Single(problem => problem.Id == "SLC0301"))).Select(action => action.Title).ShouldBe(["Change to \"a-2\""]);
    }

    [Theory]
    [InlineData("SLC0301", "Change to \"a-2\"", "[Deployment(\"a\")]\n[Deployment(\"a\")]\n[Deployment(\"a\")]", "[Deployment(\"a\")]\n[Deployment(\"a-2\")]\n[Deployment(\"a-3\")]")]
    [InlineData("SLC0432", "Remove TimeZone", "[Deployment(\"a\", TimeZone = \"UTC\", DayOr = false, AnchorDate = \"2026-01-01\")]", "[Deployment(\"a\")]")]
    [InlineData("SLC0401", "Keep Cron only", "[Deployment(\"a\", Cron = \"0 6 * * *\", Interval = \"PT5M\", RRule = \"FREQ=DAILY\")]", "[Deployment(\"a\", Cron = \"0 6 * * *\")]")]
    [InlineData("SLC0408", "Remove the [Schedule]", "[Deployment(\"a\")]\n    [Schedule(\"b\", Cron = \"0 6 * * *\")]\n    [Schedule(\"c\", Cron = \"0 7 * * *\")]", "[Deployment(\"a\")]")]
    [InlineData("SLC0410", "Change to \"x-2\"", "[Deployment(\"a\")]\n[Schedule(\"a\", Cron = \"* * * * *\", Slug = \"x\")]\n[Schedule(\"a\", Interval = \"5\", Slug = \"x\")]\n[Schedule(\"a\", Interval = \"7\", Slug = \"x\")]",
        "[Deployment(\"a\")]\n[Schedule(\"a\", Cron = \"* * * * *\", Slug = \"x\")]\n[Schedule(\"a\", Interval = \"5\", Slug = \"x-2\")]\n[Schedule(\"a\", Interval = \"7\", Slug = \"x-3\")]")]
    public Task Fix_all_leaves_none(string id, string title, string before, string after) => CodeFixTest.ApplyToAll(id, title, Source(before), Source(after));

    private static string Source(string attributes) => $"public static class F\n{{\n    // Why.\n    [Flow]\n    {attributes}\n    public static void Run() {{ }}\n}}\n";
}
