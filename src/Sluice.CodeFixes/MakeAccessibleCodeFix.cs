using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Sluice.Generators.Analyzers.Flows;

namespace Sluice.CodeFixes;

/// <summary>Makes a flow, and the types around it, internal where generated code cannot reach them (SLC0103).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MakeAccessibleCodeFix))]
[Shared]
internal sealed class MakeAccessibleCodeFix() : FlowCodeFix(UnreachableFlowAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (problem.Flow?.Symbol is not { MethodKind: MethodKind.Ordinary, IsGenericMethod: false, IsAbstract: false } method)
            return;
        var hidden = new List<ISymbol>();
        for (ISymbol symbol = method; symbol is not null; symbol = symbol.ContainingType)
        {
            // A type with type parameters would stay out of reach.
            if (symbol is INamedTypeSymbol { IsGenericType: true })
                return;
            if (symbol.DeclaredAccessibility is Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal || symbol is INamedTypeSymbol { IsFileLocal: true })
                hidden.Add(symbol);
        }
        problem.Offer("Make internal", $"Make {string.Join(" and ", hidden.Select(symbol => symbol.Name))} internal", [.. hidden.SelectMany(symbol => Changes(symbol, problem.Cancellation))]);
    }

    /// <summary>Of a partial declaration all parts that say who sees it have to say the same; where none does, the first one has to.</summary>
    private static IEnumerable<Change> Changes(ISymbol symbol, CancellationToken cancellation)
    {
        MemberDeclarationSyntax[] parts = [.. symbol.DeclaringSyntaxReferences.Select(part => part.GetSyntax(cancellation)).OfType<MemberDeclarationSyntax>()];
        MemberDeclarationSyntax[] saying = [.. parts.Where(part => part.Modifiers.Any(IsAccess))];
        return saying.Length > 0 ? saying.SelectMany(Replace) : parts.Take(1).Select(Insert);
    }

    private static IEnumerable<Change> Replace(MemberDeclarationSyntax part)
    {
        SyntaxToken[] access = [.. part.Modifiers.Where(IsAccess)];
        yield return new(part.SyntaxTree, access[0].Span, "internal");
        foreach (SyntaxToken further in access.Skip(1))
            yield return new(part.SyntaxTree, TextSpan.FromBounds(further.SpanStart, further.GetNextToken().SpanStart), "");
    }

    private static Change Insert(MemberDeclarationSyntax part)
    {
        SyntaxToken first = part.AttributeLists.Count > 0 ? part.AttributeLists.Last().GetLastToken().GetNextToken() : part.GetFirstToken();
        return new(part.SyntaxTree, new TextSpan(first.SpanStart, 0), "internal ");
    }

    private static bool IsAccess(SyntaxToken modifier) =>
        modifier.Kind() is SyntaxKind.PrivateKeyword or SyntaxKind.ProtectedKeyword or SyntaxKind.InternalKeyword or SyntaxKind.PublicKeyword or SyntaxKind.FileKeyword;
}
