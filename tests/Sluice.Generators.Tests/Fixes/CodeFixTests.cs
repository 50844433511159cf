using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Sluice.CodeFixes;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests.Fixes;

/// <summary>What holds of all code fixes.</summary>
public class CodeFixTests
{
    private static readonly DiagnosticDescriptor[] Rules = [.. AnalyzerTest.All.SelectMany(analyzer => analyzer.SupportedDiagnostics)];

    [Fact]
    public void Each_is_exported_with_a_fix_all_and_mends_rules_that_there_are()
    {
        foreach (CodeFixProvider fix in CodeFixTest.Providers)
        {
            fix.GetType().GetCustomAttribute<ExportCodeFixProviderAttribute>().ShouldNotBeNull().Name.ShouldBe(fix.GetType().Name);
            fix.GetFixAllProvider().ShouldNotBeNull(fix.GetType().Name);
            if (fix is not ReplaceTextCodeFix)
                fix.FixableDiagnosticIds.Except(Rules.Select(rule => rule.Id)).ShouldBeEmpty(fix.GetType().Name);
        }
    }

    [Fact]
    public void The_compiler_needs_neither_them_nor_workspaces()
    {
        References(typeof(FlowGenerator)).ShouldNotContain(name => name.Contains("Workspaces") || name.Contains("CodeFixes") || name.Contains("Composition"));
        References(typeof(AddFlowCodeFix)).Where(name => name.StartsWith("Sluice", StringComparison.Ordinal)).ShouldBe(["Sluice.Generators"]);

        static IEnumerable<string> References(Type type) => type.Assembly.GetReferencedAssemblies().Select(reference => reference.Name!);
    }

    [Fact]
    public async Task A_page_says_so_where_the_IDE_offers_to_mend_its_example()
    {
        foreach (DiagnosticDescriptor rule in Rules)
        {
            string page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "diagnostics", rule.Id + ".md"));
            bool says = page[page.IndexOf("## Mend", StringComparison.Ordinal)..].Contains("code fix");
            if (says)
                CodeFixTest.Providers.ShouldContain(fix => fix.FixableDiagnosticIds.Contains(rule.Id), $"{rule.Id} promises a code fix.");
            CodeFixTest test = await CodeFixTest.Of($"public partial class Example\n{{\n{page.Split("```")[1]["csharp".Length..]}\n}}");
            foreach (Diagnostic problem in test.Problems.Where(problem => problem.Id == rule.Id))
            {
                bool isOffered = (await test.Actions(problem)).Count > 0;
                (isOffered || problem.Properties.Count == 0).ShouldBeTrue( $"{rule.Id}: what its analyzer proposes is not offered.");
                (says || !isOffered).ShouldBeTrue($"{rule.Id}: the Mend of its page does not say that there is a code fix.");
            }
        }
    }
}
