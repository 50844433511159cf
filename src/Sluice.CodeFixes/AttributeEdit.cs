using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Sluice.CodeFixes;

/// <summary>Adds and removes attributes and their arguments, in the way that the list is laid out.</summary>
internal static class AttributeEdit
{
    /// <summary>The named argument; without a name the first positional one.</summary>
    public static AttributeArgumentSyntax? Argument(this AttributeSyntax attribute, string? name = null) =>
        attribute.ArgumentList?.Arguments.FirstOrDefault(argument => name is null ? argument.NameEquals is null : argument.NameEquals?.Name.Identifier.ValueText == name);

    /// <summary>Adds a named argument after the others.</summary>
    /// <param name="attribute">The attribute.</param>
    /// <param name="name">The argument's name.</param>
    /// <param name="value">Its value as source.</param>
    public static Change Add(AttributeSyntax attribute, string name, string value)
    {
        string argument = $"{name} = {value}";
        if (attribute.ArgumentList is not { } list)
            return Insert(attribute, attribute.Name.Span.End, $"({argument})");
        if (list.Arguments.Count == 0)
            return Insert(attribute, list.OpenParenToken.Span.End, argument);
        // One argument a line stays one argument a line.
        SyntaxToken comma = list.Arguments.GetSeparators().LastOrDefault();
        string gap = list.Arguments.SeparatorCount == list.Arguments.Count - 1 && list.Arguments.Count > 1
            ? Text(attribute, TextSpan.FromBounds(comma.Span.End, list.Arguments[list.Arguments.Count - 1].SpanStart))
            : " ";
        return Insert(attribute, list.Arguments[list.Arguments.Count - 1].Span.End, "," + (string.IsNullOrWhiteSpace(gap) && gap.Length > 0 ? gap : " ") + argument);
    }

    /// <summary>Adds the first positional argument.</summary>
    public static Change AddFirst(AttributeSyntax attribute, string value) => attribute.ArgumentList switch
    {
        null => Insert(attribute, attribute.Name.Span.End, $"({value})"),
        { Arguments.Count: 0 } list => Insert(attribute, list.OpenParenToken.Span.End, value),
        var list => Insert(attribute, list.Arguments[0].SpanStart, value + ", "),
    };

    /// <summary>Removes arguments with their commas, and the parentheses when nothing is left in them.</summary>
    public static Change[] Remove(AttributeSyntax attribute, params AttributeArgumentSyntax[] unwanted)
    {
        AttributeArgumentListSyntax list = attribute.ArgumentList!;
        return unwanted.Length == list.Arguments.Count ? [new(attribute.SyntaxTree, list.Span, "")] : Remove(list.Arguments, unwanted);
    }

    /// <summary>Removes some, not all, of a list with their commas.</summary>
    public static Change[] Remove<T>(SeparatedSyntaxList<T> list, IReadOnlyCollection<T> unwanted)
        where T : SyntaxNode
    {
        int kept = list.IndexOf(node => !unwanted.Contains(node));
        // What stands before the first that is kept goes with the comma after it, the rest with the comma before it.
        return [.. unwanted.Select(node => (Node: node, At: list.IndexOf(node))).Select(pair => new Change(
            pair.Node.SyntaxTree,
            pair.At < kept ? TextSpan.FromBounds(pair.Node.SpanStart, list[pair.At + 1].SpanStart) : TextSpan.FromBounds(list[pair.At - 1].Span.End, pair.Node.Span.End),
            ""))];
    }

    /// <summary>Removes an attribute, and its brackets and line when nothing is left in them.</summary>
    public static Change Remove(AttributeSyntax attribute)
    {
        var list = (AttributeListSyntax)attribute.Parent!;
        int at = list.Attributes.IndexOf(attribute);
        if (at > 0)
            return new(attribute.SyntaxTree, TextSpan.FromBounds(list.Attributes[at - 1].Span.End, attribute.Span.End), "");
        if (list.Attributes.Count > 1)
            return new(attribute.SyntaxTree, TextSpan.FromBounds(attribute.SpanStart, list.Attributes[1].SpanStart), "");
        SourceText text = attribute.SyntaxTree.GetText();
        int end = SkipBlanks(text, list.Span.End);
        if (end < text.Length && text[end] is '\r' or '\n')
            end = SkipBlanks(text, text.Lines.GetLineFromPosition(end).EndIncludingLineBreak);
        return new(attribute.SyntaxTree, TextSpan.FromBounds(list.SpanStart, end), "");
    }

    /// <summary>Puts an attribute on a line of its own after another one's.</summary>
    public static Change After(AttributeSyntax attribute, string added)
    {
        var list = (AttributeListSyntax)attribute.Parent!;
        SourceText text = attribute.SyntaxTree.GetText();
        TextLine line = text.Lines.GetLineFromPosition(list.SpanStart);
        int indentation = SkipBlanks(text, line.Start) - line.Start;
        int lineBreak = line.EndIncludingLineBreak - line.End;
        string lineEnd = lineBreak == 0 ? "\n" : text.ToString(new TextSpan(line.End, lineBreak));
        return Insert(attribute, list.Span.End, lineEnd + text.ToString(new TextSpan(line.Start, indentation)) + $"[{added}]");
    }

    /// <summary>The name of another of our attributes, written as this one's is; null where an alias hides how.</summary>
    public static string? NameLike(AttributeSyntax attribute, string own, string other)
    {
        string written = attribute.Name.ToString();
        int at = written.LastIndexOf(own, StringComparison.Ordinal);
        string suffix = at < 0 ? "" : written.Substring(at + own.Length);
        return at >= 0 && suffix is "" or "Attribute" && (at == 0 || written[at - 1] is '.' or ':') ? written.Substring(0, at) + other + suffix : null;
    }

    private static int SkipBlanks(SourceText text, int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t')
            at++;
        return at;
    }

    private static Change Insert(AttributeSyntax attribute, int at, string text) => new(attribute.SyntaxTree, new TextSpan(at, 0), text);

    private static string Text(SyntaxNode node, TextSpan span) => node.SyntaxTree.GetText().ToString(span);
}
