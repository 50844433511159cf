using Microsoft.CodeAnalysis;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests;

/// <summary>Every rule has its page, its line in the index and its own number.</summary>
public class RuleTests
{
    private static readonly DiagnosticDescriptor[] Rules = [.. AnalyzerTest.All.SelectMany(analyzer => analyzer.SupportedDiagnostics)];

    [Fact]
    public void Each_rule_has_one_analyzer() => Rules.Select(rule => rule.Id).ShouldBeUnique();

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

    private static string Page(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "diagnostics", name + ".md"));
}
