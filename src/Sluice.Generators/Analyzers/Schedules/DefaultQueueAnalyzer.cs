using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>Where scheduled runs go when nothing says so.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class DefaultQueueAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0420", "Schedule without work queue and pool", "'{0}' names neither WorkQueue nor WorkPool: its runs go to the queue 'default' of the pool 'default-agent-pool'", Help.Category, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0420.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        // The project's pool is a choice, too.
        if (flow.Deployments.Count == 0 || flow.Property("SluiceWorkPool") is not null)
            return;
        foreach (AttributeData deployment in flow.Deployments)
            if (deployment.FirstText() is { } name && deployment.Text("WorkQueue") is null && deployment.Text("WorkPool") is null
                && flow.Declared.Any(schedule => schedule.Deployment == name && schedule.Occurrences is not null))
                report(flow.Place(deployment), [name]);
    }
}
