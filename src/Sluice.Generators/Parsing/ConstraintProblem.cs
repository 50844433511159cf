using Microsoft.CodeAnalysis;

namespace Sluice.Generators.Parsing;

/// <summary>An attribute that cannot constrain what it stands on.</summary>
/// <param name="Rule">The rule that it breaks.</param>
/// <param name="Attribute">The attribute; null where the value itself is the problem.</param>
/// <param name="Owner">The parameter or property.</param>
/// <param name="Path">From the flow's parameter to there.</param>
/// <param name="Offset">Where in the attribute's text the problem is; -1 for the whole attribute.</param>
internal sealed record ConstraintProblem(ConstraintRule Rule, AttributeData? Attribute, ISymbol Owner, string Path, string Message, int Offset = -1, int Length = 0);

/// <summary>The rules of constraints, each of which has an analyzer.</summary>
internal enum ConstraintRule
{
    /// <summary>A regular expression is none, or not portable.</summary>
    Pattern,

    /// <summary>An attribute stands on a type that it says nothing about.</summary>
    WrongType,

    /// <summary>No value can satisfy the attribute.</summary>
    Impossible,

    /// <summary>A default does not satisfy the constraints.</summary>
    Default,

    /// <summary>An attribute that a schema cannot express.</summary>
    Unchecked,
}
