namespace Sluice.Generators.Model;

/// <summary>A generic collection type: one row of <see cref="Collections"/>.</summary>
/// <param name="Space">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Create">
/// C# that makes it of the <c>List&lt;T&gt;</c> or <c>Dictionary&lt;K, V&gt;</c> that was read (<c>{1}</c>; <c>{0}</c> are the type arguments);
/// null where that fits as it is.
/// </param>
/// <param name="IsUnique">Whether it holds each item once.</param>
/// <param name="IsSorted">Whether its items or keys must be comparable. Texts are then compared by code unit, whatever the culture.</param>
/// <param name="IsReversed">Whether it gives its items back last first.</param>
internal sealed record Collection(
    string Space, string Name, string? Create = null, bool IsUnique = false, bool IsSorted = false, bool IsReversed = false, bool IsValueType = false)
{
    public string CSharp(string arguments) => $"global::{Space}.{Name}<{arguments}>";

    /// <summary>An expression that makes it.</summary>
    /// <param name="items">What was read.</param>
    /// <param name="arguments">The type arguments.</param>
    /// <param name="isText">Whether items or keys are strings.</param>
    public string Made(string items, string arguments, bool isText)
    {
        if (Create is null)
            return items;
        string made = Create.Replace("{0}", arguments).Replace("{1}", items);
        return IsSorted && isText ? made.Substring(0, made.Length - 1) + ", global::System.StringComparer.Ordinal)" : made;
    }
}

/// <summary>The collection types that parameters and results may have.</summary>
internal static class Collections
{
    private const string Generic = "System.Collections.Generic";
    private const string Immutable = "System.Collections.Immutable";
    private const string Frozen = "System.Collections.Frozen";
    private const string Model = "System.Collections.ObjectModel";

    /// <summary>An array, which is no generic type.</summary>
    public static readonly Collection Array = new("", "", "{1}.ToArray()");

    private static readonly Dictionary<string, Collection> Lists = ByName(
        new(Generic, "IEnumerable"), new(Generic, "ICollection"), new(Generic, "IList"), new(Generic, "IReadOnlyCollection"), new(Generic, "IReadOnlyList"),
        new(Generic, "List"),
        new(Generic, "ISet", New("HashSet"), IsUnique: true),
        new(Generic, "IReadOnlySet", New("HashSet"), IsUnique: true),
        new(Generic, "HashSet", New("HashSet"), IsUnique: true),
        new(Generic, "SortedSet", New("SortedSet"), IsUnique: true, IsSorted: true),
        new(Generic, "LinkedList", New("LinkedList")),
        new(Generic, "Queue", New("Queue")),
        new(Generic, "Stack", New("Stack"), IsReversed: true),
        new(Model, "Collection", New("Collection", Model)),
        new(Model, "ReadOnlyCollection", New("ReadOnlyCollection", Model)),
        new(Model, "ObservableCollection", New("ObservableCollection", Model)),
        new(Immutable, "ImmutableArray", Range("ImmutableArray"), IsValueType: true),
        new(Immutable, "ImmutableList", Range("ImmutableList")),
        new(Immutable, "IImmutableList", Range("ImmutableList")),
        new(Immutable, "ImmutableHashSet", Range("ImmutableHashSet"), IsUnique: true),
        new(Immutable, "IImmutableSet", Range("ImmutableHashSet"), IsUnique: true),
        new(Immutable, "ImmutableSortedSet", "global::System.Collections.Immutable.ImmutableSortedSet.ToImmutableSortedSet<{0}>({1})", IsUnique: true, IsSorted: true),
        new(Immutable, "ImmutableQueue", Range("ImmutableQueue")),
        new(Immutable, "IImmutableQueue", Range("ImmutableQueue")),
        new(Immutable, "ImmutableStack", Range("ImmutableStack"), IsReversed: true),
        new(Immutable, "IImmutableStack", Range("ImmutableStack"), IsReversed: true),
        new(Frozen, "FrozenSet", "global::System.Collections.Frozen.FrozenSet.ToFrozenSet<{0}>({1})", IsUnique: true));

    private static readonly Dictionary<string, Collection> Dictionaries = ByName(
        new(Generic, "Dictionary"), new(Generic, "IDictionary"), new(Generic, "IReadOnlyDictionary"),
        new(Generic, "SortedDictionary", New("SortedDictionary"), IsSorted: true),
        new(Generic, "SortedList", New("SortedList"), IsSorted: true),
        new(Generic, "OrderedDictionary", New("OrderedDictionary")),
        new(Model, "ReadOnlyDictionary", New("ReadOnlyDictionary", Model)),
        new(Immutable, "ImmutableDictionary", Range("ImmutableDictionary")),
        new(Immutable, "IImmutableDictionary", Range("ImmutableDictionary")),
        new(Immutable, "ImmutableSortedDictionary", "global::System.Collections.Immutable.ImmutableSortedDictionary.ToImmutableSortedDictionary<{0}>({1})", IsSorted: true),
        new(Frozen, "FrozenDictionary", "global::System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary<{0}>({1})"));

    /// <summary>The row of a generic type with this name, if any; its namespace is yet to be compared.</summary>
    public static Collection? Find(string name, int arity) =>
        (arity == 1 ? Lists : arity == 2 ? Dictionaries : null)?.TryGetValue(name, out Collection? row) == true ? row : null;

    private static string New(string name, string space = Generic) => $"new global::{space}.{name}<{{0}}>({{1}})";

    private static string Range(string name) => $"global::{Immutable}.{name}.CreateRange<{{0}}>({{1}})";

    private static Dictionary<string, Collection> ByName(params Collection[] rows) => rows.ToDictionary(row => row.Name, StringComparer.Ordinal);
}
