using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Deploy.Planning.Merge;
using Sluice.Storage;

namespace Sluice.Deploy.Ci;

/// <summary>How a summary names what it tells of.</summary>
/// <param name="Name">What is deployed, as in the heading.</param>
/// <param name="Side">What stands against the server: <c>code</c>, <c>file</c> or <c>version</c>.</param>
public sealed record SummaryWords(string Name, string Side);

/// <summary>A plan, or what was done, as Markdown for people who review a change.</summary>
public static class MarkdownSummary
{
    // GitHub takes 1 MiB a step, and what is longer is read by nobody.
    private const int MostRows = 200, MostFields = 50, LongestValue = 120;

    /// <summary>Adds it to the request's file, and to that of GitHub's step where there is one.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="words">How it is named; null for a deploy of code.</param>
    /// <returns>Warnings for files that cannot be written.</returns>
    public static IReadOnlyList<DeployError> Add(DeployRequest request, DeployResult result, Func<string, string?> variable, SummaryWords? words = null)
    {
        var warnings = new List<DeployError>();
        string? text = null;
        foreach (string file in new[] { request.SummaryFile, variable("GITHUB_STEP_SUMMARY") }.OfType<string>().Where(file => file.Length > 0).Distinct(StringComparer.Ordinal))
        {
            try
            {
                File.AppendAllText(file, text ??= Of(request, result, words));
            }
            catch (Exception e) when (StorageException.FromFileSystem(e, file) is not null)
            {
                warnings.Add(new(DeployCodes.SummaryUnwritable, $"The summary {file} cannot be written: {e.Message}", request.Project ?? request.Assembly, IsWarning: true));
            }
        }
        return warnings;
    }

    /// <summary>The text.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="words">How it is named; null for a deploy of code.</param>
    public static string Of(DeployRequest request, DeployResult result, SummaryWords? words = null)
    {
        words ??= new(Path.GetFileNameWithoutExtension(request.Project ?? request.Assembly), "code");
        var text = new StringBuilder();
        DeployOutcome? outcome = result.Outcome;
        string verb = request.PlanOnly ? "plan" : outcome is null ? "failed" : "done";
        if (words.Side == "code" && !request.PlanOnly)
            verb = outcome is null ? "deploy failed" : "deployed";
        Line($"### Sluice: {Plain(words.Name)}, {verb}");
        Line();
        foreach (DeployError one in result.Diagnostics.Take(MostFields))
            Line($"- {(one.IsWarning ? "Warning" : "**Error**")} {Plain(one.Code)}: {Plain(one.Message)}");
        if (result.Diagnostics.Count > 0)
            Line();
        if (outcome is null)
            return text.ToString();
        DeployedDeployment[] changed = [.. outcome.Deployments.Where(one => one.Outcome != "unchanged" || one.Fields.Count > 0)];
        int unchanged = outcome.Deployments.Count(one => one.Outcome == "unchanged");
        if (changed.Length > 0)
        {
            Line("| | deployment | what |");
            Line("|---|---|---|");
            foreach (DeployedDeployment one in changed.Take(MostRows))
                Line($"| {Sign(one.Outcome)} {Plain(one.Outcome)} | {Plain(one.FullName)}{(one.MovedFrom is { } from ? $" (was {Plain(from)})" : "")} | {Plain(string.Join(", ", one.Changes))} |");
            More(changed.Length - MostRows);
            Line();
        }
        (string Deployment, FieldChange Field)[] fields = [.. changed.SelectMany(one => one.Fields.Where(field => field.Class != FieldClass.Normalised).Select(field => (one.FullName, field)))];
        if (fields.Length > 0)
        {
            Line("<details><summary>Fields</summary>");
            Line();
            Line($"| deployment | field | last publish | {words.Side} | server | |");
            Line("|---|---|---|---|---|---|");
            foreach ((string deployment, FieldChange field) in fields.Take(MostRows))
                Line($"| {Plain(deployment)} | {Plain(field.Path)} | {Value(field.Base)} | {Value(field.Code)} | {Value(field.Live)} | {Words(field, words.Side)} |");
            More(fields.Length - MostRows);
            Line();
            Line("</details>");
            Line();
        }
        Line(string.Join(", ", outcome.Deployments.GroupBy(one => one.Outcome).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{Count(group.Count())} {Plain(group.Key)}"))
            + (outcome.AppliedTo is { } where ? $" {(request.PlanOnly ? "for" : "on")} {Plain(where)}" : "") + (request.PlanOnly ? ". Nothing was stored or applied." : "."));
        if (unchanged > 0 && changed.Length == 0)
            Line("Nothing changes.");
        if (outcome.PackageSha256 is { } digest)
            Line($"Package `{digest}`{(outcome.SignedBy is { } key ? $"{(request.PlanOnly ? ", would be signed" : ", signed")} with the key `{key[..16]}`" : "")}.");
        Line();
        return text.ToString();

        void Line(string line = "") => text.Append(line).Append('\n');

        void More(int count)
        {
            if (count > 0)
                Line($"| | … and {Count(count)} more | |");
        }
    }

    private static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Sign(string outcome) => outcome switch
    {
        "created" => "➕",
        "updated" => "✏️",
        "moved" => "➡️",
        "orphaned" or "paused" => "⚠️",
        "deleted" => "➖",
        _ => "",
    };

    private static string Words(FieldChange field, string side) => field.Class switch
    {
        FieldClass.Drift => "changed on the server, kept",
        FieldClass.Agreed => $"changed alike in the {side} and on the server",
        FieldClass.Conflict => field.Decision switch { FieldDecision.Code => $"conflict: the {side}'s", FieldDecision.Live => "conflict: the server's", _ => "**conflict**" },
        _ => side == "version" ? "the version's" : $"{side} changed",
    };

    private static string Value(JsonElement? value)
    {
        if (value is not { } json || json.ValueKind == JsonValueKind.Undefined)
            return "";
        string text = json.ValueKind == JsonValueKind.String ? json.GetString()! : json.GetRawText();
        return Plain(text.Length > LongestValue ? text[..LongestValue] + "…" : text);
    }

    /// <summary>A text that Markdown and HTML leave as it is, on one line and in one cell.</summary>
    internal static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (char.IsControl(c))
                plain.Append(' ');
            else if (c is '<' or '>' or '&' or '|' or '\\' or '`' or '*' or '_' or '[' or ']' or '#' or '~' or '!' or '@' or ':')
                plain.Append("&#").Append(((int)c).ToString(CultureInfo.InvariantCulture)).Append(';');
            else
                plain.Append(c);
        }
        return plain.ToString();
    }
}
