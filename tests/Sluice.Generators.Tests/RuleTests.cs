using Microsoft.CodeAnalysis;
using Sluice.Generators.Tests.Harness;
using Sluice.Testing;

namespace Sluice.Generators.Tests;

/// <summary>Every rule has its page, its line in the index and its own number.</summary>
public class RuleTests
{
    private static readonly DiagnosticDescriptor[] Rules = [.. AnalyzerTest.All.SelectMany(analyzer => analyzer.SupportedDiagnostics)];

    [Fact]
    public void Each_rule_has_one_analyzer_and_each_analyzer_one_rule()
    {
        Rules.Select(rule => rule.Id).ShouldBeUnique();
        AnalyzerTest.All.Where(analyzer => analyzer.SupportedDiagnostics.Length != 1).ShouldBeEmpty();
    }

    [Fact]
    public void Each_rule_is_tracked_for_release_with_its_severity()
    {
        string[] rows = [.. new[] { "Shipped", "Unshipped" }
            .SelectMany(file => File.ReadLines(Path.Combine(Repository.Root, "src", "Sluice.Generators", $"AnalyzerReleases.{file}.md")))
            .Where(line => line.StartsWith("SLC", StringComparison.Ordinal)).Select(line => string.Join('|', line.Split('|').Take(3).Select(cell => cell.Trim())))];
        rows.Order(StringComparer.Ordinal).ShouldBe(Rules.OrderBy(rule => rule.Id, StringComparer.Ordinal)
            .Select(rule => $"{rule.Id}|{rule.Category}|{(rule.IsEnabledByDefault ? rule.DefaultSeverity.ToString() : "Disabled")}"));
    }

    [Fact]
    public void Each_rule_has_a_page_with_cause_example_and_mend()
    {
        string index = Page("README");
        foreach (DiagnosticDescriptor rule in Rules)
        {
            string page = Page(rule.Id);
            page.ShouldStartWith($"# {rule.Id}: {rule.Title}\n");
            foreach (string section in new[] { "## Cause", "## Example", "## Mend" })
                page.ShouldContain(section, Case.Sensitive, rule.Id);
            index.ShouldContain($"[{rule.Id}]({rule.Id}.md)");
            rule.HelpLinkUri.ShouldEndWith($"docs/diagnostics/{rule.Id}.md");
        }
    }

    [Fact]
    public async Task What_a_page_shows_is_reported_and_what_mends_it_is_not()
    {
        foreach (DiagnosticDescriptor rule in Rules)
        {
            string[] code = [.. Page(rule.Id).Split("```").Where((_, i) => i % 2 == 1).Select(block => block["csharp".Length..])];
            code.Length.ShouldBe(2, rule.Id);
            (await AnalyzerTest.Ids(Program(code[0]), rule.Id)).Distinct().Except(Companions(rule.Id)).ShouldBe([rule.Id]);
            (await AnalyzerTest.Ids(Program(code[1]), rule.Id)).ShouldBeEmpty(rule.Id);
        }

        // A call of Hangfire is an invalid expression too.
        static string[] Companions(string id) => id == "SLC0414" ? ["SLC0402"] : [];

        static string Program(string code) => code.Contains("class Example", StringComparison.Ordinal) ? code : $"public partial class Example\n{{\n{code}\n}}";
    }

    private static string Page(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "diagnostics", name + ".md"));
}
