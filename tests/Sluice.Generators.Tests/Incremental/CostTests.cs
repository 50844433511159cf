using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>What an edit costs in a project of many flows: bytes and walks, since time is for benchmarks.</summary>
public class CostTests
{
    private const int Flows = 250;

    /// <summary>Per flow method and edit; the promise is 12 KB, and what is measured is about 4.</summary>
    private const int MaximumBytes = 6 * 1024;

    [Theory]
    [InlineData("Other.cs", "EDIT")]
    [InlineData("Flows.cs", "return 0")]
    public void An_edit_allocates_little_for_each_flow(string path, string place) =>
        Bytes("public sealed record Input(string Name, int Count, DateOnly? Day);", path, place).ShouldBeLessThan(MaximumBytes);

    [Fact]
    public void It_allocates_no_more_where_the_flows_share_a_large_type()
    {
        string large = string.Concat(Enumerable.Range(0, 20).Select(i => $$"""
            public sealed record Part{{i}}(string A, int B, DateTime C, decimal? D, string[] E, Part{{i + 1}}? Next);

            """)) + "public sealed record Part20(int Last);\npublic sealed record Input(Part0 First, Part5[] More);";
        Bytes(large, "Other.cs", "EDIT").ShouldBeLessThan(MaximumBytes);
    }

    [Fact]
    public async Task A_type_that_all_flows_share_is_walked_once()
    {
        CSharpCompilation compilation = Compile("public sealed record Line(int N);\npublic sealed record Input(string Name, Line[] Lines);");
        GeneratorDriver driver = CSharpGeneratorDriver.Create(new FlowGenerator()).RunGenerators(compilation);
        driver.GetRunResult().GeneratedTrees.Length.ShouldBeGreaterThan(Flows);
        // As parameters: string, int and Input with null; as result: int.
        TypeWalks.Of(compilation.Assembly).Walked.ShouldBe(4);
        // The analyzers remember, too; they may ask for Input without null, and two of them at once.
        await compilation.WithAnalyzers(AnalyzerTest.All).GetAnalyzerDiagnosticsAsync();
        TypeWalks.Of(compilation.Assembly).Walked.ShouldBeLessThan(40);
    }

    private static double Bytes(string types, string path, string place)
    {
        CSharpCompilation compilation = Compile(types);
        GeneratorDriver driver = CSharpGeneratorDriver.Create(new FlowGenerator()).RunGenerators(compilation);
        driver.GetRunResult().GeneratedTrees.Length.ShouldBeGreaterThan(Flows);
        long least = long.MaxValue;
        for (int edit = 0; edit < 3; edit++)
        {
            SyntaxTree tree = compilation.SyntaxTrees.Single(tree => tree.FilePath == path);
            SyntaxTree edited = GeneratorTest.Parse(tree.GetText().ToString().Replace(place, place + " ", StringComparison.Ordinal), path);
            compilation = compilation.ReplaceSyntaxTree(tree, edited);
            // Binding is the compiler's own work, which it does once for whoever asks.
            compilation.GetDeclarationDiagnostics();
            long before = GC.GetAllocatedBytesForCurrentThread();
            driver = driver.RunGenerators(compilation);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return (double)least / Flows;
    }

    private static CSharpCompilation Compile(string types)
    {
        var source = new StringBuilder(types).Append("\npublic static class Flows\n{\n");
        for (int flow = 0; flow < Flows; flow++)
            source.Append(CultureInfo.InvariantCulture, $$"""
                    /// <summary>Does the work of number {{flow}}.</summary>
                    /// <param name="city">Where.</param>
                    [Flow("Flow {{flow}}", Retries = 2)]
                    [Deployment("daily", Cron = "{{flow % 60}} 6 * * *", TimeZone = "Europe/Paris", Parameters = "{\"city\": \"Seattle\"}")]
                    public static int Run{{flow}}(string city, int days = 7, Input? input = null) { return 0; }

                """);
        return GeneratorTest.Compile("").AddSyntaxTrees(
            GeneratorTest.Parse(source.Append("}\n").ToString(), "Flows.cs"), GeneratorTest.Parse("internal static class Other { static void EDIT() { } }", "Other.cs"));
    }
}
