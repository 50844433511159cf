using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Sluice.Generators.Tests.Harness;

/// <summary>
/// Shows code, however broken, to generator, analyzers and code fixes as an IDE does: one generator driver after each edit, all analyzers, and each
/// fix that is offered, up to the changed text. None may throw (the compiler would say CS8785 or AD0001), and what is generated must parse.
/// </summary>
internal sealed class Survival
{
    private static readonly CodeFixProvider[] Fixes =
        [.. typeof(CodeFixes.AddFlowCodeFix).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(CodeFixProvider)) && !type.IsAbstract)
            .Select(type => (CodeFixProvider)Activator.CreateInstance(type)!)];

    private GeneratorDriver _driver = CSharpGeneratorDriver.Create(new FlowGenerator());

    /// <summary>How many fixes were applied.</summary>
    public int Fixed { get; private set; }

    /// <summary>How many problems were reported.</summary>
    public int Reported { get; private set; }

    /// <summary>How many files were generated.</summary>
    public int Generated { get; private set; }

    /// <summary>Looks at the next version of the code.</summary>
    /// <param name="compilation">The code.</param>
    /// <param name="what">What to say of it when it is not survived.</param>
    /// <param name="cancellation">Bounds it: what hangs fails with its text.</param>
    public async Task See(CSharpCompilation compilation, string what, CancellationToken cancellation)
    {
        try
        {
            _driver = _driver.RunGenerators(compilation, cancellation);
            GeneratorRunResult result = _driver.GetRunResult().Results.Single();
            if (result.Exception is not null)
                throw result.Exception;
            foreach (GeneratedSourceResult source in result.GeneratedSources)
                source.SyntaxTree.GetDiagnostics(cancellation).Where(problem => problem.Severity == DiagnosticSeverity.Error).ShouldBeEmpty(source.HintName);
            Generated += result.GeneratedSources.Length;

            Exception? thrown = null;
            var options = new CompilationWithAnalyzersOptions(
                new AnalyzerOptions([]), (exception, _, _) => thrown ??= exception, concurrentAnalysis: true, logAnalyzerExecutionTime: false);
            ImmutableArray<Diagnostic> found = await compilation.WithAnalyzers(AnalyzerTest.All, options).GetAnalyzerDiagnosticsAsync(cancellation);
            if (thrown is not null)
                throw thrown;
            Reported += found.Length;
            await ApplyFixes(compilation, found, cancellation);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{exception.GetType().Name}: {exception.Message}\n{exception.StackTrace}\non {what}", exception);
        }
    }

    private async Task ApplyFixes(CSharpCompilation compilation, ImmutableArray<Diagnostic> found, CancellationToken cancellation)
    {
        Diagnostic[] fixable = [.. found.Where(problem => problem.Location.IsInSource && Fixes.Any(fix => fix.FixableDiagnosticIds.Contains(problem.Id)))
            .GroupBy(problem => problem.Id).Select(group => group.First())];
        if (fixable.Length == 0)
            return;
        using var workspace = new AdhocWorkspace();
        ProjectId project = ProjectId.CreateNewId();
        Solution solution = workspace.CurrentSolution.AddProject(ProjectInfo.Create(
            project, VersionStamp.Default, "App", "App", LanguageNames.CSharp, compilationOptions: compilation.Options,
            parseOptions: compilation.SyntaxTrees[0].Options, metadataReferences: compilation.References));
        var documents = new Dictionary<string, DocumentId>();
        foreach (SyntaxTree tree in compilation.SyntaxTrees)
        {
            documents[tree.FilePath] = DocumentId.CreateNewId(project);
            solution = solution.AddDocument(documents[tree.FilePath], tree.FilePath, await tree.GetTextAsync(cancellation), filePath: tree.FilePath);
        }
        foreach (Diagnostic problem in fixable)
        {
            Document document = solution.GetDocument(documents[problem.Location.SourceTree!.FilePath])!;
            SyntaxTree tree = (await document.GetSyntaxTreeAsync(cancellation))!;
            var here = Diagnostic.Create(problem.Descriptor, Location.Create(tree, problem.Location.SourceSpan), problem.Properties);
            foreach (CodeFixProvider fix in Fixes.Where(fix => fix.FixableDiagnosticIds.Contains(problem.Id)))
            {
                var actions = new List<CodeAction>();
                await fix.RegisterCodeFixesAsync(new CodeFixContext(document, here, (action, _) => actions.Add(action), cancellation));
                foreach (CodeAction action in actions)
                    foreach (ApplyChangesOperation change in (await action.GetOperationsAsync(cancellation)).OfType<ApplyChangesOperation>())
                    {
                        (await change.ChangedSolution.GetDocument(document.Id)!.GetTextAsync(cancellation)).Length.ShouldBeGreaterThan(0);
                        Fixed++;
                    }
            }
        }
    }
}
