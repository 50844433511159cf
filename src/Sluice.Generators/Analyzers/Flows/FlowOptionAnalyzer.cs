using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Flows;

/// <summary>Retries and durations are not negative.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class FlowOptionAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0107", "Flow option out of range", "{0} must be {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0107.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        if (flow.Flow is null)
            return;
        foreach (string name in new[] { "Retries", "CrashRetries" })
            if (flow.Flow.Named(name)?.Value is < 0)
                report(flow.Place(flow.Flow, name), [name, "0 or more"]);
        foreach (string name in new[] { "RetryDelaySeconds", "TimeoutSeconds" })
            if (flow.Flow.Named(name)?.Value is double seconds && !FlowParser.IsDuration(seconds))
                report(flow.Place(flow.Flow, name), [name, "from 0 to 2147483647 seconds"]);
    }
}
