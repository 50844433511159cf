using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Sluice.Generators.Analyzers;
using Sluice.Generators.Parsing;

namespace Sluice.CodeFixes;

/// <summary>A reported problem with what stands around its place. Code may be half typed, so that anything may be missing.</summary>
internal sealed class Problem(CodeFixContext context, Diagnostic diagnostic, SyntaxNode root, SemanticModel model)
{
    public Diagnostic Diagnostic { get; } = diagnostic;

    public SyntaxNode Root { get; } = root;

    public SemanticModel Model { get; } = model;

    public CancellationToken Cancellation => context.CancellationToken;

    /// <summary>Where it is reported.</summary>
    public TextSpan Span => Diagnostic.Location.SourceSpan;

    /// <summary>The innermost node of a kind around the place.</summary>
    public T? Around<T>()
        where T : SyntaxNode => Root.FindToken(Span.Start).Parent?.FirstAncestorOrSelf<T>();

    public AttributeSyntax? Attribute => Around<AttributeSyntax>();

    /// <summary>The method as the analyzers look at it.</summary>
    public FlowMethod? Flow =>
        Around<MethodDeclarationSyntax>() is { } method && Model.GetDeclaredSymbol(method, Cancellation) is { } symbol ? FlowMethod.Of(symbol, Cancellation) : null;

    /// <summary>The named text argument at the place, as the compiler read it.</summary>
    public (string Name, string Value)? Text =>
        Around<AttributeArgumentSyntax>()?.NameEquals?.Name.Identifier.ValueText is { } name && Attribute is { } attribute && Flow is { } flow && Read(flow, attribute)?.Text(name) is { } value
            ? (name, value)
            : null;

    /// <summary>What the compiler read of the attribute at the place.</summary>
    public static AttributeData? Read(FlowMethod flow, AttributeSyntax attribute) =>
        flow.Scheduling.Concat(flow.Flow is null ? [] : [flow.Flow]).FirstOrDefault(data =>
            data.ApplicationSyntaxReference is { } written && written.SyntaxTree == attribute.SyntaxTree && written.Span == attribute.Span);

    /// <summary>Offers an action. "Fix all" applies those of the same kind.</summary>
    /// <param name="kind">What it does, the same for all problems that it does it to.</param>
    /// <param name="title">What the IDE shows.</param>
    /// <param name="changes">What it changes; nothing is offered for none, or when one of the files is not the user's to edit.</param>
    public void Offer(string kind, string title, params Change?[] changes)
    {
        Solution solution = context.Document.Project.Solution;
        if (changes.Length == 0 || changes.Any(change => change is null || solution.GetDocument(change.Tree) is null or SourceGeneratedDocument))
            return;
        context.RegisterCodeFix(CodeAction.Create(title, cancellation => ApplyAsync(solution, changes!, cancellation), kind), Diagnostic);
    }

    /// <summary>Offers another value for the text argument at the place.</summary>
    public void OfferText(string kind, string value, Func<string?, string>? title = null)
    {
        if (Around<AttributeArgumentSyntax>() is { } argument && StringEdit.Set(argument.Expression, value, Model, Cancellation) is { } edit)
            Offer(kind, title?.Invoke(edit.Constant) ?? Titles.Change(value, edit.Constant), edit.Change);
    }

    private static async Task<Solution> ApplyAsync(Solution solution, Change[] changes, CancellationToken cancellation)
    {
        foreach (IGrouping<SyntaxTree, Change> file in changes.GroupBy(change => change.Tree))
        {
            Document document = solution.GetDocument(file.Key)!;
            SourceText text = await document.GetTextAsync(cancellation).ConfigureAwait(false);
            solution = solution.WithDocumentText(document.Id, text.WithChanges(file.OrderBy(change => change.Span.Start).Select(change => new TextChange(change.Span, change.Text))));
        }
        return solution;
    }
}
