using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>All C# of the templates that the running SDK brings, as it comes: with its conditions and placeholders, and without what it references.</summary>
public class TemplateTests
{
    [Fact]
    public async Task All_of_the_SDKs_templates_are_survived()
    {
        var survival = new Survival();
        int files = 0;
        foreach (var (package, sources) in Templates())
        {
            files += sources.Count;
            await See(survival, package, sources);
        }
        files.ShouldBeGreaterThan(50);
        survival.Generated.ShouldBe(0);
        survival.Reported.ShouldBe(0);
    }

    [Fact]
    public async Task So_are_they_with_each_method_made_a_flow()
    {
        var survival = new Survival();
        foreach (var (package, sources) in Templates())
            await See(survival, package, [.. sources.Select(source => new FlowEverywhere().Visit(source.GetRoot()).SyntaxTree)]);
        survival.Generated.ShouldBeGreaterThan(20);
        survival.Reported.ShouldBeGreaterThan(50);
    }

    private static async Task See(Survival survival, string package, IReadOnlyList<SyntaxTree> sources)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        // Templates have files of the same name.
        CSharpCompilation compilation = CSharpCompilation.Create(
            "App", sources.Select((tree, i) => tree.WithFilePath($"{i}.cs")), GeneratorTest.References, new CSharpCompilationOptions(OutputKind.ConsoleApplication));
        await survival.See(compilation, package, bound.Token);
    }

    private static IEnumerable<(string Package, IReadOnlyList<SyntaxTree> Sources)> Templates()
    {
        // …/shared/Microsoft.NETCore.App/10.0.0/ is where the runtime is, …/templates/10.0.0/ where the SDK's templates are.
        string root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string newest = Directory.EnumerateDirectories(Path.Combine(root, "templates")).MaxBy(folder => Version.Parse(Path.GetFileName(folder).Split('-')[0]))!;
        foreach (string package in Directory.EnumerateFiles(newest, "*.nupkg").Order(StringComparer.Ordinal))
        {
            using ZipArchive archive = ZipFile.OpenRead(package);
            var sources = new List<SyntaxTree>();
            foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => entry.Name.EndsWith(".cs", StringComparison.Ordinal)))
                using (var reader = new StreamReader(entry.Open()))
                    sources.Add(GeneratorTest.Parse(reader.ReadToEnd(), entry.FullName));
            if (sources.Count > 0)
                yield return (Path.GetFileNameWithoutExtension(package), sources);
        }
    }

    private sealed class FlowEverywhere : CSharpSyntaxRewriter
    {
        private static readonly AttributeListSyntax Attributes =
            ((CompilationUnitSyntax)SyntaxFactory.ParseCompilationUnit("[global::Sluice.Flow, global::Sluice.Deployment(\"a\", Cron = \"0 25 * * *\")] void M() { }"))
            .DescendantNodes().OfType<AttributeListSyntax>().First();

        public override SyntaxNode VisitMethodDeclaration(MethodDeclarationSyntax node) =>
            node.AddAttributeLists(Attributes).AddModifiers(SyntaxFactory.Token(SyntaxKind.StaticKeyword).WithTrailingTrivia(SyntaxFactory.Space));

        public override SyntaxNode VisitLocalFunctionStatement(LocalFunctionStatementSyntax node) => node.AddAttributeLists(Attributes);
    }
}
