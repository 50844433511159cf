using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.CodeFixes;

namespace Sluice.Generators.Tests.Harness;

/// <summary>Runs all analyzers and all code fixes on a project of one file, as an IDE does.</summary>
internal sealed class CodeFixTest
{
    public static readonly ImmutableArray<CodeFixProvider> Providers =
        [.. typeof(AddFlowCodeFix).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(CodeFixProvider)) && !type.IsAbstract)
            .Select(type => (CodeFixProvider)Activator.CreateInstance(type)!)];

    private static readonly Lazy<Project> Empty = new(() =>
    {
        CSharpCompilation sample = GeneratorTest.Compile("");
        ProjectId id = ProjectId.CreateNewId();
        Solution solution = new AdhocWorkspace().CurrentSolution.AddProject(ProjectInfo.Create(
            id, VersionStamp.Default, "App", "App", LanguageNames.CSharp, compilationOptions: sample.Options, parseOptions: sample.SyntaxTrees[0].Options, metadataReferences: GeneratorTest.References));
        foreach (SyntaxTree tree in sample.SyntaxTrees.Where(tree => tree.FilePath != "Source.cs"))
            solution = solution.AddDocument(DocumentId.CreateNewId(id), tree.FilePath, tree.GetText(), filePath: tree.FilePath);
        return solution.GetProject(id)!;
    });

    private CodeFixTest(Document document, ImmutableArray<Diagnostic> problems) => (Document, Problems) = (document, problems);

    public Document Document { get; }

    /// <summary>What the analyzers report, in order.</summary>
    public ImmutableArray<Diagnostic> Problems { get; }

    public static Task<CodeFixTest> Of(string source, LanguageVersion language = LanguageVersion.Latest)
    {
        Project project = Empty.Value;
        project = project.WithParseOptions(((CSharpParseOptions)project.ParseOptions!).WithLanguageVersion(language));
        return Of(project.AddDocument("Source.cs", source, filePath: "Source.cs"));
    }

    public static async Task<CodeFixTest> Of(Document document)
    {
        Compilation compilation = (await document.Project.GetCompilationAsync())!;
        var exceptions = new List<Exception>();
        var options = new CompilationWithAnalyzersOptions(document.Project.AnalyzerOptions, (exception, _, _) => exceptions.Add(exception), true, false);
        var found = await compilation.WithAnalyzers(AnalyzerTest.All, options).GetAnalyzerDiagnosticsAsync();
        exceptions.ShouldBeEmpty();
        return new(document, [.. found.OrderBy(problem => problem.Location.SourceSpan.Start).ThenBy(problem => problem.Id, StringComparer.Ordinal)]);
    }

    /// <summary>What is offered for a problem.</summary>
    public async Task<IReadOnlyList<CodeAction>> Actions(Diagnostic problem)
    {
        var actions = new List<CodeAction>();
        foreach (CodeFixProvider fix in Providers.Where(fix => fix.FixableDiagnosticIds.Contains(problem.Id)))
            await fix.RegisterCodeFixesAsync(new CodeFixContext(Document, problem, (action, _) => actions.Add(action), default));
        return actions;
    }

    /// <summary>
    /// Applies what is offered under a title for a problem of a rule, and compares the whole text. The problem must be gone, and code that
    /// compiled must still do so.
    /// </summary>
    public static async Task Apply(string id, string title, string source, string expected, bool compiles = true, LanguageVersion language = LanguageVersion.Latest)
    {
        CodeFixTest before = await Of(source, language);
        var offered = new List<CodeAction>();
        foreach (Diagnostic problem in before.Problems.Where(problem => problem.Id == id))
            offered.AddRange(await before.Actions(problem));
        offered.Select(action => action.Title).ShouldContain(title, $"{id} among {string.Join(", ", before.Problems.Select(problem => problem.Id))}");
        await before.Check(id, await Changed(offered.First(action => action.Title == title)), expected, before.Problems.Count(other => other.Id == id) - 1, compiles);
    }

    /// <summary>Applies what is offered under a title to all problems of the rule in the file, and compares the whole text. None may be left.</summary>
    public static async Task ApplyToAll(string id, string title, string source, string expected)
    {
        CodeFixTest before = await Of(source);
        await before.Check(id, await before.All(id, title), expected, 0, compiles: true);
    }

    /// <summary>What becomes of the project when all problems of a rule in the file are mended by what is offered for the first one under a title.</summary>
    public async Task<Solution> All(string id, string title)
    {
        foreach (CodeFixProvider fix in Providers.Where(fix => fix.FixableDiagnosticIds.Contains(id)))
        {
            string? key = null;
            await fix.RegisterCodeFixesAsync(new CodeFixContext(Document, Problems.First(problem => problem.Id == id), (action, _) => key ??= action.Title == title ? action.EquivalenceKey : null, default));
            if (key is not null)
            {
                var context = new FixAllContext(Document, fix, FixAllScope.Document, key, [id], new Found(Problems), default);
                return await Changed((await fix.GetFixAllProvider()!.GetFixAsync(context)).ShouldNotBeNull());
            }
        }
        throw new ShouldAssertException($"'{title}' is not offered for {id}.");
    }

    private static async Task<Solution> Changed(CodeAction action) =>
        (await action.GetOperationsAsync(default)).OfType<ApplyChangesOperation>().Single().ChangedSolution;

    private async Task Check(string id, Solution changed, string expected, int left, bool compiles)
    {
        Document document = changed.GetDocument(Document.Id)!;
        (await document.GetTextAsync()).ToString().ShouldBe(expected);
        CodeFixTest after = await Of(document);
        after.Problems.Count(problem => problem.Id == id).ShouldBeLessThanOrEqualTo(left, string.Join("\n", after.Problems));
        if (compiles)
            (await document.Project.GetCompilationAsync())!.GetDiagnostics().Where(problem => problem.Severity == DiagnosticSeverity.Error).ShouldBeEmpty();
    }

    private sealed class Found(ImmutableArray<Diagnostic> problems) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>(problems);

        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>(problems);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>([]);
    }
}
