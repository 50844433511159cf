using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>An attribute holds one schedule.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class SeveralSchedulesAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0401", "More than one schedule in one attribute", "Only one of Cron, Interval and RRule can be given; add [Schedule(\"{0}\", …)] for a further schedule", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0401.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData attribute in flow.Scheduling)
        {
            bool isGiven = false;
            foreach (string name in DeclaredSchedule.Arguments)
            {
                if (attribute.Text(name) is null)
                    continue;
                if (isGiven)
                    report(flow.Place(attribute, name), [attribute.FirstText() ?? ""]);
                isGiven = true;
            }
        }
    }
}
