using Microsoft.CodeAnalysis;

namespace Sluice.Generators.Parsing;

/// <summary>Why a type cannot be a parameter or result.</summary>
/// <param name="Path">From the parameter to the member, as <c>order.lines[].price</c>.</param>
/// <param name="Message">The type and the reason.</param>
/// <param name="Place">The type of the innermost member on the path that has source; null when it is the parameter's or result's own.</param>
/// <param name="Rule">The rule that is broken.</param>
internal sealed record TypeProblem(string Path, string Message, Location? Place, TypeRule Rule = TypeRule.Supported);

/// <summary>The rules for types, each with an analyzer of its own.</summary>
internal enum TypeRule
{
    /// <summary>JSON has one clear form for the type.</summary>
    Supported,

    /// <summary>Names in JSON are distinct.</summary>
    DistinctNames,

    /// <summary>What a converter takes is declared.</summary>
    DeclaredSchema,
}
