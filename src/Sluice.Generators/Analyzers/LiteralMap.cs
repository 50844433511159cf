using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Sluice.Generators.Analyzers;

/// <summary>Where in a literal's token each character of its value begins, and after them where the last one ends.</summary>
internal static class LiteralMap
{
    /// <summary>The map of a whole literal; null when the token is no complete one.</summary>
    public static IReadOnlyList<int>? Of(SyntaxToken token)
    {
        string text = token.Text;
        List<int>? starts = token.Kind() switch
        {
            SyntaxKind.StringLiteralToken when text.StartsWith("@", StringComparison.Ordinal) => Verbatim(text, 2, text.Length - 1, braces: false),
            SyntaxKind.StringLiteralToken => Regular(text, 1, text.Length - 1, braces: false),
            SyntaxKind.SingleLineRawStringLiteralToken => SingleLineRaw(text),
            SyntaxKind.MultiLineRawStringLiteralToken => MultiLineRaw(text),
            _ => null,
        };
        return starts?.Count == token.ValueText.Length + 1 ? starts : null;
    }

    /// <summary>The map of a stretch of an interpolated string that begins with <paramref name="opening"/>, null where raw text is indented; and the length of its value.</summary>
    public static IReadOnlyList<int>? Of(SyntaxToken stretch, string opening, out int length)
    {
        string text = stretch.Text, value = stretch.ValueText;
        if (opening.EndsWith("\"\"\"", StringComparison.Ordinal))
        {
            length = value.Length;
            return text == value ? [.. Enumerable.Range(0, text.Length + 1)] : null;
        }
        // Roslyn leaves doubled braces in the token's value.
        length = value.Replace("{{", "{").Replace("}}", "}").Length;
        List<int>? starts = opening.IndexOf('@') >= 0 ? Verbatim(text, 0, text.Length, braces: true) : Regular(text, 0, text.Length, braces: true);
        return starts?.Count == length + 1 ? starts : null;
    }

    private static List<int>? Regular(string text, int from, int to, bool braces)
    {
        var starts = new List<int>();
        int at = from;
        while (at < to)
        {
            starts.Add(at);
            if (text[at] != '\\')
            {
                at += braces && text[at] is '{' or '}' ? 2 : 1;
                continue;
            }
            if (at + 1 >= to)
                return null;
            char kind = text[at + 1];
            int digits = kind switch { 'u' => 4, 'U' => 8, 'x' => 1, _ => 0 };
            if (kind == 'x')
                while (digits < 4 && at + 2 + digits < to && Uri.IsHexDigit(text[at + 2 + digits]))
                    digits++;
            if (at + 2 + digits > to)
                return null;
            if (kind == 'U' && int.TryParse(text.Substring(at + 2, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) && code > 0xffff)
                starts.Add(at);
            at += 2 + digits;
        }
        starts.Add(at);
        return starts;
    }

    private static List<int> Verbatim(string text, int from, int to, bool braces)
    {
        var starts = new List<int>();
        int at = from;
        for (; at < to; at += text[at] == '"' || (braces && text[at] is '{' or '}') ? 2 : 1)
            starts.Add(at);
        starts.Add(at);
        return starts;
    }

    private static List<int> SingleLineRaw(string text)
    {
        int quotes = Quotes(text);
        return [.. Enumerable.Range(quotes, Math.Max(0, text.Length - (2 * quotes)) + 1)];
    }

    private static List<int>? MultiLineRaw(string text)
    {
        int quotes = Quotes(text);
        int lastBreak = text.LastIndexOf('\n');
        int indentation = text.Length - quotes - lastBreak - 1;
        int at = text.IndexOf('\n') + 1;
        // The last line break belongs to the closing quotes.
        int end = lastBreak > 0 && text[lastBreak - 1] == '\r' ? lastBreak - 1 : lastBreak;
        if (end < 0)
            return null;
        var starts = new List<int>();
        while (at < end)
        {
            for (int skipped = 0; skipped < indentation && at < end && text[at] is ' ' or '\t'; skipped++)
                at++;
            for (; at < end && text[at] != '\n'; at++)
                starts.Add(at);
            if (at < end)
                starts.Add(at++);
        }
        starts.Add(end);
        return starts;
    }

    private static int Quotes(string text)
    {
        int quotes = 0;
        while (quotes < text.Length && text[quotes] == '"')
            quotes++;
        return quotes;
    }
}
