using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Sluice.Generators.Parsing;

/// <summary>
/// Finds a program's own entry point through the compilation's table of declarations: a syntax provider would visit each node of an edited file.
/// </summary>
internal static class EntryPoints
{
    public static bool HasOne(Compilation compilation, CancellationToken cancellation)
    {
        foreach (SyntaxTree tree in compilation.SyntaxTrees)
            if (tree.GetRoot(cancellation) is CompilationUnitSyntax unit && unit.Members.Any(SyntaxKind.GlobalStatement))
                return true;
        return compilation.ContainsSymbolsWithName("Main", SymbolFilter.Member, cancellation)
            && compilation.GetSymbolsWithName("Main", SymbolFilter.Member, cancellation).Any(IsOne);
    }

    private static bool IsOne(ISymbol symbol) =>
        symbol is IMethodSymbol { IsStatic: true, IsGenericMethod: false, Parameters: [] or [{ Type: IArrayTypeSymbol }] } method
        && (method.ReturnsVoid || method.ReturnType.SpecialType == SpecialType.System_Int32 || method.ReturnType.Name == "Task");
}
