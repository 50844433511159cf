using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Sluice.Generators.Analyzers;

namespace Sluice.CodeFixes;

/// <summary>
/// Gives a constant string another value. A literal keeps its form, and of its text only what differs is changed, so that several mends of one
/// literal do not collide. A named constant is mended where it is declared; one that is put together from others is left to the user.
/// </summary>
internal static class StringEdit
{
    private const int MaximumHops = 8;

    /// <summary>The change, and the name of the constant that it is made in; null when there is none to offer.</summary>
    public static (Change Change, string? Constant)? Set(ExpressionSyntax expression, string value, SemanticModel model, CancellationToken cancellation)
    {
        string? constant = null;
        for (int hops = 0; hops < MaximumHops; hops++)
        {
            while (expression is ParenthesizedExpressionSyntax parenthesized)
                expression = parenthesized.Expression;
            if (expression is LiteralExpressionSyntax literal && literal.IsKind(SyntaxKind.StringLiteralExpression))
                return (Small(literal, value) ?? Whole(literal, value), constant);
            if (IsMadeOfLiterals(expression))
                return (Whole(expression, value), constant);
            if (expression is not (IdentifierNameSyntax or MemberAccessExpressionSyntax) || Declaration(expression, model, cancellation) is not { Initializer.Value: { } declared } declaration)
                return null;
            constant = declaration.Identifier.ValueText;
            expression = declared;
            model = model.Compilation.GetSemanticModel(declared.SyntaxTree);
        }
        return null;
    }

    /// <summary>A literal with the value: a raw one where that needs no escapes, and the language knows it.</summary>
    public static string Quote(string value, ParseOptions? options)
    {
        bool gains = value.IndexOfAny(['"', '\\']) >= 0;
        bool fits = !value.Any(char.IsControl) && !value.StartsWith("\"", StringComparison.Ordinal) && !value.EndsWith("\"", StringComparison.Ordinal)
            && value.IndexOf("\"\"\"", StringComparison.Ordinal) < 0;
        return gains && fits && options is CSharpParseOptions { LanguageVersion: >= LanguageVersion.CSharp11 }
            ? "\"\"\"" + value + "\"\"\""
            : SymbolDisplay.FormatLiteral(value, quote: true);
    }

    private static VariableDeclaratorSyntax? Declaration(ExpressionSyntax name, SemanticModel model, CancellationToken cancellation)
    {
        ISymbol? symbol = model.GetSymbolInfo(name, cancellation).Symbol;
        return symbol is IFieldSymbol { IsConst: true } or ILocalSymbol { IsConst: true }
            ? symbol.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation) as VariableDeclaratorSyntax
            : null;
    }

    private static bool IsMadeOfLiterals(ExpressionSyntax expression) => expression switch
    {
        ParenthesizedExpressionSyntax parenthesized => IsMadeOfLiterals(parenthesized.Expression),
        LiteralExpressionSyntax => expression.IsKind(SyntaxKind.StringLiteralExpression),
        BinaryExpressionSyntax sum => sum.IsKind(SyntaxKind.AddExpression) && IsMadeOfLiterals(sum.Left) && IsMadeOfLiterals(sum.Right),
        InterpolatedStringExpressionSyntax text => text.Contents.All(part => part is InterpolatedStringTextSyntax),
        _ => false,
    };

    private static Change Whole(ExpressionSyntax expression, string value) => new(expression.SyntaxTree, expression.Span, Quote(value, expression.SyntaxTree.Options));

    /// <summary>The change of what differs; null when it cannot be told apart, or would not give the value.</summary>
    private static Change? Small(LiteralExpressionSyntax literal, string value)
    {
        string old = literal.Token.ValueText;
        int start = 0;
        while (start < old.Length && start < value.Length && old[start] == value[start])
            start++;
        int same = 0;
        while (same < old.Length - start && same < value.Length - start && old[old.Length - 1 - same] == value[value.Length - 1 - same])
            same++;
        // Halves of a character stay together.
        while (start > 0 && char.IsHighSurrogate(old[start - 1]))
            start--;
        while (same > 0 && char.IsLowSurrogate(old[old.Length - same]))
            same--;
        int length = old.Length - same - start;
        if (LiteralMap.Of(literal.Token) is not { } starts)
            return null;
        TextSpan inside = TextSpan.FromBounds(starts[start], starts[start + length]);
        if (Write(value.Substring(start, value.Length - same - start), literal.Token) is not { } text)
            return null;
        string written = literal.Token.Text.Remove(inside.Start, inside.Length).Insert(inside.Start, text);
        return SyntaxFactory.ParseExpression(written, options: literal.SyntaxTree.Options) is LiteralExpressionSyntax { ContainsDiagnostics: false } read
            && read.Token.ValueText == value && read.Span.Length == written.Length
                ? new(literal.SyntaxTree, new TextSpan(literal.SpanStart + inside.Start, inside.Length), text)
                : null;
    }

    /// <summary>Characters as they are written in the literal's form; null when they would not look right in it.</summary>
    private static string? Write(string part, SyntaxToken token)
    {
        switch (token.Kind())
        {
            case SyntaxKind.SingleLineRawStringLiteralToken:
                return part;
            case SyntaxKind.MultiLineRawStringLiteralToken:
                string text = token.Text;
                int last = text.LastIndexOf('\n');
                string lineEnd = last > 0 && text[last - 1] == '\r' ? "\r\n" : "\n";
                string indentation = text.Substring(last + 1).TrimEnd('"');
                return part.Replace("\r\n", "\n").Replace("\n", lineEnd + indentation);
            case SyntaxKind.StringLiteralToken when token.Text.StartsWith("@", StringComparison.Ordinal):
                // A new line would take over the indentation of the code.
                return part.IndexOf('\n') < 0 ? part.Replace("\"", "\"\"") : null;
            default:
                string quoted = SymbolDisplay.FormatLiteral(part, quote: true);
                return new StringBuilder(quoted, 1, quoted.Length - 2, quoted.Length).ToString();
        }
    }
}
