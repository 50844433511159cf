using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Sluice.Generators.Parsing;

/// <summary>
/// Takes XML docs from the source itself: compilations that write no documentation file see them as plain comments, so that symbols know
/// nothing of them. Only the text is taken here; <see cref="Emitting.XmlDocs"/> reads it when something is emitted.
/// </summary>
internal static class RawDocs
{
    public static string? Of(ISymbol symbol, CancellationToken cancellation)
    {
        foreach (SyntaxReference reference in symbol.DeclaringSyntaxReferences)
            if (Of(reference.GetSyntax(cancellation)) is { } docs)
                return docs.Contains("<inheritdoc") ? Inherited(symbol) is { } other ? Of(other, cancellation) : null : docs;
        return null;
    }

    /// <summary>What a symbol takes its docs from: the member it overrides or implements, the base type, an interface.</summary>
    private static ISymbol? Inherited(ISymbol symbol) => symbol switch
    {
        IPropertySymbol { OverriddenProperty: { } overridden } => overridden,
        INamedTypeSymbol { BaseType: { SpecialType: SpecialType.None } parent, TypeKind: TypeKind.Class } => parent,
        INamedTypeSymbol type => type.Interfaces.FirstOrDefault(),
        _ => symbol.ContainingType?.AllInterfaces.SelectMany(face => face.GetMembers(symbol.Name)).FirstOrDefault(),
    };

    public static string? Of(SyntaxNode node)
    {
        StringBuilder? docs = null;
        foreach (SyntaxTrivia trivia in node.GetLeadingTrivia())
        {
            if (trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineDocumentationCommentTrivia))
            {
                (docs ??= new()).Append(trivia.ToFullString());
            }
            else if (trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia))
            {
                string text = trivia.ToString();
                if ((text.StartsWith("///", StringComparison.Ordinal) && !text.StartsWith("////", StringComparison.Ordinal))
                    || (text.StartsWith("/**", StringComparison.Ordinal) && text.Length > 4))
                    (docs ??= new()).Append(text).Append('\n');
            }
        }
        return docs?.ToString();
    }
}
