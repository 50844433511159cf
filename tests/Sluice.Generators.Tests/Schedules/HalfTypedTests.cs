using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Analyzers.Schedules;
using Sluice.Generators.Tests.Harness;
using Sluice.Testing;

namespace Sluice.Generators.Tests.Schedules;

/// <summary>Schedules typed character by character, with every rule turned on: no analyzer may throw.</summary>
public class HalfTypedTests
{
    private const string Rest = "\npublic static void Run(int n = 1) { }\n}\npublic static class Elsewhere { public const string Six = \"6\"; }\n";

    public static TheoryData<string> Attributes =>
    [
        """[Deployment("daily", Cron = "*/90 6-6 L * fri#2", TimeZone = "Europe/Paris", DayOr = false)]""",
        """[Deployment("a", Cron = "0 */5 * ? * 2-6L 2040")] [Schedule("a", Cron = "Cron.Weekly(DayOfWeek.Monday, 6)")]""",
        """"[Deployment("a", RRule = """DTSTART:20260101T000000 RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR""")] [Schedule("a", Interval = "PT1.5H", AnchorDate = "2026-01-01")]"""",
        """[Deployment("a", Interval = @"P1""D", Misfire = MisfirePolicy.RunAll)] [Schedule("a", Slug = "b", RRule = "FREQ=WEEKLY;COUNT=3")]""",
        """[Deployment("a", Cron = "0\t\u0036\x09\U0000002a * *" + Days)] [Schedule("a", Cron = $"0 {Elsewhere.Six} {{ * * *", Parameters = "{\"n\": 1}")]""",
        "[Deployment(\"a\", Cron = \"\"\"\n    0\n      6 * * *\n    \"\"\", TimeZone = \"Tokyo Standard Time\")]",
    ];

    [Theory]
    [MemberData(nameof(Attributes))]
    public async Task No_analyzer_minds(string attributes)
    {
        CSharpCompilation compilation = GeneratorTest.Compile("");
        compilation = compilation.WithOptions(compilation.Options.WithSpecificDiagnosticOptions([new(ScheduleWordsAnalyzer.Rule.Id, ReportDiagnostic.Info)]));
        int reported = 0;
        // In CI every other character with the rest of the file, and the ones between without it.
        bool both = Fuzz.Count(0) > 0;
        for (int typed = 0; typed <= attributes.Length; typed++)
            foreach (bool hasRest in new[] { true, false })
            {
                if (!both && hasRest != (typed % 2 == Fuzz.Seed % 2))
                    continue;
                string text = hasRest ? attributes[..typed] + Rest : attributes[..typed];
                string source = "public static class Flows\n{\nconst string Days = \" *\";\n[Flow] " + text;
                compilation = compilation.ReplaceSyntaxTree(compilation.SyntaxTrees[0], GeneratorTest.Parse(source));
                var options = new CompilationWithAnalyzersOptions(
                    new AnalyzerOptions([]), (exception, analyzer, _) => throw new InvalidOperationException($"{analyzer.GetType().Name} on\n{source}", exception), true, false);
                ImmutableArray<Diagnostic> found = await compilation.WithAnalyzers(AnalyzerTest.All, options).GetAnalyzerDiagnosticsAsync();
                found.ShouldNotContain(diagnostic => diagnostic.Id == "AD0001", source);
                reported += found.Length;
            }
        reported.ShouldBeGreaterThan(attributes.Length / 8);
    }
}
