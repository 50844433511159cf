using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Sluice.Generators.Analyzers;

/// <summary>Finds where characters of a constant string stand in the source, whatever kinds of literals it is put together from.</summary>
internal static class LiteralSpans
{
    /// <summary>The place of some characters of the expression's value. What comes from a constant declared elsewhere is placed on the reference to it.</summary>
    /// <param name="expression">The attribute argument.</param>
    /// <param name="value">Its whole value.</param>
    /// <param name="constant">The value of a constant that the expression names, where the asker knows it; several unknown ones are marked together.</param>
    /// <param name="offset">The first character's index.</param>
    /// <param name="length">How many characters.</param>
    public static Location Locate(ExpressionSyntax expression, string value, Func<string, string?> constant, int offset, int length)
    {
        var pieces = new List<Piece>();
        Collect(expression, constant, pieces);
        int known = pieces.Sum(piece => piece.Length ?? 0);
        int unknown = pieces.Count(piece => piece.Length is null);
        if (known > value.Length || (unknown == 0 && known != value.Length))
            return expression.GetLocation();
        int first = Math.Min(Math.Max(offset, 0), value.Length);
        int last = Math.Max(first, Math.Min(first + length, value.Length) - 1);
        TextSpan start = Find(expression, pieces, value.Length, first), end = Find(expression, pieces, value.Length, last);
        return expression.SyntaxTree.GetLocation(TextSpan.FromBounds(start.Start, Math.Max(start.End, end.End)));
    }

    private static TextSpan Find(ExpressionSyntax expression, List<Piece> pieces, int total, int at)
    {
        // From the front up to the first piece of unknown length, and from the back down to the last one.
        int start = 0, i = 0;
        for (; i < pieces.Count && pieces[i].Length is { } length; start += length, i++)
            if (at < start + length)
                return pieces[i].At(at - start);
        if (i == pieces.Count)
            return pieces.Count == 0 ? expression.Span : pieces[i - 1].End;
        int end = total, k = pieces.Count - 1;
        for (; pieces[k].Length is { } length; end -= length, k--)
            if (at >= end - length)
                return at < total ? pieces[k].At(at - end + length) : pieces[pieces.Count - 1].End;
        return TextSpan.FromBounds(pieces[i].Span.Start, pieces[k].Span.End);
    }

    private static void Collect(ExpressionSyntax expression, Func<string, string?> constant, List<Piece> pieces)
    {
        switch (expression)
        {
            case ParenthesizedExpressionSyntax parenthesized:
                Collect(parenthesized.Expression, constant, pieces);
                break;
            case BinaryExpressionSyntax binary when binary.IsKind(SyntaxKind.AddExpression):
                Collect(binary.Left, constant, pieces);
                Collect(binary.Right, constant, pieces);
                break;
            case LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.StringLiteralExpression):
                pieces.Add(new(literal.Token.Span, literal.Token.ValueText.Length, LiteralMap.Of(literal.Token)));
                break;
            case InterpolatedStringExpressionSyntax interpolated:
                foreach (InterpolatedStringContentSyntax content in interpolated.Contents)
                    if (content is InterpolatedStringTextSyntax text)
                    {
                        IReadOnlyList<int>? starts = LiteralMap.Of(text.TextToken, interpolated.StringStartToken.Text, out int length);
                        pieces.Add(new(text.TextToken.Span, length, starts));
                    }
                    else if (content is InterpolationSyntax { AlignmentClause: null, FormatClause: null } hole)
                        Collect(hole.Expression, constant, pieces);
                    else
                        pieces.Add(new(content.Span, null, null));
                break;
            case IdentifierNameSyntax name:
                pieces.Add(new(name.Span, constant(name.Identifier.ValueText)?.Length, null));
                break;
            default:
                pieces.Add(new(expression.Span, null, null));
                break;
        }
    }

    /// <summary>A part of the text: where it stands, how long its value is where the syntax tells, and where each of its characters begins.</summary>
    private readonly record struct Piece(TextSpan Span, int? Length, IReadOnlyList<int>? Starts)
    {
        public TextSpan At(int index) =>
            Starts is null ? Span : TextSpan.FromBounds(Span.Start + Starts[index], Span.Start + Math.Max(Starts[index + 1], Starts[index] + 1));

        /// <summary>The one character after the last, as the closing quote: where something is missing at the end of the text.</summary>
        public TextSpan End => Starts is null ? Span : new(Span.Start + Starts[Starts.Count - 1], 1);
    }
}
