using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>Schedules are told apart by slug.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class DuplicateSlugAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0410", "Two schedules of a deployment have the same slug", "The deployment already has a schedule '{0}'", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0410.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (var deployment in flow.Schedules.GroupBy(schedule => schedule.FirstText()))
        {
            var slugs = new HashSet<string>(StringComparer.Ordinal) { "schedule-1" };
            int number = 1;
            foreach (AttributeData schedule in deployment)
            {
                number++;
                string slug = schedule.Text("Slug") ?? "schedule-" + number.ToString(System.Globalization.CultureInfo.InvariantCulture);
                if (!slugs.Add(slug))
                    report(flow.Place(schedule, "Slug"), [slug]);
            }
        }
    }
}
