using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Clients;
using Sluice.Generators.Model;

namespace Sluice.Generators.Parsing;

/// <summary>Where a project's clients stand.</summary>
/// <param name="Namespace">The root namespace, escaped.</param>
/// <param name="Taken">What stands in their class already: clients that <c>sluice client generate</c> wrote.</param>
internal sealed record ClientPlace(string Namespace, EquatableArray<string> Taken)
{
    /// <summary>The place; null where the project has something else with the clients' name, or lacks what they call.</summary>
    public static ClientPlace? Find(Compilation compilation, string rootNamespace, CancellationToken cancellation)
    {
        if (compilation.GetTypeByMetadataName("Sluice.Runtime.DeploymentRuns") is null)
            return null;
        INamespaceSymbol? space = compilation.Assembly.GlobalNamespace;
        foreach (string part in rootNamespace.Split('.'))
            if (part.Length > 0)
                space = space?.GetMembers(part.TrimStart('@')).OfType<INamespaceSymbol>().FirstOrDefault();
        INamespaceOrTypeSymbol[] own = space?.GetMembers(ClientEmitter.ClassName).ToArray() ?? [];
        if (own.Length == 0)
            return new(rootNamespace, EquatableArray<string>.Empty);
        return own is [INamedTypeSymbol { IsStatic: true, Arity: 0, DeclaredAccessibility: Accessibility.Internal } type] && IsPartial(type, cancellation)
            ? new(rootNamespace, type.GetMembers().Select(member => member.Name).ToEquatable())
            : null;
    }

    private static bool IsPartial(INamedTypeSymbol type, CancellationToken cancellation) =>
        type.DeclaringSyntaxReferences.All(reference => reference.GetSyntax(cancellation) is ClassDeclarationSyntax declaration && declaration.Modifiers.Any(SyntaxKind.PartialKeyword));
}
