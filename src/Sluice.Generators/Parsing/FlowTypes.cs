using Microsoft.CodeAnalysis;
using Sluice.Generators.Model;

namespace Sluice.Generators.Parsing;

/// <summary>
/// The types of one flow's parameters, or of its result: what <see cref="TypeWalks"/> knows of each, in one table. Only where two of them contain
/// different types of one name are they walked together, so that each gets a name of its own.
/// </summary>
/// <param name="assembly">The assembly that generated code will be part of.</param>
/// <param name="forInput">Whether values are read, so that objects must be constructible and what cannot be set does not count.</param>
internal sealed class FlowTypes(IAssemblySymbol assembly, bool forInput, CancellationToken cancellation)
{
    private readonly TypeWalks _walks = TypeWalks.Of(assembly);
    private TypeTable _table = TypeTable.Empty;
    private List<TypeProblem>? _problems;
    private List<ConstraintProblem>? _constraintProblems;
    private List<(ITypeSymbol Type, bool Nullable)>? _asked;
    private TypeParser? _together;

    /// <summary>What cannot be supported, found so far. Types that do not exist are not among it: the compiler reports those.</summary>
    public IReadOnlyList<TypeProblem> Problems => _problems ?? (IReadOnlyList<TypeProblem>)[];

    /// <summary>What is wrong with the constraints of members, found so far.</summary>
    public IReadOnlyList<ConstraintProblem> ConstraintProblems => _constraintProblems ?? (IReadOnlyList<ConstraintProblem>)[];

    public TypeTable Table() => _together?.Table() ?? _table;

    /// <summary>The type's node; null when it is unsupported, with the problem noted.</summary>
    /// <param name="type">The type.</param>
    /// <param name="path">The parameter's name, or what the problems' paths shall begin with.</param>
    /// <param name="nullable">Whether null is allowed though the type does not say so, as for a parameter whose default is null.</param>
    public TypeNode? Parse(ITypeSymbol type, string path, bool nullable = false)
    {
        TypeWalk walk = _walks.Walk(type, forInput, nullable, cancellation);
        foreach (TypeProblem problem in walk.Problems)
            (_problems ??= []).Add(problem with { Path = path + problem.Path });
        foreach (ConstraintProblem problem in walk.ConstraintProblems)
            (_constraintProblems ??= []).Add(problem with { Path = path + problem.Path });
        if (ReferenceEquals(walk.Table, TypeTable.Empty))
            return walk.Type;
        (_asked ??= []).Add((type, nullable));
        if (_together is not null)
            return _together.Parse(type, path, nullable);
        if (TryAdd(walk.Table))
            return walk.Type;

        // Those before keep the names they have, since whoever comes first takes the plain one.
        _together = new(assembly, forInput, cancellation);
        TypeNode? last = null;
        foreach (var (again, itsNullable) in _asked)
            last = _together.Parse(again, path, itsNullable);
        return last;
    }

    /// <summary>Adds what is not there yet; false when a name would mean two types, or a type have two names.</summary>
    private bool TryAdd(TypeTable more)
    {
        if (ReferenceEquals(_table, TypeTable.Empty) || ReferenceEquals(_table, more))
        {
            _table = more;
            return true;
        }
        var known = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);
        var types = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, type, definition) in Definitions(_table))
        {
            known.Add(name, definition);
            types.Add(type);
        }
        foreach (var (name, type, definition) in Definitions(more))
            if (known.TryGetValue(name, out object? other) ? !definition.Equals(other) : types.Contains(type))
                return false;
        _table = new(
            _table.Enums.Concat(more.Enums.Where(definition => !known.ContainsKey(definition.Name))).ToEquatable(),
            _table.Objects.Concat(more.Objects.Where(definition => !known.ContainsKey(definition.Name))).ToEquatable(),
            _table.Unions.Concat(more.Unions.Where(definition => !known.ContainsKey(definition.Name))).ToEquatable(),
            _table.Converters.Concat(more.Converters.Where(definition => !known.ContainsKey(definition.Name))).ToEquatable());
        return true;
    }

    private static IEnumerable<(string Name, string Type, object Definition)> Definitions(TypeTable table)
    {
        foreach (EnumDefinition definition in table.Enums)
            yield return (definition.Name, definition.CSharp, definition);
        foreach (ObjectDefinition definition in table.Objects)
            yield return (definition.Name, $"{definition.CSharp} {definition.DiscriminatorValue}", definition);
        foreach (UnionDefinition definition in table.Unions)
            yield return (definition.Name, $"{definition.CSharp} or derived", definition);
        foreach (ConverterDefinition definition in table.Converters)
            yield return (definition.Name, $"{definition.CSharp} by {definition.Converter}", definition);
    }
}
