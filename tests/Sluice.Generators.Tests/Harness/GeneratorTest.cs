using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Sluice.Generators.Tests.Harness;

/// <summary>
/// The one way tests run the generator: it must produce code that compiles without a warning, and after an edit in another file, and
/// after one in a method's body, nothing may be made anew.
/// </summary>
internal static class GeneratorTest
{
    public static readonly CSharpParseOptions Parsing = new(LanguageVersion.Latest, DocumentationMode.None);

    public static readonly ImmutableArray<MetadataReference> References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal)
                && !Path.GetFileName(path).StartsWith("Sluice.Generators", StringComparison.Ordinal)
                && !Path.GetFileName(path).StartsWith("Sluice.CodeFixes", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path))];

    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Sluice;
        """;

    public static CSharpCompilation Compile(
        string source, OutputKind kind = OutputKind.DynamicallyLinkedLibrary, string assemblyName = "App", DocumentationMode docs = DocumentationMode.None,
        LanguageVersion language = LanguageVersion.Latest, bool usings = true)
    {
        SyntaxTree[] trees = [Parse(source, "Source.cs", docs), Parse(usings ? Usings : "", "Usings.cs", docs), Parse("internal class Unrelated { }", "Unrelated.cs", docs)];
        return CSharpCompilation.Create(
            assemblyName,
            trees.Select(tree => CSharpSyntaxTree.ParseText(tree.GetText(), ((CSharpParseOptions)tree.Options).WithLanguageVersion(language), tree.FilePath)),
            References,
            new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true));
    }

    /// <summary>Runs the generator, three times, and checks what is said above.</summary>
    public static Generated Run(string source, OutputKind kind = OutputKind.DynamicallyLinkedLibrary, params (string Name, string Value)[] properties) =>
        Run(Compile(source, kind), properties);

    public static Generated Run(CSharpCompilation compilation, params (string Name, string Value)[] properties)
    {
        GeneratorDriver driver = Driver((CSharpParseOptions)compilation.SyntaxTrees[0].Options, properties);
        driver = driver.RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out ImmutableArray<Diagnostic> problems);
        problems.ShouldBeEmpty();
        GeneratorRunResult first = driver.GetRunResult().Results.Single();
        first.Exception.ShouldBeNull();
        foreach (SyntaxTree tree in driver.GetRunResult().GeneratedTrees)
            tree.GetText().ToString().ShouldNotContain("\r");

        foreach (CSharpCompilation edited in new[] { EditElsewhere(compilation), EditBody(compilation) })
        {
            driver = driver.RunGenerators(edited);
            GeneratorRunResult again = driver.GetRunResult().Results.Single();
            var steps = TrackingNames.All.Where(again.TrackedSteps.ContainsKey).SelectMany(name => again.TrackedSteps[name])
                .Concat(again.TrackedOutputSteps.SelectMany(step => step.Value));
            foreach (var step in steps)
                foreach (var (_, reason) in step.Outputs)
                    reason.ShouldBeOneOf(IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged);
            again.GeneratedSources.Select(source => source.SourceText.ToString()).ShouldBe(first.GeneratedSources.Select(source => source.SourceText.ToString()));
        }
        return new Generated((CSharpCompilation)output, first);
    }

    /// <summary>The generator, which tells what each of its steps did.</summary>
    public static GeneratorDriver Driver(CSharpParseOptions? parsing = null, params (string Name, string Value)[] properties) =>
        CSharpGeneratorDriver.Create(
            [new FlowGenerator().AsSourceGenerator()],
            optionsProvider: new Options(properties),
            parseOptions: parsing ?? Parsing,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    public static SyntaxTree Parse(string source, string path = "Source.cs", DocumentationMode docs = DocumentationMode.None) =>
        CSharpSyntaxTree.ParseText(source, Parsing.WithDocumentationMode(docs), path, System.Text.Encoding.UTF8);

    private static CSharpCompilation EditElsewhere(CSharpCompilation compilation)
    {
        SyntaxTree tree = compilation.SyntaxTrees.Single(tree => tree.FilePath == "Unrelated.cs");
        return compilation.ReplaceSyntaxTree(tree, tree.WithChangedText(Microsoft.CodeAnalysis.Text.SourceText.From("internal class Unrelated { int x; void Edited(int y) { } }")));
    }

    /// <summary>Puts an empty statement into every method's block, or an empty region into a file that has none.</summary>
    private static CSharpCompilation EditBody(CSharpCompilation compilation)
    {
        SyntaxTree tree = compilation.SyntaxTrees.Single(tree => tree.FilePath == "Source.cs");
        SyntaxNode root = tree.GetRoot();
        SyntaxNode edited = root.ReplaceNodes(
            root.DescendantNodes().OfType<MethodDeclarationSyntax>().Where(method => method.Body is not null).Select(method => method.Body!),
            (_, body) => body.WithStatements(body.Statements.Insert(0, SyntaxFactory.EmptyStatement())));
        return compilation.ReplaceSyntaxTree(tree, tree.WithRootAndOptions(edited, tree.Options));
    }

    internal sealed class Options((string Name, string Value)[] properties) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(properties);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class Values((string Name, string Value)[] properties) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, out string value)
            {
                value = properties.FirstOrDefault(property => "build_property." + property.Name == key).Value;
                return value is not null;
            }
        }
    }
}
