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

    /// <summary>The slug of the deployment's own schedule.</summary>
    public const string Own = "schedule-1";

    /// <summary>A deployment's further schedules in order, with their slugs, given or by default.</summary>
    public static IEnumerable<(AttributeData Schedule, string Slug)> Slugs(FlowMethod flow, string? deployment)
    {
        int number = 1;
        foreach (AttributeData schedule in flow.Schedules)
        {
            if (schedule.FirstText() != deployment)
                continue;
            number++;
            yield return (schedule, schedule.Text("Slug") ?? "schedule-" + number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (string? deployment in flow.Schedules.Select(schedule => schedule.FirstText()).Distinct())
        {
            var taken = new HashSet<string>(StringComparer.Ordinal) { Own };
            foreach (var (schedule, slug) in Slugs(flow, deployment))
                if (!taken.Add(slug))
                    report(flow.Place(schedule, "Slug"), [slug]);
        }
    }
}
