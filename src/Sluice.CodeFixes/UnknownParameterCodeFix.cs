using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Sluice.Cli.Runs;
using Sluice.Generators.Analyzers.Deployments;
using Sluice.Generators.Json;

namespace Sluice.CodeFixes;

/// <summary>Gives an unknown parameter the nearest name that the flow has, or removes it (SLC0304).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(UnknownParameterCodeFix))]
[Shared]
internal sealed class UnknownParameterCodeFix() : FlowCodeFix(UnknownParameterAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (ParameterJson.Of(problem) is not { Root: { } root } json
            || root.Members.FirstOrDefault(member => !json.Known.ContainsKey(member.Name) && json.IsAt(member.Offset, member.Length)) is not { } unknown)
            return;
        var free = json.Known.Keys.Where(name => !root.Members.Any(member => member.Name == name));
        if (DidYouMean.Nearest(unknown.Name, free) is { } near)
            json.Offer("Rename", $"Change to \"{near}\"", JsonEdit.Replace(json.Text, unknown.Offset, unknown.Length, JsonEdit.Quote(near)));
        json.Offer("Remove", $"Remove \"{Titles.Short(unknown.Name)}\"", JsonEdit.Remove(json.Text, root, unknown));
    }
}
