using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Sluice.Generators.Parsing;

/// <summary>Finds a program's own entry point by syntax alone, so that asking costs nothing in files that did not change.</summary>
internal static class EntryPoints
{
    public static bool IsOne(SyntaxNode node) => node switch
    {
        CompilationUnitSyntax unit => unit.Members.Any(SyntaxKind.GlobalStatement),
        MethodDeclarationSyntax { Identifier.ValueText: "Main" } method => IsMain(method),
        _ => false,
    };

    private static bool IsMain(MethodDeclarationSyntax method) =>
        method.Modifiers.Any(SyntaxKind.StaticKeyword)
        && method.TypeParameterList is null
        && method.ParameterList.Parameters is [] or [{ Type: ArrayTypeSyntax or NullableTypeSyntax { ElementType: ArrayTypeSyntax } }]
        && Last(method.ReturnType) is "void" or "int" or "Task" or "Int32";

    private static string Last(TypeSyntax type) => type switch
    {
        QualifiedNameSyntax name => name.Right.Identifier.ValueText,
        AliasQualifiedNameSyntax name => name.Name.Identifier.ValueText,
        SimpleNameSyntax name => name.Identifier.ValueText,
        _ => type.ToString(),
    };
}
