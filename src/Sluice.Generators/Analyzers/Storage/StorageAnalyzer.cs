using Microsoft.CodeAnalysis;
using Sluice.Generators.Parsing;
using Sluice.Generators.Storage;

namespace Sluice.Generators.Analyzers.Storage;

/// <summary>An analyzer of one of the rules that a deployment's Storage may break.</summary>
internal abstract class StorageAnalyzer(DiagnosticDescriptor descriptor, StorageRule rule) : FlowAnalyzer(descriptor)
{
    protected sealed override void Analyze(FlowMethod flow, Report report)
    {
        foreach (AttributeData deployment in flow.Deployments)
        {
            // Most have none: they are not read at all.
            if (deployment.Named("Storage") is null)
                continue;
            foreach (StorageProblem problem in AttributeReading.Of(deployment).Storage)
                if (problem.Rule == rule)
                    report(flow.Place(deployment, "Storage", problem.Offset, problem.Length), [problem.Message], Mend.Replace(problem.Replacement));
        }
    }

    /// <summary>A rule whose message the reading makes.</summary>
    protected static DiagnosticDescriptor Describe(string id, string title) =>
        new(id, title, "{0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + id + ".md");
}
