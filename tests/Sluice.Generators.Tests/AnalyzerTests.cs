using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>Each rule on the exact characters, with its message.</summary>
public class AnalyzerTests
{
    public static TheoryData<string, string> Flows => new()
    {
        { "[{|SLC0101:Deployment|}(\"a\")] public static void Run() { }", "'Run' has [Deployment] but no [Flow]; add [Flow], or it is not deployed" },
        { "[{|SLC0101:Deployment|}(\"a\"), {|SLC0101:Schedule|}(\"a\", Cron = \"* * * * *\")] public static void Run() { }",
            "'Run' has [Deployment] but no [Flow]; add [Flow], or it is not deployed\n'Run' has [Schedule] but no [Flow]; add [Flow], or it is not deployed" },
        { "[Flow] public void {|SLC0102:Run|}() { }", "The flow 'Run' must be static" },
        { "[Flow] private static void {|SLC0103:Run|}() { }", "The flow 'Run' is not accessible; make it and the types around it internal or public" },
        { "[Flow] public static void {|SLC0103:Run|}<T>() { }", "The flow 'Run' is generic; a flow has no type arguments" },
        { "public static void M() { [Flow] static void {|SLC0103:Run|}() { } }", "The flow 'Run' is a local function; make it a method of a class" },
        { "[Flow] public static {|SLC0104:Stream|} Run() => null!;", "The result of the flow 'Run' cannot be written as JSON: Stream is not supported" },
        { "[Flow] public static {|SLC0104:Task<Dictionary<DateTime, int>>|} Run() => null!;", "The result of the flow 'Run' cannot be written as JSON: Dictionary<DateTime, int> has keys that are no names in JSON; keys are string, Guid, an integer, or an enum that is no [Flags]" },
        { "[Flow] public static Box Run() => null!; public record Box({|SLC0104:Type|} T);", "The result of the flow 'Run' cannot be written as JSON: result.T: Type is not supported" },
        { "[Flow(\"a\")] public static void Run() { }\n[Flow({|SLC0105:\"a\"|})] public static void Other() { }", "'a' is also the name of the flow C.Run; flows are told apart by name" },
        { "[Flow(\"Run it\")] public static void Run() { }\n[{|SLC0105:Flow|}] public static void RunIt() { }", "'Run it' is also the name of the flow C.Run; flows are told apart by name" },
        { "[Flow(\"a{|SLC0106:/|}b\")] public static void Run() { }", "A flow's name must not contain '/' (nor any of / % & > <)" },
        { "[Flow({|SLC0106:\"\"|})] public static void Run() { }", "A flow's name must not be empty; leave it out to get the method's" },
        { "[Flow(Retries = {|SLC0107:-1|}, CrashRetries = {|SLC0107:-2|}, RetryDelaySeconds = {|SLC0107:-0.5|}, TimeoutSeconds = 1)] public static void Run() { }",
            "Retries must be 0 or more\nCrashRetries must be 0 or more\nRetryDelaySeconds must be from 0 to 2147483647 seconds" },
        { "[Flow] public static void {|SLC0108:Run|}() { }\n[Flow(\"b\")] public static void {|SLC0108:Run|}(int n) { }",
            "Another flow of 'C' is also named 'Run', so that their entrypoints are the same; rename one of them\nAnother flow of 'C' is also named 'Run', so that their entrypoints are the same; rename one of them" },
        { "[Flow] public static void Run({|SLC0201:Task|} o, {|SLC0201:int[,]|} grid, int fine) { }", "Parameter 'o' cannot be read from JSON: Task is not supported\nParameter 'grid' cannot be read from JSON: int[*,*] has several dimensions; write it as an array of arrays" },
        { "[Flow] public static void Run(List<Order> orders) { } public record Order(Line[] Lines); public record Line({|SLC0201:Func<int>|} Price);",
            "Parameter 'orders' cannot be read from JSON: orders[].Lines[].Price: Func<int> is a delegate, which JSON cannot carry" },
        { "[Flow] public static void Run({|SLC0201:Stream|} s) { }", "Parameter 's' cannot be read from JSON: Stream is not supported" },
        { "[Flow] public static void Run({|SLC0201:Odd|} o) { } public class Odd(int n) { public string N => n.ToString(); }",
            "Parameter 'o' cannot be read from JSON: C.Odd has a constructor parameter 'n' without a public property of its name and type" },
        { "[Flow] public static void Run({|SLC0202:ref int n|}, {|SLC0202:out int m|}, {|SLC0202:params ReadOnlySpan<int> s|}) { m = 1; }",
            "Parameter 'n' of a flow cannot be ref\nParameter 'm' of a flow cannot be out\nParameter 's' of a flow cannot be a params span" },
        { "[Flow] public static void Run([ExtraParameters] {|SLC0204:Dictionary<string, string>|} a) { }", "Parameter 'a' is [ExtraParameters] and must be an IDictionary<string, JsonElement>" },
        { "[Flow] public static void Run([ExtraParameters] IDictionary<string, JsonElement> a, [ExtraParameters] {|SLC0204:IDictionary<string, JsonElement>|} b) { }", "Parameter 'b' is [ExtraParameters], and so is 'a'; only one can be" },
        { "[Flow] public static void Run(List<Order> orders) { } public class Order { public Line?[]? Lines { get; set; } } public struct Line { public {|SLC0201:List<IShape>|} Shapes { get; set; } public Dictionary<int, (int, Half, int[])> M; } public interface IShape { }",
            "Parameter 'orders' cannot be read from JSON: orders[].Lines[].Shapes[]: C.IShape is an interface without known implementations; name them with [JsonDerivedType], or take a class" },
        { "[Flow] public static void Run({|SLC0201:{|SLC0201:Shape|}|} s) { } [JsonDerivedType(typeof(A), \"a\"), JsonDerivedType(typeof(B)), JsonDerivedType(typeof(Other), \"o\")] public abstract class Shape { } public class A : Shape { public {|SLC0201:Func<int>|} F { get; set; } } public class B : Shape { } public class Other { }",
            "Parameter 's' cannot be read from JSON: s(B): C.B has no discriminator, so that it cannot be told from others; write [JsonDerivedType(typeof(B), \"…\")]\n"
            + "Parameter 's' cannot be read from JSON: s(Other): C.Other is not derived from Shape\nParameter 's' cannot be read from JSON: s(A).F: Func<int> is a delegate, which JSON cannot carry" },
        { "[Flow] public static void Run({|SLC0201:Inner|} i, {|SLC0201:Abstract|} a, {|SLC0201:dynamic|} d, {|SLC0201:List<Type>|} t) { } public class Inner { [JsonConstructor] private Inner(int n) { } public int N => 1; } public abstract class Abstract { }",
            "Parameter 'i' cannot be read from JSON: C.Inner has a [JsonConstructor] that is not accessible; make it internal or public\nParameter 'a' cannot be read from JSON: C.Abstract is abstract; name its derived types with [JsonDerivedType], or take one of them\n"
            + "Parameter 'd' cannot be read from JSON: dynamic is not supported; JSON of any shape is object or JsonElement\nParameter 't' cannot be read from JSON: t[]: Type is not supported" },
        { "[Flow] public static void Run({|SLC0203:Wind|} w, {|SLC0203:Shape|} s) { } public enum Wind { [JsonStringEnumMemberName(\"B\")] A, B } [JsonPolymorphic(TypeDiscriminatorPropertyName = \"n\"), JsonDerivedType(typeof(S), 1)] public record Shape(int M); public record S(int N, int M) : Shape(M);",
            "w: Wind has two members named \"B\" in JSON; give one another [JsonStringEnumMemberName]\ns(S): S has two members named \"n\" in JSON; give one another [JsonPropertyName]" },
        { "[Flow] public static async {|SLC0308:void|} Run() => await Task.Yield();",
            "The flow 'Run' is async void: its run would be reported as completed at its first await, and its errors lost; return Task" },
        { "[Flow] public static void Run(int URL, int {|SLC0203:url|}) { }", "Parameters 'URL' and 'url' are both \"url\" in JSON; rename one of them" },
        { "[Flow] public static void Run({|SLC0203:Clash|} c) { } public record Clash(int Name, int name);", "c: Clash has two members named \"name\" in JSON; give one another [JsonPropertyName]" },
    };

    public static TheoryData<string, string> Deployments => new()
    {
        { "[Deployment(\"a\")]\n[Deployment({|SLC0301:\"a\"|})]", "The flow already has a deployment 'a'; further schedules of it are [Schedule(\"a\", …)]" },
        { "[Deployment(\"a{|SLC0302:%|}\")]", "A deployment's name must not contain '%' (nor any of / % & > <)" },
        { "[Deployment({|SLC0302:\" \"|})]", "A deployment's name must not be empty" },
        { "[Deployment(\"a\", Parameters = \"{|SLC0303:[1, 2]|}\")]", "Parameters must be a JSON object: this is an array" },
        { "[Deployment(\"a\", Parameters = \"{\\\"city\\\": {|SLC0303:Oslo|}}\")]", "Parameters must be a JSON object: 'Oslo' is no JSON value; texts stand in double quotes" },
        { "[Deployment(\"a\", Parameters = @\"{\"\"city\"\": {|SLC0303:'|}Oslo'}\")]", "Parameters must be a JSON object: a value is missing" },
        { "[Deployment(\"a\", Parameters = \"\"\"{\"city\": \"Oslo\"{|SLC0303:;|} }\"\"\")]", "Parameters must be a JSON object: a comma or } is missing" },
        { "[Deployment(\"a\", JobVariables = \"\"\"\n        {\n          \"env\": {|SLC0303:1.|}\n        }\n        \"\"\")]", "JobVariables must be a JSON object: no JSON number" },
        { "[Deployment(\"a\", Parameters = \"{\\\"city\\\": \\\"a\\\", {|SLC0303:\\\"city\\\"|}: \\\"b\\\"}\")]", "Parameters must be a JSON object: \"city\" stands there twice" },
        { "[Deployment(\"a\", Parameters = \"\"\"\n        {\n          \"city\": \"Oslo\",\n          {|SLC0304:\"dayz\"|}: 3\n        }\n        \"\"\")]", "The flow has no parameter 'dayz'; it has city, days, from, color, point" },
        { "[Deployment(\"a\")]\n[Schedule(\"a\", Interval = \"5\", Parameters = @\"{ {|SLC0304:\"\"City\"\"|}: 1 }\")]", "The flow has no parameter 'City'; it has city, days, from, color, point" },
        { "[Deployment(\"a\", Parameters = \"{ \\\"days\\\": {|SLC0305:\\\"\\u0037\\\"|}, \\\"city\\\": {|SLC0305:null|} }\")]",
            "$.days: expected an integer from -2147483648 to 2147483647, found \"7\"\n$.city: expected a string, found null" },
        { "[Deployment(\"a\", Parameters = \"\"\"{\"from\": {|SLC0305:\"2026-02-30\"|}, \"color\": {|SLC0305:\"red\"|}, \"days\": 3.0}\"\"\")]",
            "$.from: expected a date as 2026-01-31, found \"2026-02-30\"\n$.color: expected one of Red, Blue, found \"red\"" },
        { "[Deployment(\"a\", Parameters = \"\"\"{\"point\": {|SLC0305:{\"y\": {|SLC0305:1.5|}, {|SLC0305:\"z\"|}: 1}|}}\"\"\")]",
            "$.point.x: is required\n$.point.y: expected an integer from -2147483648 to 2147483647, found 1.5\n$.point.z: is unknown; known are: x, y" },
        { "[Deployment(\"a\", Parameters = \"\"\"{\"days\": {\"__prefect_kind\": \"jinja\", \"template\": \"{{ 7 }}\"}}\"\"\")]", "" },
        { "[Deployment(\"a\", ConcurrencyLimit = {|SLC0306:-1|})]", "ConcurrencyLimit must be 0 (no limit) or more" },
        { "[Deployment(\"a\", TimeZone = {|SLC0432:\"Europe/Paris\"|})]\n[Schedule(\"a\", Cron = \"0 6 * * *\")]", "TimeZone has no effect without Cron, Interval or RRule beside it" },
        { "[Deployment(\"a\", Interval = \"5\", DayOr = {|SLC0432:false|})]", "DayOr has no effect without Cron beside it" },
        { "[Deployment(\"a\", Cron = \"0 6 * * *\", AnchorDate = {|SLC0432:\"2026-01-01\"|})]", "AnchorDate has no effect without Interval beside it" },
        { "[Deployment(\"a\", WorkPool = {|SLC0309:\"\"|}, Tags = {|SLC0309:[\"a\", \" \"]|})]", "WorkPool must not be empty; leave it out\nAn item of Tags must not be empty; leave it out" },
        { "[Deployment(\"a\", JobVariables = \"\"\"{\"env\": {|SLC0310:\"A=B\"|}}\"\"\")]", "'env' of JobVariables must be a JSON object of names and values" },
        { "[Deployment(\"a\", JobVariables = \"\"\"{\"env\": {\"A\": {|SLC0310:[1]|}, \"B\": 1, \"C\": null}}\"\"\")]", "'env' of JobVariables must be names and texts; 'A' is an array" },
        { "[Deployment(\"a\", Infrastructure = {|SLC0311:\"k8s\"|})]", "There is no infrastructure 'k8s'; there are process, docker and kubernetes" },
        { "[Deployment(\"a\", Infrastructure = \"docker-container/prod\")]", "" },
        { "[Deployment(\"a\", Cron = \"0 6 * * *\", Interval = {|SLC0401:\"PT5M\"|})]", "Only one of Cron, Interval and RRule can be given; add [Schedule(\"a\", …)] for a further schedule" },
        { "[Deployment(\"a\", Interval = \"{|SLC0403:soon|}\")]", "Invalid interval: 'soon' is not a duration; write seconds (900), hours:minutes:seconds (00:15:00), or ISO 8601 (PT15M)." },
        { "[Deployment(\"a\", Interval = \"{|SLC0403:0|}\")]", "Invalid interval: an interval of 0 seconds is not possible; it must be above 0 and below 900000000000." },
        { "[Deployment(\"a\", Interval = \"5\", AnchorDate = {|SLC0406:\"yesterday\"|})]", "'yesterday' is no ISO 8601 time; write it as 2026-01-31T06:00:00Z" },
        { "[Deployment(\"a\", Cron = {|SLC0407:\"0 0 30 2 *\"|})]", "'0 0 30 2 *' never fires" },
        { "[Deployment(\"a\")]\n[Schedule({|SLC0408:\"b\"|}, Cron = \"* * * * *\")]", "'Run' has no deployment 'b'; it has a" },
        { "[Deployment(\"a\")]\n[{|SLC0409:Schedule|}(\"a\")]", "Give one of Cron, Interval and RRule" },
        { "[Deployment(\"a\")]\n[Schedule(\"a\", Cron = \"* * * * *\", Slug = \"x\")]\n[Schedule(\"a\", Interval = \"5\", Slug = {|SLC0410:\"x\"|})]", "The deployment already has a schedule 'x'" },
        { "[Deployment(\"a\", Cron = \"* * * * *\", Misfire = MisfirePolicy.RunAll, MaxMisfires = {|SLC0431:0|})]\n[Schedule(\"a\", Interval = \"5\", Misfire = MisfirePolicy.RunAll, MaxMisfires = {|SLC0431:10_001|})]",
            "MaxMisfires must be from 1 to 10000\nMaxMisfires must be from 1 to 10000" },
        { "[Deployment(\"a\", Cron = \"* * * * *\", Misfire = {|SLC0431:(MisfirePolicy)7|}, Dst = {|SLC0431:(DstPolicy)(-1)|})]", "Misfire must be Skip, RunOnce or RunAll\nDst must be PrefectCompatible or VixieLike" },
        { "[Deployment(\"a\", Cron = \"* * * * *\", MaxMisfires = {|SLC0432:5|})]", "MaxMisfires has no effect without Misfire = MisfirePolicy.RunAll" },
        { "[Deployment(\"a\", Misfire = {|SLC0432:MisfirePolicy.RunOnce|})]\n[Schedule(\"a\", Interval = \"5\", Dst = {|SLC0432:DstPolicy.VixieLike|})]",
            "Misfire has no effect without Cron, Interval or RRule\nDst has no effect on an Interval, which is exact" },
        { "[Deployment(\"a\", Cron = \"* * * * *\", Dst = DstPolicy.VixieLike, Misfire = MisfirePolicy.RunAll, MaxMisfires = 10)]\n[Schedule(\"a\", Interval = \"5\", Misfire = MisfirePolicy.Skip, Dst = DstPolicy.PrefectCompatible)]", "" },
    };

    [Theory]
    [MemberData(nameof(Flows))]
    public async Task A_flow_that_breaks_a_rule_is_explained(string members, string messages) =>
        (await AnalyzerTest.Run("using System.IO;\nusing System.Text.Json;\nusing System.Text.Json.Serialization;\npublic class C\n{\n" + members + "\n}")).ShouldBe(messages.Split('\n'));

    [Theory]
    [MemberData(nameof(Deployments))]
    public async Task A_deployment_that_breaks_a_rule_is_explained(string attributes, string messages) =>
        (await AnalyzerTest.Run("public enum Color { Red, Blue }\npublic record Point(int X, int? Y = null);\npublic class C\n{\n    [Flow]\n    " + attributes
            + "\n    public static void Run(string city = \"\", FlowContext? context = null, int days = 7, DateOnly? from = null, Color color = Color.Red, Point? point = null) { }\n}"))
            .ShouldBe(messages.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    [Theory]
    [InlineData("0 6 * * {|SLC0402:8|}")]
    [InlineData("0 {|SLC0402:25|} * * *")]
    public async Task A_cron_expression_is_marked_where_it_is_wrong(string cron) =>
        (await AnalyzerTest.Run($"public class C {{ [Flow] [Deployment(\"a\", Cron = \"{cron}\")] public static void Run() {{ }} }}")).ShouldHaveSingleItem().ShouldStartWith("Invalid cron expression: ");

    [Fact]
    public async Task A_recurrence_rule_is_marked_where_it_is_wrong() =>
        (await AnalyzerTest.Run("public class C { [Flow] [Deployment(\"a\", RRule = \"FREQ=WEEKLY;BYDAY={|SLC0404:MON|}\")] public static void Run() { } }"))
            .ShouldHaveSingleItem().ShouldStartWith("Invalid recurrence rule: ");

    [Fact]
    public async Task A_rule_that_has_ended_never_fires() =>
        await AnalyzerTest.Run("public class C { [Flow] [Deployment(\"a\", RRule = {|SLC0407:\"DTSTART:20200101T000000\\nRRULE:FREQ=DAILY;COUNT=3\"|})] public static void Run() { } }");

    [Fact]
    public async Task A_time_zone_is_looked_up_in_the_embedded_list() =>
        (await AnalyzerTest.Run("public class C { [Flow] [Deployment(\"a\", Cron = \"0 6 * * *\", TimeZone = \"{|SLC0405:Europe/Pariss|}\")] public static void Run() { } }"))
            .ShouldHaveSingleItem().ShouldStartWith("Unknown time zone: ");

    [Fact]
    public async Task A_flow_in_a_private_or_generic_type_is_explained() =>
        (await AnalyzerTest.Run("public class G<T> { [Flow] public static void {|SLC0103:A|}() { } class I { [Flow] public static void {|SLC0103:B|}() { } } }\npublic class O { class P { [Flow] public static void {|SLC0103:D|}() { } } }\nfile class F { [Flow] public static void {|SLC0103:E|}() { } }"))
            .Count.ShouldBe(4);

    [Fact]
    public async Task What_is_valid_is_not_reported() =>
        await AnalyzerTest.Run("""
            using System.Text.Json.Serialization;
            public record Line(string Name, decimal Price);
            public static class Flows
            {
                [Flow("Weather report", Retries = 2, RetryDelaySeconds = 10, TimeoutSeconds = 600)]
                [Deployment("daily", Cron = "0 6 * * *", TimeZone = "Europe/Paris", Parameters = "{\"lines\": [{\"name\": \"a\", \"price\": 1.5}]}")]
                [Schedule("daily", Interval = "PT5M", AnchorDate = "2026-01-01T00:00:00Z")]
                [Deployment("manual")]
                internal static async Task<Line[]> RunAsync(Line[] lines, FlowContext context, CancellationToken cancellation = default) { await Task.Yield(); return lines; }
                public static void NoFlow(object o) { }
            }
            """);

    [Fact]
    public async Task Types_that_do_not_exist_are_the_compilers_to_report() =>
        await AnalyzerTest.Run("public static class F { [Flow] public static Missing Run(Missing a, List<Missing> b) => null; }");
}
