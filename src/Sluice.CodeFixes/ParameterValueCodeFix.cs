using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Sluice.Cli.Runs;
using Sluice.Generators.Analyzers.Deployments;
using Sluice.Generators.Json;

namespace Sluice.CodeFixes;

/// <summary>
/// Writes a value as its type wants it: <c>"7"</c> as <c>7</c>, <c>7</c> as <c>"7"</c>, <c>red</c> as <c>Red</c>; names members rightly, and adds
/// missing ones (SLC0305). What is offered has been checked to mend it.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ParameterValueCodeFix))]
[Shared]
internal sealed class ParameterValueCodeFix() : FlowCodeFix(ParameterValueAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (ParameterJson.Of(problem) is not { Root: { } root } json)
            return;
        IReadOnlyList<Misfit> before = json.Misfits(json.Text);
        foreach (Misfit misfit in before.Where(misfit => json.IsAt(misfit.Offset, misfit.Length)))
        {
            if (misfit.Kind == MisfitKind.Missing)
                AddMember(json, root, misfit);
            else if (misfit.Kind == MisfitKind.Unknown)
                MendMember(json, root, misfit);
            else
                MendValue(json, root, misfit, before.Count);
        }
    }

    private static void MendValue(ParameterJson json, JsonNode root, Misfit misfit, int before)
    {
        if (JsonEdit.ValueAt(root, misfit.Offset, misfit.Length) is not { } value)
            return;
        foreach (string candidate in Candidates(json.Text.Substring(value.Offset, value.Length), value, misfit).Distinct())
        {
            string mended = JsonEdit.Replace(json.Text, value.Offset, value.Length, candidate);
            if (json.Misfits(mended).Count >= before)
                continue;
            json.Offer("Value", $"Change to {Titles.Short(candidate)}", mended);
            return;
        }
        // An item that stands there twice.
        if (JsonEdit.ItemAt(root, value.Offset, value.Length) is { Index: > 0 } item && JsonEdit.Remove(json.Text, item.Array, item.Index) is { } fewer && json.Misfits(fewer).Count < before
            && item.Array.Items.Take(item.Index).Any(other => other.Kind == value.Kind && other.Text == value.Text))
            json.Offer("Remove", $"Remove {Titles.Short(json.Text.Substring(value.Offset, value.Length))}", fewer);
        // null for a parameter that has a default: without it the default counts.
        if (value.Kind == JsonKind.Null && root.Members.FirstOrDefault(member => ReferenceEquals(member.Value, value)) is { } whole)
            json.Offer("Remove", $"Remove \"{whole.Name}\", so that its default counts", JsonEdit.Remove(json.Text, root, whole));
    }

    private static IEnumerable<string> Candidates(string written, JsonNode value, Misfit misfit)
    {
        if (value.Kind == JsonKind.String)
        {
            string text = value.Text.Trim();
            if (JsonParser.Parse(text, out _) is not null)
                yield return text;
            if (JsonParser.Parse(text.ToLowerInvariant(), out _) is not null)
                yield return text.ToLowerInvariant();
            if (text != value.Text)
                yield return JsonEdit.Quote(text);
            if (DidYouMean.Nearest(text, misfit.Names) is { } near)
                yield return JsonEdit.Quote(near);
        }
        else if (value.Kind is JsonKind.Number or JsonKind.True or JsonKind.False)
        {
            yield return JsonEdit.Quote(written);
        }
        if (value.Kind == JsonKind.Array && value.Items.Count == 1)
            yield return written.Trim('[', ']').Trim();
        else if (value.Kind != JsonKind.Null)
            yield return $"[{written}]";
    }

    private static void MendMember(ParameterJson json, JsonNode root, Misfit misfit)
    {
        if (JsonEdit.ObjectAt(root, misfit.Offset) is not { } target || target.Members.FirstOrDefault(member => member.Offset == misfit.Offset) is not { } member)
            return;
        if (DidYouMean.Nearest(member.Name, misfit.Names.Where(name => !target.Members.Any(other => other.Name == name))) is { } near)
            json.Offer("Rename", $"Change to \"{near}\"", JsonEdit.Replace(json.Text, member.Offset, member.Length, JsonEdit.Quote(near)));
        json.Offer("Remove", $"Remove \"{Titles.Short(member.Name)}\"", JsonEdit.Remove(json.Text, target, member));
    }

    private static void AddMember(ParameterJson json, JsonNode root, Misfit misfit)
    {
        if (JsonEdit.ValueAt(root, misfit.Offset, misfit.Length) is not { Kind: JsonKind.Object } target)
            return;
        string name = misfit.Names[0];
        string value = new Placeholders(json.Misfits).For(misfit.Path, candidate => JsonEdit.Add(json.Text, target, [(name, candidate)]));
        json.Offer("Add " + name, $"Add \"{name}\"", JsonEdit.Add(json.Text, target, [(name, value)]));
    }
}
