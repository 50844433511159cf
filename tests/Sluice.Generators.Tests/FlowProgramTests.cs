using Microsoft.CodeAnalysis;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

public class FlowProgramTests
{
    private const string OneFlow = "public static class Flows { [Flow] public static void Run() { } }";

    public static TheoryData<string, string, string> Methods => new()
    {
        { "void Run(int n)", "{ Seen.Value = n; }", "null" },
        { "int Run(int n)", "=> n + 1;", "4" },
        { "Task Run(int n)", "{ Seen.Value = n; return Task.CompletedTask; }", "null" },
        { "async Task<string?> Run(int n)", "{ await Task.Yield(); return n > 3 ? \"x\" : null; }", "null" },
        { "async ValueTask Run(int n)", "{ await Task.Yield(); Seen.Value = n; }", "null" },
        { "ValueTask<int[]> Run(int n)", "=> new([n, n]);", "[3,3]" },
        { "Totals Run(int n)", "=> new(n);", "{\"n\":3,\"twice\":6,\"half\":\"NaN\"}" },
        { "Level Run(int n)", "=> (Level)n;", "3" },
        { "string Run(FlowContext context, int n, Microsoft.Extensions.Logging.ILogger log, CancellationToken token)",
            "=> $\"{context.FlowName} {n} {ReferenceEquals(log, context.Logger)} {token.CanBeCanceled}\";", "\"Run 3 True True\"" },
    };

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Every_kind_of_method_is_invoked_and_its_result_written(string signature, string body, string expected)
    {
        Generated generated = GeneratorTest.Run($$"""
            public static class Seen { public static int Value; }
            public enum Level { Low, High }
            public sealed class Totals(int n) { public int N => n; public int Twice => n * 2; public double Half => double.NaN; }
            public static class Flows { [Flow] public static {{signature}} {{body}} }
            """);
        using var source = new CancellationTokenSource();
        (await Generated.Invoke(generated.Flow, """{"n":3}""", source.Token)).ShouldBe(expected);
    }

    /// <summary>What a parameter is called in help, and how the text of its option becomes JSON.</summary>
    [Theory]
    [InlineData("char c", "Text character")]
    [InlineData("Int128? n", "Number integer")]
    [InlineData("Half n", "Number number")]
    [InlineData("Version v", "Text version")]
    [InlineData("ReadOnlyMemory<byte> m", "Text base64")]
    [InlineData("Wind w", "Text none|north-east")]
    [InlineData("Days? d", "Json (Mon|Sun)[]")]
    [InlineData("HashSet<int> s", "Json integer[]")]
    [InlineData("Dictionary<Guid, string[]> d", "Json {uuid: string[]}")]
    [InlineData("(int, Wind?) t", "Json [integer, none|north-east]")]
    [InlineData("object o", "Json json")]
    [InlineData("JsonObject o", "Json object")]
    [InlineData("Shape s", "Json Circle|Square")]
    [InlineData("Money m", "Text Money")]
    [InlineData("Money?[] m", "Json Money[]")]
    public void A_parameter_has_words_for_the_command_line(string parameter, string words)
    {
        var known = GeneratorTest.Run($$"""
            using System.Text.Json;
            using System.Text.Json.Nodes;
            using System.Text.Json.Serialization;
            public enum Wind { none, [JsonStringEnumMemberName("north-east")] NorthEast }
            [Flags] public enum Days { Mon = 1, Sun = 2 }
            [JsonDerivedType(typeof(Circle), 1), JsonDerivedType(typeof(Square), 2)] public abstract record Shape;
            public record Circle : Shape;
            public record Square : Shape;
            [JsonConverter(typeof(Conv)), JsonSchema("{\"type\": \"string\"}")] public record struct Money(string Text);
            public class Conv : JsonConverter<Money>
            {
                public override Money Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => new(reader.GetString()!);
                public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
            }
            public static class Flows { [Flow] public static void Run({{parameter}}) { } }
            """).Flow.Parameters.ShouldHaveSingleItem();
        $"{known.Kind} {known.Type}".ShouldBe(words);
    }

    [Fact]
    public void Problems_are_named_by_path_all_at_once()
    {
        Generated generated = GeneratorTest.Run("""
            public record Line(string Name, decimal Price);
            public static class Flows { [Flow] public static void Run(Line[] lines, int days, DateOnly? from = null) { } }
            """);
        Generated.Problems(generated.Flow, """{"lines":[{"name":"a","price":1},{"name":null,"price":"x","odd name":1}],"days":2,"days":3,"from":"soon","Days":1}""").ShouldBe([
            "$.lines[1].name: expected a string, found null",
            "$.lines[1].price: expected a number within 79228162514264337593543950335 of zero, found \"x\"",
            "$.lines[1]['odd name']: is unknown; known are: name, price",
            "$.days: stands there twice",
            "$.from: expected a date as 2026-01-31, found \"soon\"",
            "$.Days: is unknown; known are: lines, days, from"]);
        Generated.Problems(generated.Flow, "[]").ShouldBe(["$: expected an object, found an array"]);
        Generated.Problems(generated.Flow, "{}").ShouldBe(["$.lines: is required", "$.days: is required"]);
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        Generated generated = GeneratorTest.Run("""
            public record Node(Node? Next, int N = 0);
            public static class Flows { [Flow] public static void Run(Node node) { } }
            """);
        string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"next\":", depth)) + "null" + new string('}', depth);
        Generated.Problems(generated.Flow, $$"""{"node":{{Nested(60)}}}""").ShouldBeEmpty();
        var errors = new Runtime.Binding.BindingErrors();
        using var deep = System.Text.Json.JsonDocument.Parse($$"""{"node":{{Nested(500)}}}""", new() { MaxDepth = 1000 });
        generated.Flow.Bind(deep.RootElement, errors).ShouldBeNull();
        errors.Items.ShouldHaveSingleItem().Message.ShouldBe("nests deeper than 64 levels");
    }

    [Fact]
    public async Task No_code_of_the_user_runs_before_the_call()
    {
        Generated generated = GeneratorTest.Run("""
            public record Loud { public Loud(int n) { N = n; throw new InvalidOperationException("constructed"); } public int N { get; } }
            public static class Flows { [Flow] public static void Run(Loud loud) { } }
            """);
        Generated.Problems(generated.Flow, """{"loud":{"n":1}}""").ShouldBeEmpty();
        (await Should.ThrowAsync<InvalidOperationException>(() => Generated.Invoke(generated.Flow, """{"loud":{"n":1}}"""))).Message.ShouldBe("constructed");
    }

    [Fact]
    public void Defaults_are_those_of_the_method()
    {
        var parameters = GeneratorTest.Run("""
            public enum Color { Red, Green = 2 }
            public static class Flows
            {
                [Flow] public static void Run(string s = "a\"b", double d = 0.1, float f = float.NaN, decimal m = 1.10m, long l = long.MinValue, Color c = Color.Green,
                    Color odd = (Color)7, int? n = null, string t = null!, DateTime when = default, TimeSpan span = default, bool b = true, Guid id = default, Color? q = Color.Red) { }
            }
            """).Flow.Parameters;
        parameters.Select(parameter => parameter.DefaultJson).ShouldBe([
            "\"a\\\"b\"", "0.1", null, "1.10", "-9223372036854775808", "\"Green\"", null, "null", "null", "\"0001-01-01T00:00:00Z\"", "\"PT0S\"", "true",
            "\"00000000-0000-0000-0000-000000000000\"", "\"Red\""]);
        parameters.ShouldAllBe(parameter => !parameter.Required);
    }

    [Fact]
    public async Task Defaults_are_used()
    {
        Generated generated = GeneratorTest.Run("""
            public enum Color { Red, Green = 2 }
            public static class Flows
            {
                [Flow] public static string Run(string s = "a", float f = float.NegativeInfinity, decimal m = 1.10m, Color odd = (Color)7, int? n = 3, byte b = 200, ulong u = ulong.MaxValue, char? skip = null!)
                    => "";
            }
            """.Replace(", char? skip = null!", "").Replace("=> \"\";", "=> FormattableString.Invariant($\"{s} {f} {m} {odd} {n} {b} {u}\");"));
        (await Generated.Invoke(generated.Flow, "{}")).ShouldBe("\"a -Infinity 1.10 7 3 200 18446744073709551615\"");
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("public static class Program { public static void Main() { } }", false)]
    [InlineData("public class Program { private static async Task<int> Main(string[] args) { await Task.Yield(); return 1; } }", false)]
    [InlineData("public class Program { private static async System.Threading.Tasks.Task Main() { await Task.Yield(); } }", false)]
    [InlineData("public class Program { public static void Main(string[]? args) { } }", false)]
    [InlineData("public class Program { public void Main() { } public int Main(string[] args) => 1; }", true)]
    public void Main_is_made_where_a_program_has_none(string own, bool made)
    {
        Generated generated = GeneratorTest.Run(own + OneFlow, OutputKind.ConsoleApplication);
        generated.Files.Contains("Main.g.cs").ShouldBe(made);
        (generated.Assembly.EntryPoint!.DeclaringType!.FullName == "Sluice.Generated.EntryPoint").ShouldBe(made);
    }

    [Fact]
    public void Top_level_statements_are_an_entry_point() =>
        GeneratorTest.Run("Console.WriteLine();\n" + OneFlow, OutputKind.ConsoleApplication).Files.ShouldNotContain("Main.g.cs");

    [Fact]
    public void A_library_has_no_Main_and_neither_has_a_program_that_says_so()
    {
        GeneratorTest.Run(OneFlow).Files.ShouldNotContain("Main.g.cs");
        GeneratorTest.Run(OneFlow, OutputKind.ConsoleApplication, ("SluiceGenerateMain", "False")).Files.ShouldNotContain("Main.g.cs");
    }

    [Fact]
    public void A_project_without_flows_gets_nothing() => GeneratorTest.Run("public class C { }").Files.ShouldBeEmpty();

    [Fact]
    public void A_program_whose_flows_are_all_invalid_still_has_its_Main() =>
        GeneratorTest.Run("public class C { [Flow] public void Run() { } }", OutputKind.ConsoleApplication).Files.ShouldBe(["FlowList.g.cs", "Main.g.cs"]);
}
