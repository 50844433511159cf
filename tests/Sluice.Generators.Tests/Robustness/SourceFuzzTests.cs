using System.Text;
using Microsoft.CodeAnalysis.CSharp;
using Sluice.Generators.Tests.Harness;
using Sluice.Testing;

namespace Sluice.Generators.Tests;

/// <summary>
/// Random deletions, insertions, duplications and moves in our samples, fixtures and help pages, seen by generator, analyzers and code fixes as by an
/// IDE's while someone types. More of them: <c>dotnet run build/faults.cs -- sources</c>.
/// </summary>
public class SourceFuzzTests
{
    private static readonly string[] Snippets =
    [
        "{", "}", "(", ")", "[", "]", "<", ">", ",", ";", ":", "?", "!", ".", "=", "=>", "\"", "\"\"\"", "'", "\\", "@", "$", "/*", "*/", "//", "///", "#if X", "#", "\r\n", "\0",
        "\ud800", "\u200d", "é", "static ", "async ", "params ", "ref ", "partial ", "this ", "file ", "unsafe ", "default", "null", "new()", "int ", "T", "<T>", "[]", "[,]",
        "object ", "dynamic ", "delegate*<int> ", "(int a, string b) ", "namespace N;", "using System = int;", "[Flow]", "[Flow(\"a/b\")]", "[Flow(null)]", "[Deployment(\"x\")]",
        "[Deployment(null)]", "[Schedule(\"x\", Cron = \"* * * * *\")]", "Cron = \"0 0 31 2 *\", ", "Interval = \"\", ", "RRule = \"FREQ=\", ", "TimeZone = null, ",
        "Parameters = \"{\", ", "Tags = [null], ", "Tags = null, ", "public record R(R? Next);", "public enum E { }", "public class G<T> { }", "where T : struct ",
    ];

    [Fact]
    public async Task No_edit_upsets_generator_analyzers_or_code_fixes()
    {
        // All kinds of types, a few at a time: a flow and the types that all of them share.
        string[] kinds = TypeCases.Source.Split("    [Flow(");
        string[] sources = [.. Sources(), .. kinds.Skip(1).Chunk(25).Select(flows => $"{kinds[0]}    [Flow({string.Join("    [Flow(", flows).TrimEnd().TrimEnd('}')}}}")];
        sources.Length.ShouldBeGreaterThan(20);
        var random = new Random(Fuzz.Seed);
        var survival = new Survival();
        CSharpCompilation compilation = GeneratorTest.Compile("");
        int count = Fuzz.Count(150);
        for (int variant = 0; variant < count; variant++)
        {
            string text = Mutate(sources[random.Next(sources.Length)], random);
            compilation = compilation.ReplaceSyntaxTree(compilation.SyntaxTrees[0], GeneratorTest.Parse(text));
            using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            await survival.See(compilation, $"seed {Fuzz.Seed}, variant {variant}:\n{text}", bound.Token);
        }
        survival.Generated.ShouldBeGreaterThan(count / 4);
        survival.Reported.ShouldBeGreaterThan(count / 4);
        survival.Fixed.ShouldBeGreaterThan(0);
        Console.WriteLine($"seed {Fuzz.Seed}: {count} broken sources, {survival.Generated} files generated, {survival.Reported} problems reported, {survival.Fixed} fixes applied");
    }

    [Theory]
    [InlineData("namespace { public static class F { [Flow] [Deployment(\"a\")] public static void Run(int days) { } } }")]
    [InlineData("namespace A { namespace { public static class F { [Flow] [Deployment(\"a\")] public static void Run(int days) { } } } }")]
    [InlineData("namespace \nnamespace A;\npublic static class F { [Flow] [Deployment(\"a\")] public static void Run(int days) { } }")]
    [InlineData("namespace A.; public static class F { [Flow] [Deployment(\"a\")] public static void Run(int days) { } }")]
    [InlineData("public static class { [Flow] [Deployment(\"a\")] public static void Run(int days) { } }")]
    [InlineData("public static class F { [Flow] [Deployment(\"a\")] public static void (int days) { } }")]
    [InlineData("public static class F { [Flow] [Deployment(\"a\")] public static void Run(int ) { } }")]
    [InlineData("public record R(string T(string A, int B)); public static class F { [Flow] [Deployment(\"a\")] public static R Run(R r) => r; }")]
    [InlineData("public record R(string T(string A, int B); public static class F { [Flow] [Deployment(\"a\")] public static R Run(int days) => null; }")]
    [InlineData("public class R { public int { get; set; } } public static class F { [Flow] [Deployment(\"a\")] public static R Run(R r) => r; }")]
    [InlineData("public enum E { = 1, , B } public static class F { [Flow] [Deployment(\"a\")] public static E Run(E e) => e; }")]
    public async Task A_name_that_is_still_to_be_typed_upsets_nothing(string source)
    {
        CSharpCompilation compilation = GeneratorTest.Compile("");
        await new Survival().See(compilation.ReplaceSyntaxTree(compilation.SyntaxTrees[0], GeneratorTest.Parse("using Sluice;\n" + source)), source, TestContext.Current.CancellationToken);
    }

    private static IEnumerable<string> Sources()
    {
        foreach (string folder in new[] { "samples", Path.Combine("tests", "Fixtures") })
            foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                if (!file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                    yield return File.ReadAllText(file);
        foreach (string page in Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "diagnostics"), "SLC0*.md").Order(StringComparer.Ordinal))
            foreach (string block in File.ReadAllText(page).Split("```").Where((_, i) => i % 2 == 1))
                if (block.StartsWith("csharp\n", StringComparison.Ordinal))
                    yield return $"public partial class Example\n{{\n{block["csharp\n".Length..]}\n}}\n";
    }

    private static string Mutate(string text, Random random)
    {
        var mutated = new StringBuilder(text);
        for (int edits = random.Next(1, 5); edits > 0 && mutated.Length > 0; edits--)
        {
            int at = random.Next(mutated.Length);
            int length = Math.Min(random.Next(4) == 0 ? random.Next(1, 200) : random.Next(1, 12), mutated.Length - at);
            switch (random.Next(4))
            {
                case 0:
                    mutated.Remove(at, length);
                    break;
                case 1:
                    mutated.Insert(at, Snippets[random.Next(Snippets.Length)]);
                    break;
                case 2:
                    mutated.Insert(at, mutated.ToString(at, length));
                    break;
                default:
                    string moved = mutated.ToString(at, length);
                    mutated.Remove(at, length).Insert(random.Next(mutated.Length + 1), moved);
                    break;
            }
        }
        return mutated.ToString();
    }
}
