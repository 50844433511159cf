using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests.Fixes;

/// <summary>Code fixes of flow methods, applied; each row is rule, title, members before and after.</summary>
public class FlowFixTests
{
    public static TheoryData<string, string, string, string> Rows => new()
    {
        { "SLC0101", "Add [Flow]", "// First.\n    /// <summary>Runs.</summary>\n    [Deployment(\"a\")]\n    public static void Run() { }", "// First.\n    /// <summary>Runs.</summary>\n    [Flow]\n    [Deployment(\"a\")]\n    public static void Run() { }" },
        { "SLC0101", "Add [Flow]", "[Sluice.ScheduleAttribute(\"a\", Cron = \"0 6 * * *\"), Sluice.Deployment(\"a\")] public static void Run() { }", "[Sluice.FlowAttribute]\n    [Sluice.ScheduleAttribute(\"a\", Cron = \"0 6 * * *\"), Sluice.Deployment(\"a\")] public static void Run() { }" },
        { "SLC0102", "Make static", "[Flow]\n    public async Task Run() => await Task.Yield();", "[Flow]\n    public static async Task Run() => await Task.Yield();" },
        { "SLC0103", "Make Run internal", "[Flow] private static void Run() { }", "[Flow] internal static void Run() { }" },
        { "SLC0103", "Make Run internal", "[Flow]\n    static void Run() { }", "[Flow]\n    internal static void Run() { }" },
        { "SLC0103", "Make Run internal", "[Flow] protected internal static void Ok() { } [Flow] private protected static void Run() { }", "[Flow] protected internal static void Ok() { } [Flow] internal static void Run() { }" },
        { "SLC0103", "Make Run and Inner internal", "class Inner { [Flow] protected static void Run() { } }", "internal class Inner { [Flow] internal static void Run() { } }" },
        { "SLC0103", "Make Inner internal", "private partial class Inner { [Flow] public static void Run() { } } partial class Inner { } private partial class Inner { }",
            "internal partial class Inner { [Flow] public static void Run() { } } partial class Inner { } internal partial class Inner { }" },
        { "SLC0105", "Change to \"Weekly\"", "[Flow(\"a\")] public static void Daily() { }\n    [Flow(\"a\")] public static void Weekly() { }", "[Flow(\"a\")] public static void Daily() { }\n    [Flow(\"Weekly\")] public static void Weekly() { }" },
        { "SLC0105", "Name it \"Run it 2\"", "[Flow(\"Run it\")] public static void Run() { }\n    [Flow(Retries = 1)] public static void RunIt() { }", "[Flow(\"Run it\")] public static void Run() { }\n    [Flow(\"Run it 2\", Retries = 1)] public static void RunIt() { }" },
        { "SLC0105", "Name it \"Run it 2\"", "[Flow(\"Run it\")] public static void Run() { }\n    [Flow] public static void RunIt() { }", "[Flow(\"Run it\")] public static void Run() { }\n    [Flow(\"Run it 2\")] public static void RunIt() { }" },
        { "SLC0106", "Change to \"a-b\"", "[Flow(@\"a/b\")] public static void Run() { }", "[Flow(@\"a-b\")] public static void Run() { }" },
        { "SLC0106", "Remove the name, so that it is the method's", "[Flow(\" \")] public static void Run() { }", "[Flow] public static void Run() { }" },
        { "SLC0106", "Remove the name, so that it is the method's", "[Flow(\"\", Retries = 1)] public static void Run() { }", "[Flow(Retries = 1)] public static void Run() { }" },
        { "SLC0106", "Change the constant Name to \"a-b\"", "const string Name = \"a/b\";\n    [Flow(Name)] public static void Run() { }", "const string Name = \"a-b\";\n    [Flow(Name)] public static void Run() { }" },
        { "SLC0107", "Set TimeoutSeconds to 0", "[Flow(TimeoutSeconds = -1.5, Retries = 1)] public static void Run() { }", "[Flow(TimeoutSeconds = 0, Retries = 1)] public static void Run() { }" },
        { "SLC0104", "Change the type to IReadOnlyCollection<int>", "[Flow] public static System.Collections.Concurrent.ConcurrentBag<int> Run() => new System.Collections.Concurrent.ConcurrentBag<int>();", "[Flow] public static IReadOnlyCollection<int> Run() => new System.Collections.Concurrent.ConcurrentBag<int>();" },
        { "SLC0104", "Change the type to Task<IReadOnlyCollection<int>>", "[Flow] public static async Task<System.Collections.Concurrent.ConcurrentBag<int>> Run() { await Task.Yield(); return Make(); } static System.Collections.Concurrent.ConcurrentBag<int> Make() => new();",
            "[Flow] public static async Task<IReadOnlyCollection<int>> Run() { await Task.Yield(); return Make(); } static System.Collections.Concurrent.ConcurrentBag<int> Make() => new();" },
        { "SLC0201", "Change the type to int[]", "[Flow] public static void Run(Span<int> s) { }", "[Flow] public static void Run(int[] s) { }" },
        { "SLC0201", "Change the type to string?[]", "[Flow] public static void Run(ReadOnlySpan<string?> s) { }", "[Flow] public static void Run(string?[] s) { }" },
        { "SLC0201", "Change the type to byte[]?", "[Flow] public static void Run(System.IO.Stream? s = null) { }", "[Flow] public static void Run(byte[]? s = null) { }" },
        { "SLC0201", "Change the type to List<byte[]>", "[Flow] public static void Run(List<System.IO.Stream> s) { }", "[Flow] public static void Run(List<byte[]> s) { }" },
        { "SLC0201", "Change the type to int[][]", "[Flow] public static void Run(int[,] grid) { }", "[Flow] public static void Run(int[][] grid) { }" },
        { "SLC0201", "Change the type to string", "[Flow] public static void Run(System.IO.FileInfo file) { }", "[Flow] public static void Run(string file) { }" },
        { "SLC0201", "Change the type to string[]", "[Flow] public static void Run(System.Globalization.CultureInfo[] c) { }", "[Flow] public static void Run(string[] c) { }" },
        { "SLC0201", "Change the type to int", "[Flow] public static void Run(Func<int> f) { }", "[Flow] public static void Run(int f) { }" },
        { "SLC0201", "Change the type to int[]", "[Flow] public static unsafe void Run(int* p) { }", "[Flow] public static unsafe void Run(int[] p) { }" },
        { "SLC0201", "Change the type to int?", "[Flow] public static void Run(Index? i) { }", "[Flow] public static void Run(int? i) { }" },
        { "SLC0201", "Change the type to int[]", "[Flow] public static void Run(IAsyncEnumerable<int> n) { }", "[Flow] public static void Run(int[] n) { }" },
        { "SLC0202", "Take it by value", "[Flow] public static void Run(ref int n, in int m) { }", "[Flow] public static void Run(int n, in int m) { }" },
        { "SLC0202", "Take it by value", "[Flow] public static void Run(ref readonly int n) { }", "[Flow] public static void Run(int n) { }" },
        { "SLC0202", "Take int[]", "[Flow] public static void Run(params ReadOnlySpan<int> n) { }", "[Flow] public static void Run(params int[] n) { }" },
        { "SLC0204", "Change the type to IDictionary<string, System.Text.Json.JsonElement>", "[Flow] public static void Run([ExtraParameters] Dictionary<string, string> extras) { }",
            "[Flow] public static void Run([ExtraParameters] IDictionary<string, System.Text.Json.JsonElement> extras) { }" },
        { "SLC0211", "Remove [StringLength]", "[Flow] public static void Run([System.ComponentModel.DataAnnotations.StringLength(3)] int n) { }", "[Flow] public static void Run(int n) { }" },
        { "SLC0214", "Remove [Phone]", "[Flow] public static void Run([System.ComponentModel.DataAnnotations.Required, System.ComponentModel.DataAnnotations.Phone] string n) { }",
            "[Flow] public static void Run([System.ComponentModel.DataAnnotations.Required] string n) { }" },
        { "SLC0212", "Swap the ends: 1 to 10", "[Flow] public static void Run([System.ComponentModel.DataAnnotations.Range(10, 1)] int n) { }", "[Flow] public static void Run([System.ComponentModel.DataAnnotations.Range(1, 10)] int n) { }" },
        { "SLC0212", "Swap the ends: 2 to 5", "[Flow] public static void Run([System.ComponentModel.DataAnnotations.StringLength(2, MinimumLength = 5)] string s) { }", "[Flow] public static void Run([System.ComponentModel.DataAnnotations.StringLength(5, MinimumLength = 2)] string s) { }" },
        { "SLC0308", "Return Task", "[Flow] public static async void Run() => await Task.Yield();", "[Flow] public static async Task Run() => await Task.Yield();" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public Task A_fix_of_a_flow_changes_what_it_says_and_nothing_else(string id, string title, string before, string after) =>
        CodeFixTest.Apply(id, title, Source(before), Source(after));

    [Theory]
    [InlineData("SLC0105", "Change to \"B\"", "[Flow(\"a\")] public static void A() { }\n    [Flow(\"a\")] public static void B() { }\n    [Flow(\"a\")] public static void E() { }\n    [Flow(\"B\")] public static void D() { }",
        "[Flow(\"a\")] public static void A() { }\n    [Flow(\"a 2\")] public static void B() { }\n    [Flow(\"E\")] public static void E() { }\n    [Flow(\"B\")] public static void D() { }")]
    [InlineData("SLC0103", "Make A internal", "[Flow] private static void A() { }\n    [Flow] private static void B() { }", "[Flow] internal static void A() { }\n    [Flow] internal static void B() { }")]
    [InlineData("SLC0102", "Make static", "[Flow] public void A() { }\n    [Flow] public void B() { }", "[Flow] public static void A() { }\n    [Flow] public static void B() { }")]
    [InlineData("SLC0202", "Take it by value", "[Flow] public static void A(ref int n, in int m) { }", "[Flow] public static void A(int n, int m) { }")]
    public Task Fix_all_leaves_none(string id, string title, string before, string after) => CodeFixTest.ApplyToAll(id, title.Replace("\"B\"", "\"a 2\""), Source(before), Source(after));

    [Fact]
    public Task A_file_local_type_becomes_internal() => CodeFixTest.Apply(
        "SLC0103", "Make F internal", "file static class F { [Flow] public static void Run() { } }", "internal static class F { [Flow] public static void Run() { } }");

    [Theory]
    [InlineData("public class G<T> { [Flow] private static void Run() { } }")]
    [InlineData("public class C { [Flow] private static void Run<T>() { } }")]
    [InlineData("public class C { public static void M() { [Flow] static void Run() { } } }")]
    [InlineData("public class C { [Flow] public static unsafe void Run(delegate*<int> p) { } }")]
    [InlineData("public class C { [Flow] public static unsafe void Run(void* p) { } }")]
    [InlineData("public class C { [Flow] public static void Run(TypedReference p) { } }")]
    [InlineData("public class C { [Flow] public static void Run(Action p) { } }")]
    [InlineData("public class C { [Flow] public static IAsyncEnumerable<int> Run() => null!; }")]
    public async Task Where_it_would_not_help_nothing_is_offered(string source)
    {
        CodeFixTest test = await CodeFixTest.Of(source);
        (await test.Actions(test.Problems.ShouldHaveSingleItem())).ShouldBeEmpty();
    }

    private static string Source(string members) => $"public class C\n{{\n    {members}\n}}\n";
}
