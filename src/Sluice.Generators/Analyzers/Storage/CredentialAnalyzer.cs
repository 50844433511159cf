using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;
using Sluice.Generators.Storage;

namespace Sluice.Generators.Analyzers.Storage;

/// <summary>What looks like an access key or token does not belong into source, which is compiled into the assembly.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class CredentialAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0507", "Credential in the source", "{0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0507.md");

    private static readonly string[] Texts = ["Storage", "StorageKey", "Image", "JobVariables"];

    protected override void Analyze(FlowMethod flow, Report report)
    {
        foreach (AttributeData deployment in flow.Deployments)
        {
            foreach (string name in Texts)
                if (deployment.Text(name) is { } text && SecretTexts.Credential(text) is { } found && !IsReported(deployment, name, found.Offset))
                    report(flow.Place(deployment, name, found.Offset, found.Length), [Message(name, found.What)], null);
            foreach (string secret in deployment.Named("Secrets")?.Texts() ?? [])
                if (SecretTexts.Credential(secret) is { } found)
                    report(flow.Place(deployment, "Secrets"), [Message("Secrets", found.What)], null);
        }
    }

    private static string Message(string name, string what) =>
        $"{name} holds what looks like {what}, which would be compiled into the assembly: refer to it as ${{NAME}}, and replace it where it was made, since it is in the source";

    /// <summary>Whether the option that it stands in has been told so.</summary>
    private static bool IsReported(AttributeData deployment, string name, int offset) => name == "Storage"
        && AttributeReading.Of(deployment).Storage.Any(problem => problem.Rule == StorageRule.Secret && offset >= problem.Offset && offset < problem.Offset + problem.Length);
}
