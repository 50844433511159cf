using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;
using Sluice.Generators.Storage;

namespace Sluice.Generators.Analyzers.Storage;

/// <summary>A storage key is a relative path that is the same place on every system.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class StorageKeyAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0509", "Storage key is not allowed", "{0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0509.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        foreach (AttributeData deployment in flow.Deployments)
        {
            // An empty one is another rule's.
            if (deployment.Text("StorageKey") is not { } key || string.IsNullOrWhiteSpace(key))
                continue;
            if ((KeyRules.Refuse(key) ?? (key == "blobs" || key.StartsWith("blobs/", StringComparison.Ordinal) ? "'blobs' holds the contents of all packages" : null)) is { } reason)
                report(flow.Place(deployment, "StorageKey", 0, key.Length), [$"The storage key '{key}' is refused: {reason}"], Mend.Replace(KeyRules.Mend(key)));
        }
    }
}
