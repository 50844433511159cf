using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Sluice.Generators.Analyzers.Parameters;

namespace Sluice.CodeFixes;

/// <summary>Takes a secret out of the source (SLC0215).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(SecretCodeFix))]
[Shared]
internal sealed class SecretCodeFix() : FlowCodeFix(SecretInSourceAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (ParameterJson.Of(problem) is not { Root: { } root } json
            || root.Members.FirstOrDefault(member => json.IsAt(member.Value.Offset, member.Value.Length)) is not { Value: var value } secret)
            return;
        json.Offer("Remove", $"Remove \"{secret.Name}\", to be given when a run is started", JsonEdit.Remove(json.Text, root, secret));
        json.Offer("Variable", $"Take it from the variable \"{secret.Name}\" of a Prefect server", JsonEdit.Replace(
            json.Text, value.Offset, value.Length, $"{{\"__prefect_kind\": \"workspace_variable\", \"variable_name\": {JsonEdit.Quote(secret.Name)}}}"));
    }
}
