using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Sluice.Generators.Analyzers.Deployments;
using Sluice.Generators.Json;

namespace Sluice.CodeFixes;

/// <summary>Corrects JSON that is written as JavaScript or Python allows it, or not to its end (SLC0303).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(JsonSyntaxCodeFix))]
[Shared]
internal sealed class JsonSyntaxCodeFix() : FlowCodeFix(JsonObjectAnalyzer.Rule.Id)
{
    private const int MaximumSteps = 50;

    protected override void Offer(Problem problem)
    {
        if (problem.Text is var (_, text) && Correct(text) is { } corrected)
            problem.OfferText("Correct", corrected, _ => $"Correct it to {Titles.Short(corrected)}");
    }

    /// <summary>The text as a JSON object; null when that is not obvious.</summary>
    internal static string? Correct(string text)
    {
        if (text.IndexOf('"') < 0)
            text = text.Replace('\'', '"');
        for (int step = 0; step < MaximumSteps; step++)
        {
            JsonNode? json = JsonParser.Parse(text, out JsonError? error);
            if (json is not null)
                return json.Kind == JsonKind.Object ? text : null;
            // A correction counts when the text is read further than before, or less of it is left to read.
            string? further = null;
            foreach (string candidate in Candidates(text, error!.Offset, error.Length))
            {
                if (JsonParser.Parse(candidate, out JsonError? next) is null && next!.Offset <= error.Offset && candidate.Length - next.Offset >= text.Length - error.Offset)
                    continue;
                further = candidate;
                break;
            }
            if (further is null)
                return null;
            text = further;
        }
        return null;
    }

    private static IEnumerable<string> Candidates(string text, int at, int length)
    {
        if (at >= text.Length)
        {
            foreach (string end in new[] { "}", "]", "\"}", "\"" })
                yield return text + end;
            yield break;
        }
        if (text[at] == '/' && Comment(text, at) is var comment and > 0)
            yield return text.Remove(at, comment);
        int word = at;
        while (word < text.Length && (char.IsLetterOrDigit(text[word]) || text[word] is '_' or '-' or '.'))
            word++;
        string written = text.Substring(at, word - at);
        switch (written)
        {
            case "True" or "TRUE" or "False" or "FALSE" or "Null" or "NULL":
                yield return JsonEdit.Replace(text, at, written.Length, written.ToLowerInvariant());
                break;
            case "None" or "undefined":
                yield return JsonEdit.Replace(text, at, written.Length, "null");
                break;
        }
        if (Number(text, at) is { } number)
            yield return JsonEdit.Replace(text, at, number.Length, number.Text);
        // A comma that nothing follows.
        int before = at - 1;
        while (before >= 0 && char.IsWhiteSpace(text[before]))
            before--;
        if (text[at] is '}' or ']' && before >= 0 && text[before] == ',')
            yield return text.Remove(before, 1);
        if (text[at] is ';')
        {
            yield return JsonEdit.Replace(text, at, 1, ",");
            yield return text.Remove(at, 1);
        }
        if (text[at] is '=')
            yield return JsonEdit.Replace(text, at, 1, ":");
        if (text[at] == '\'' && text.IndexOf('\'', at + 1) is > 0 and var close)
            yield return JsonEdit.Replace(text, at, close + 1 - at, JsonEdit.Quote(text.Substring(at + 1, close - at - 1)));
        if (written.Length > 0)
            yield return JsonEdit.Replace(text, at, written.Length, JsonEdit.Quote(written));
        if (text[at] == '"')
            yield return text.Insert(before + 1, before + 1 == at ? ", " : ",");
        if (text[at] is '}' or ']')
        {
            yield return text.Remove(at, 1);
            yield return text.Insert(at, text[at] == '}' ? "]" : "}");
        }
        if (length > 1 && text[at] == '"')
            yield return text + "\"}";
    }

    /// <summary>How long the comment is that begins there; 0 for none.</summary>
    private static int Comment(string text, int at)
    {
        bool isLine = string.CompareOrdinal(text, at, "//", 0, 2) == 0;
        if (!isLine && string.CompareOrdinal(text, at, "/*", 0, 2) != 0)
            return 0;
        int end = isLine ? text.IndexOf('\n', at) : text.IndexOf("*/", at, StringComparison.Ordinal);
        return end < 0 ? text.Length - at : isLine ? end - at : end + 2 - at;
    }

    /// <summary>What stands there as a number without a plus, needless zeros, or a point at either end; null when it is none.</summary>
    private static (int Length, string Text)? Number(string text, int at)
    {
        int digits = text[at] is '+' or '-' ? at + 1 : at;
        int end = digits;
        while (end < text.Length && text[end] is (>= '0' and <= '9') or '.')
            end++;
        string written = text.Substring(digits, end - digits);
        if (written.Length == 0 || written == "." || written.Count(c => c == '.') > 1)
            return null;
        string number = written.TrimStart('0');
        if (number.Length == 0 || number[0] == '.')
            number = "0" + number;
        return (end - at, (text[at] == '-' ? "-" : "") + (number.EndsWith(".", StringComparison.Ordinal) ? number + "0" : number));
    }
}
