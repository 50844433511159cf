using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;
using Sluice.Generators.Storage;

namespace Sluice.Generators.Analyzers.Storage;

/// <summary>Secrets are named, and looked up where a run starts.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class SecretNameAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0510", "Not the name of a secret", "{0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0510.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        foreach (AttributeData deployment in flow.Deployments)
            foreach (string name in deployment.Named("Secrets")?.Texts() ?? [])
                // An empty one is another rule's.
                if (!string.IsNullOrWhiteSpace(name) && !SecretTexts.IsName(name))
                    report(flow.Place(deployment, "Secrets"), [name.StartsWith("$", StringComparison.Ordinal)
                        ? $"'{name}' is a reference; Secrets has names alone, as \"{name.Trim('$', '{', '}')}\""
                        : "Secrets has the names of environment variables or of the server's secrets, as \"AWS_CREDENTIALS\": letters, digits and '_'; never their values"]);
    }
}
