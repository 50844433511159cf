using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Sluice.Generators.Analyzers;

/// <summary>
/// The local functions of a source file that carry attributes: looked for once for all analyzers. Asked of the compiler by each analyzer, it would show every node of
/// the file to each, to find what next to no file has.
/// </summary>
internal static class MarkedLocalFunctions
{
    private static readonly ConditionalWeakTable<SyntaxTree, LocalFunctionStatementSyntax[]> _known = new();

    public static LocalFunctionStatementSyntax[] Of(SyntaxTree tree, CancellationToken cancellation)
    {
        if (_known.TryGetValue(tree, out LocalFunctionStatementSyntax[]? known))
            return known;
        LocalFunctionStatementSyntax[] found =
        [
            .. tree.GetRoot(cancellation).DescendantNodes(static node => node is not (AttributeListSyntax or ParameterListSyntax or TypeSyntax))
                .OfType<LocalFunctionStatementSyntax>().Where(static function => function.AttributeLists.Count > 0),
        ];
        return _known.GetValue(tree, _ => found);
    }
}
