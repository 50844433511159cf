using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Sluice.Generators.Model;

namespace Sluice.Generators.Parsing;

/// <summary>
/// What was found out about types in one compilation, so that a type that a thousand flows share is walked once, and not for each of them
/// after each keystroke. It lives and dies with the compilation's assembly symbol: an edit makes another one, hence nothing is ever out of date.
/// </summary>
internal sealed class TypeWalks
{
    // Keyed weakly: not state, but a memory of what the symbols say, which anyone could ask them again.
    private static readonly ConditionalWeakTable<IAssemblySymbol, TypeWalks> PerCompilation = new();

    private readonly IAssemblySymbol _assembly;

    // For input or not, and with null allowed or not. Annotations of type arguments count: List<string?> is not List<string>.
    private readonly ConcurrentDictionary<ITypeSymbol, TypeWalk>[] _walks =
        [.. Enumerable.Range(0, 4).Select(_ => new ConcurrentDictionary<ITypeSymbol, TypeWalk>(SymbolEqualityComparer.IncludeNullability))];

    private readonly ConcurrentDictionary<ITypeSymbol, string> _names = new(SymbolEqualityComparer.Default);
    private int _walked;

    private TypeWalks(IAssemblySymbol assembly)
    {
        _assembly = assembly;
        foreach (string name in new[] { "System", "Sluice" })
            if (!assembly.GlobalNamespace.GetTypeMembers(name).IsEmpty)
                Hidden = name;
    }

    /// <summary>The namespace that a type of the user's own hides, so that generated code cannot say <c>global::System</c> or <c>global::Sluice</c>.</summary>
    public string? Hidden { get; }

    /// <summary>How many types were walked; what was remembered does not count.</summary>
    public int Walked => _walked;

    /// <summary>Those of the compilation that an assembly is compiled in.</summary>
    public static TypeWalks Of(IAssemblySymbol assembly) => PerCompilation.GetValue(assembly, static assembly => new(assembly));

    /// <summary>The type with all that it contains.</summary>
    /// <param name="type">The type.</param>
    /// <param name="forInput">Whether values are read.</param>
    /// <param name="nullable">Whether null is allowed though the type does not say so.</param>
    /// <param name="cancellation">Stops the walk, of which nothing is then remembered.</param>
    public TypeWalk Walk(ITypeSymbol type, bool forInput, bool nullable, CancellationToken cancellation)
    {
        ConcurrentDictionary<ITypeSymbol, TypeWalk> walks = _walks[(forInput ? 1 : 0) + (nullable ? 2 : 0)];
        if (walks.TryGetValue(type, out TypeWalk? known))
            return known;
        Interlocked.Increment(ref _walked);
        var parser = new TypeParser(_assembly, forInput, cancellation);
        TypeNode? node = parser.Parse(type, "", nullable);
        return walks.GetOrAdd(type, new TypeWalk(node, parser.Table(), parser.Problems, parser.ConstraintProblems));
    }

    /// <summary>The type's name in C#, <c>global::</c>.</summary>
    public string Name(ITypeSymbol type) =>
        _names.TryGetValue(type, out string? name) ? name : _names.GetOrAdd(type, type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat));
}

/// <summary>A type by itself.</summary>
/// <param name="Type">Its node; null when it is not supported.</param>
/// <param name="Table">What the node's names mean.</param>
/// <param name="Problems">What is not supported, with paths that begin at the type.</param>
/// <param name="ConstraintProblems">What is wrong with its members' constraints, with such paths, too.</param>
internal sealed record TypeWalk(TypeNode? Type, TypeTable Table, IReadOnlyList<TypeProblem> Problems, IReadOnlyList<ConstraintProblem> ConstraintProblems);
