using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Sluice.Generators.Tests.Harness;

/// <summary>A project that is open in an editor: one generator driver that goes from edit to edit, and what each made it emit.</summary>
internal sealed class Typing
{
    private GeneratorDriver _driver;
    private Dictionary<string, SourceText> _made;

    public Typing(params (string Path, string Text)[] files)
    {
        Compilation = GeneratorTest.Compile("").AddSyntaxTrees(files.Select(file => GeneratorTest.Parse(file.Text, file.Path)));
        _driver = CSharpGeneratorDriver.Create(
            [new FlowGenerator().AsSourceGenerator()],
            parseOptions: (CSharpParseOptions)Compilation.SyntaxTrees[0].Options,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        _made = Run();
    }

    public CSharpCompilation Compilation { get; private set; }

    /// <summary>The names of all files that are there now.</summary>
    public IReadOnlyCollection<string> Files => _made.Keys;

    /// <summary>Replaces a text of a file, which must be there once.</summary>
    /// <returns>The names of the files that were made anew, in order.</returns>
    public IReadOnlyList<string> Edit(string path, string old, string @new)
    {
        SyntaxTree tree = Compilation.SyntaxTrees.Single(tree => tree.FilePath == path);
        SourceText text = tree.GetText();
        int at = text.ToString().IndexOf(old, StringComparison.Ordinal);
        at.ShouldBeGreaterThanOrEqualTo(0, $"'{old}' is not in {path}");
        text.ToString().IndexOf(old, at + 1, StringComparison.Ordinal).ShouldBe(-1, $"'{old}' is twice in {path}");
        return Change(tree, tree.WithChangedText(text.WithChanges(new TextChange(new(at, old.Length), @new))));
    }

    private List<string> Change(SyntaxTree tree, SyntaxTree edited)
    {
        Compilation = Compilation.ReplaceSyntaxTree(tree, edited);
        Dictionary<string, SourceText> before = _made;
        _made = Run();
        // A text that was made anew is another one, even when it says the same.
        List<string> emitted = [.. _made.Where(file => !before.TryGetValue(file.Key, out SourceText? text) || !ReferenceEquals(text, file.Value))
            .Select(file => file.Key).Order(StringComparer.Ordinal)];
        bool isAnew = _driver.GetRunResult().Results.Single().TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs)
            .Any(output => output.Reason is IncrementalStepRunReason.New or IncrementalStepRunReason.Modified);
        isAnew.ShouldBe(emitted.Count > 0);
        return emitted;
    }

    private Dictionary<string, SourceText> Run()
    {
        _driver = _driver.RunGenerators(Compilation);
        GeneratorRunResult result = _driver.GetRunResult().Results.Single();
        result.Exception.ShouldBeNull();
        return result.GeneratedSources.ToDictionary(source => source.HintName, source => source.SourceText);
    }
}
