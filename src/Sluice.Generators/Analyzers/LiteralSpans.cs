using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Sluice.Generators.Analyzers;

/// <summary>Finds where characters of a string stand in its literal, whatever kind of literal it is.</summary>
internal static class LiteralSpans
{
    /// <summary>The place of some characters of the expression's value; the whole expression when it is no single literal.</summary>
    public static Location Locate(ExpressionSyntax expression, int offset, int length)
    {
        while (expression is ParenthesizedExpressionSyntax parenthesized)
            expression = parenthesized.Expression;
        if (expression is not LiteralExpressionSyntax literal || Map(literal.Token) is not { } starts)
            return expression.GetLocation();
        int first = Math.Min(offset, starts.Count - 1);
        int last = Math.Min(first + length, starts.Count - 1);
        // An empty place, as at the end of the text, is widened to what stands there.
        int end = last > first ? starts[last] : starts[first] + 1;
        return literal.SyntaxTree.GetLocation(TextSpan.FromBounds(literal.Token.SpanStart + starts[first], literal.Token.SpanStart + end));
    }

    /// <summary>Where in the token's text each character of its value begins, and after them where the last one ends.</summary>
    private static List<int>? Map(SyntaxToken token)
    {
        List<int>? starts = token.Kind() switch
        {
            SyntaxKind.StringLiteralToken when token.Text.StartsWith("@", StringComparison.Ordinal) => Verbatim(token.Text),
            SyntaxKind.StringLiteralToken => Regular(token.Text),
            SyntaxKind.SingleLineRawStringLiteralToken => SingleLineRaw(token.Text),
            SyntaxKind.MultiLineRawStringLiteralToken => MultiLineRaw(token.Text),
            _ => null,
        };
        return starts?.Count == token.ValueText.Length + 1 ? starts : null;
    }

    private static List<int> Regular(string text)
    {
        var starts = new List<int>();
        int at = 1;
        while (at < text.Length - 1)
        {
            starts.Add(at);
            if (text[at] != '\\')
            {
                at++;
                continue;
            }
            char kind = text[at + 1];
            int digits = kind switch { 'u' => 4, 'U' => 8, 'x' => 1, _ => 0 };
            if (kind == 'x')
                while (digits < 4 && at + 2 + digits < text.Length && Uri.IsHexDigit(text[at + 2 + digits]))
                    digits++;
            if (kind == 'U' && int.TryParse(text.Substring(at + 2, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) && code > 0xffff)
                starts.Add(at);
            at += 2 + digits;
        }
        starts.Add(at);
        return starts;
    }

    private static List<int> Verbatim(string text)
    {
        var starts = new List<int>();
        int at = 2;
        for (; at < text.Length - 1; at += text[at] == '"' ? 2 : 1)
            starts.Add(at);
        starts.Add(at);
        return starts;
    }

    private static List<int> SingleLineRaw(string text)
    {
        int quotes = Quotes(text);
        return [.. Enumerable.Range(quotes, Math.Max(0, text.Length - (2 * quotes)) + 1)];
    }

    private static List<int> MultiLineRaw(string text)
    {
        int quotes = Quotes(text);
        int lastBreak = text.LastIndexOf('\n');
        int indentation = text.Length - quotes - lastBreak - 1;
        int at = text.IndexOf('\n') + 1;
        // The last line break belongs to the closing quotes.
        int end = lastBreak > 0 && text[lastBreak - 1] == '\r' ? lastBreak - 1 : lastBreak;
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
