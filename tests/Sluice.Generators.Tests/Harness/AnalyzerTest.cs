using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Sluice.Generators.Tests.Harness;

/// <summary>
/// Runs all analyzers on a source in which <c>{|SLC0101:these characters|}</c> mark what must be reported: exactly that, and nothing else.
/// </summary>
internal static class AnalyzerTest
{
    public static readonly ImmutableArray<DiagnosticAnalyzer> All =
        [.. typeof(FlowGenerator).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !type.IsAbstract)
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!)];

    /// <summary>Checks the places, and answers the messages in their order.</summary>
    public static async Task<IReadOnlyList<string>> Run(string marked) =>
        [.. (await Marked(marked)).Select(diagnostic => diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>Checks the places, and answers what was found.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> Marked(string marked)
    {
        (string source, List<(string Id, TextSpan Span)> expected) = Unmark(marked);
        var found = await Find(source);
        Compare(source, expected, found);
        return found;
    }

    /// <summary>All that a source without marks is told.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> Of(string source) => await Find(source);

    /// <summary>Checks the places of one rule, an information or one that is off by default included, and answers what was found.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> Only(string id, string marked, params (string Name, string Value)[] properties)
    {
        (string source, List<(string Id, TextSpan Span)> expected) = Unmark(marked);
        List<Diagnostic> found = [.. (await Find(source, id, properties)).Where(diagnostic => diagnostic.Id == id)];
        Compare(source, expected, found);
        return found;
    }

    private static void Compare(string source, List<(string Id, TextSpan Span)> expected, List<Diagnostic> found) =>
        found.Select(diagnostic => $"{diagnostic.Id} '{Text(source, diagnostic.Location.SourceSpan)}' at {diagnostic.Location.SourceSpan.Start}")
            .ShouldBe(expected.Select(mark => $"{mark.Id} '{Text(source, mark.Span)}' at {mark.Span.Start}"));

    /// <summary>The rules that a source breaks; it must compile otherwise.</summary>
    public static async Task<IReadOnlyList<string>> Ids(string source, string? wanted = null)
    {
        Compile(source).GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ShouldBeEmpty();
        return [.. (await Find(source, wanted)).Select(diagnostic => diagnostic.Id)];
    }

    /// <summary>A source may say its language version in a comment, as the project would; one that writes [Sluice.Flow] has no usings.</summary>
    private static CSharpCompilation Compile(string source)
    {
        Match version = Regex.Match(source, "// <LangVersion>(.*)</LangVersion>");
        LanguageVersion language = LanguageVersion.Latest;
        (!version.Success || LanguageVersionFacts.TryParse(version.Groups[1].Value, out language)).ShouldBeTrue(version.Value);
        return GeneratorTest.Compile(source, language: language, usings: !source.Contains("[Sluice.Flow]", StringComparison.Ordinal));
    }

    /// <summary>All errors and warnings; of the wanted rule also what is only information or off by default.</summary>
    private static async Task<List<Diagnostic>> Find(string source, string? wanted = null, params (string Name, string Value)[] properties)
    {
        CSharpCompilation compilation = Compile(source);
        if (wanted is not null && All.SelectMany(analyzer => analyzer.SupportedDiagnostics).Any(rule => rule.Id == wanted && !rule.IsEnabledByDefault))
            compilation = compilation.WithOptions(compilation.Options.WithSpecificDiagnosticOptions([new(wanted, ReportDiagnostic.Info)]));
        var exceptions = new List<Exception>();
        var options = new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([], new GeneratorTest.Options(properties)), (exception, _, _) => exceptions.Add(exception), true, false);
        var found = await compilation.WithAnalyzers(All, options).GetAnalyzerDiagnosticsAsync();
        exceptions.ShouldBeEmpty();
        return [.. found.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning || diagnostic.Id == wanted)
            .OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start).ThenBy(diagnostic => diagnostic.Id, StringComparer.Ordinal)];
    }

    private static string Text(string source, TextSpan span) => source.Substring(span.Start, span.Length);

    private static (string Source, List<(string Id, TextSpan Span)> Marks) Unmark(string marked)
    {
        var source = new StringBuilder();
        var marks = new List<(string, TextSpan)>();
        var open = new Stack<(string Id, int Start, int Place)>();
        for (int i = 0; i < marked.Length; i++)
        {
            if (string.CompareOrdinal(marked, i, "{|SLC", 0, 5) == 0)
            {
                int colon = marked.IndexOf(':', i);
                open.Push((marked[(i + 2)..colon], source.Length, marks.Count));
                marks.Add(default);
                i = colon;
            }
            else if (string.CompareOrdinal(marked, i, "|}", 0, 2) == 0)
            {
                var (id, start, place) = open.Pop();
                marks[place] = (id, TextSpan.FromBounds(start, source.Length));
                i++;
            }
            else
            {
                source.Append(marked[i]);
            }
        }
        return (source.ToString(), marks);
    }
}
