using System.Text.RegularExpressions;
using Sluice.Testing;

namespace Sluice.Architecture.Tests;

/// <summary>Rules of the house that a machine can check.</summary>
public sealed partial class HouseRules
{
    private static readonly string[] TextEndings = [".cs", ".csproj", ".props", ".targets", ".json", ".md", ".config", ".sln", ".sh", ".yml"];

    public static IEnumerable<string> TrackedTexts => new[] { "src", "tests", "samples", "build", "docs", ".ci" }
        .Select(folder => Path.Combine(Repository.Root, folder))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        .Concat(Directory.EnumerateFiles(Repository.Root))
        .Where(path => TextEndings.Contains(Path.GetExtension(path)) || Path.GetFileName(path) == "run")
        .Where(path => !OutputFolder().IsMatch(path));

    [Fact]
    public void No_file_names_a_registry_host_or_a_path_of_one_machine()
    {
        Regex forbidden = ForbiddenText();
        string[] found = [.. TrackedTexts.Where(path => forbidden.IsMatch(File.ReadAllText(path))).Select(path => Path.GetRelativePath(Repository.Root, path))];
        found.ShouldBeEmpty();
    }

    [Fact]
    public void No_source_file_has_more_than_500_lines()
    {
        string[] found = [.. TrackedTexts
            .Where(path => path.StartsWith(Path.Combine(Repository.Root, "src"), StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal))
            .Where(path => File.ReadLines(path).Count() > 500)
            .Select(path => Path.GetRelativePath(Repository.Root, path))];
        found.ShouldBeEmpty();
    }

    [Fact]
    public void Every_diagnostic_code_in_the_sources_has_its_page()
    {
        string[] codes = [.. TrackedTexts
            .Where(path => path.StartsWith(Path.Combine(Repository.Root, "src"), StringComparison.Ordinal))
            .SelectMany(path => DiagnosticCode().Matches(File.ReadAllText(path)).Select(match => match.Value))
            .Distinct()
            .Order()];
        codes.ShouldNotBeEmpty();
        codes.Where(code => !File.Exists(Path.Combine(Repository.Root, "docs", "diagnostics", code + ".md"))).ShouldBeEmpty();
    }

    [Fact]
    public void Every_diagnostic_page_explains_a_code_of_the_sources()
    {
        string sources = string.Concat(TrackedTexts.Where(path => path.StartsWith(Path.Combine(Repository.Root, "src"), StringComparison.Ordinal)).Select(File.ReadAllText));
        string[] pages = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "diagnostics"), "SLC*.md").Select(path => Path.GetFileNameWithoutExtension(path)!)];
        pages.Where(code => !sources.Contains(code, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [GeneratedRegex(@"nuget\.o[r]g|registry\.npm[j]s|deb\.deb[i]an|/wo[r]k/(main|wt|shared|\.lib)")]
    private static partial Regex ForbiddenText();

    [GeneratedRegex(@"\bSLC[01]\d{3}\b")]
    private static partial Regex DiagnosticCode();

    [GeneratedRegex(@"[\\/](bin|obj|node_modules|feed)[\\/]")]
    private static partial Regex OutputFolder();
}
