using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Sluice.CodeFixes;

/// <summary>A code fix for problems of flow methods. It changes text, not trees, so that everything it does not mean stays as it was written.</summary>
internal abstract class FlowCodeFix(params string[] ids) : CodeFixProvider
{
    public sealed override ImmutableArray<string> FixableDiagnosticIds { get; } = [.. ids];

    public sealed override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return;
        foreach (Diagnostic diagnostic in context.Diagnostics)
            if (root.FullSpan.Contains(diagnostic.Location.SourceSpan))
                Offer(new Problem(context, diagnostic, root, model));
    }

    /// <summary>Offers what mends the problem; nothing when nothing obvious does.</summary>
    protected abstract void Offer(Problem problem);
}
