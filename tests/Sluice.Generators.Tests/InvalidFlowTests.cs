using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>An invalid flow is left out, and whatever it looks like, what is generated compiles; each of these has its analyzer.</summary>
public class InvalidFlowTests
{
    [Theory]
    [InlineData("[Flow] public void Run() { }")]
    [InlineData("[Flow] private static void Run() { }")]
    [InlineData("[Flow] protected static void Run() { }")]
    [InlineData("[Flow] public static void Run<T>() { }")]
    [InlineData("[Flow] public static void Run(ref int n) { }")]
    [InlineData("[Flow] public static void Run(out int n) { n = 1; }")]
    [InlineData("[Flow] public static void Run(in int n) { }")]
    [InlineData("[Flow] public static void Run(params ReadOnlySpan<int> n) { }")]
    [InlineData("[Flow] public static void Run(Task t) { }")]
    [InlineData("[Flow] public static void Run(Func<int> f) { }")]
    [InlineData("[Flow] public static void Run(int[,] grid) { }")]
    [InlineData("[Flow] public static void Run((int, Action) pair) { }")]
    [InlineData("[Flow] public static void Run(Dictionary<double, int> d) { }")]
    [InlineData("[Flow] public static void Run(SortedSet<List<int>> s) { }")]
    [InlineData("[Flow] public static unsafe void Run(int* p) { }")]
    [InlineData("[Flow] public static void Run(Span<int> s) { }")]
    [InlineData("[Flow] public static void Run(Hidden h) { }\nprivate record Hidden(int N);", "private static")]
    [InlineData("[Flow] public static void Run(Abstract a) { }\npublic abstract class Abstract { }")]
    [InlineData("[Flow] public static void Run(Empty e) { }\npublic enum Empty { }")]
    [InlineData("[Flow] public static void Run(Odd o) { }\npublic class Odd(int n) { public string N => n.ToString(); }")]
    [InlineData("[Flow] public static void Run(Many m) { }\npublic class Many { public Many(int a) { } public Many(string b) { } }")]
    [InlineData("[Flow] public static void Run(Clash c) { }\npublic record Clash(int Name, int name);")]
    [InlineData("[Flow] public static void Run(int URL, int url) { }")]
    [InlineData("[Flow] public static void Run(Ever<int> e) { }\npublic record Ever<T>(Ever<Ever<T>>? Next, Ever<T[]>? Other, Ever<T>[]? Third);")]
    [InlineData("[Flow] public static System.IO.Stream Run() => null!;")]
    [InlineData("[Flow] public static IAsyncEnumerable<int> Run() => null!;")]
    [InlineData("static int f; [Flow] public static ref int Run() => ref f;")]
    [InlineData("[Flow(\"a/b\")] public static void Run() { }")]
    [InlineData("[Flow(\" \")] public static void Run() { }")]
    [InlineData("[Flow(Retries = -1)] public static void Run() { }")]
    [InlineData("[Flow(TimeoutSeconds = double.NaN)] public static void Run() { }")]
    [InlineData("[Flow] public static void Run(int a) { }\n[Flow(\"b\")] public static void Run(string b) { }")]
    public void It_is_left_out(string members, string modifiers = "public static")
    {
        // A flow beside it stays.
        Generated generated = GeneratorTest.Run($$"""
            public partial class Outer { {{(members.Contains("void Run() { }") && !members.Contains("static") ? "" : "")}} {{members.Replace("private record", "private sealed record")}} }
            public static class Good { [Flow("good")] public static void Run() { } }
            """.Replace("public static void Run(Hidden", modifiers + " void Run(Hidden"));
        generated.Flows.Select(flow => flow.Name).ShouldBe(["good"]);
    }

    [Theory]
    [InlineData("public class G<T> { [Flow] public static void Run() { } }")]
    [InlineData("public class Outer { private class Inner { [Flow] public static void Run() { } } }")]
    [InlineData("file static class F { [Flow] public static void Run() { } }")]
    [InlineData("public interface I { [Flow] static abstract void Run(); }")]
    public void So_is_one_in_a_type_that_cannot_be_named(string type) =>
        GeneratorTest.Run(type + "\npublic static class Good { [Flow(\"good\")] public static void Run() { } }").Flows.Select(flow => flow.Name).ShouldBe(["good"]);

    [Theory]
    [InlineData("[Flow] public static void Run(Missing m) { }")]
    [InlineData("[Flow] public static void Run(List<Missing> m) { }")]
    [InlineData("[Flow] public static Missing Run() => null;")]
    [InlineData("[Flow(1)] public static void Run() { }")]
    [InlineData("[Flow] [Deployment(nope)] public static void Run() { }")]
    [InlineData("[Flow] [Deployment(\"a\", Tags = nope)] public static void Run() { }")]
    [InlineData("[Flow] public static void Run(int a = nope) { }")]
    [InlineData("[Flow] public static void Run(")]
    [InlineData("[Flow] public static")]
    public void Code_in_the_making_does_not_upset_the_generator(string member) => GeneratorTest.Run($"public static class C {{ {member} }}");
}
