using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers.Flows;

namespace Sluice.CodeFixes;

/// <summary>Puts [Flow] above the first attribute of a method that has a deployment but no flow (SLC0101).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AddFlowCodeFix))]
[Shared]
internal sealed class AddFlowCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [DeploymentWithoutFlowAnalyzer.Rule.Id];

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span).FirstAncestorOrSelf<MethodDeclarationSyntax>() is not { } method)
            return;
        // Written as the attribute that asks for it is: with its namespace, where that has one.
        AttributeSyntax? asking = root.FindNode(context.Span).FirstAncestorOrSelf<AttributeSyntax>();
        string name = asking is null ? "Flow" : AttributeEdit.NameLike(asking, "Deployment", "Flow") ?? AttributeEdit.NameLike(asking, "Schedule", "Flow") ?? "Flow";
        context.RegisterCodeFix(CodeAction.Create("Add [Flow]", _ => Task.FromResult(Fix(context.Document, root, method, name)), nameof(AddFlowCodeFix)), context.Diagnostics);
    }

    private static Document Fix(Document document, SyntaxNode root, MethodDeclarationSyntax method, string name)
    {
        // The new list takes the comments above the first one, and its indentation.
        AttributeListSyntax first = method.AttributeLists[0];
        SyntaxTriviaList leading = first.GetLeadingTrivia();
        var indentation = leading.Count > 0 && leading.Last().IsKind(SyntaxKind.WhitespaceTrivia) ? SyntaxFactory.TriviaList(leading.Last()) : default;
        SyntaxTrivia lineEnd = root.DescendantTrivia().FirstOrDefault(trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia));
        AttributeListSyntax flow = SyntaxFactory.AttributeList([SyntaxFactory.Attribute(SyntaxFactory.ParseName(name))])
            .WithLeadingTrivia(leading)
            .WithTrailingTrivia(lineEnd.IsKind(SyntaxKind.EndOfLineTrivia) ? lineEnd : SyntaxFactory.LineFeed);
        MethodDeclarationSyntax fixedMethod = method.WithAttributeLists(
            method.AttributeLists.Replace(first, first.WithLeadingTrivia(indentation)).Insert(0, flow));
        return document.WithSyntaxRoot(root.ReplaceNode(method, fixedMethod));
    }
}
