namespace Sluice.Schemas.Jinja;

/// <summary>What a name or a member that nobody gave stands for: nothing, as text, as list and as condition.</summary>
internal sealed record JinjaUndefined(string Name);

/// <summary>A list, or a tuple, which only looks different.</summary>
internal sealed class JinjaList(IEnumerable<object?> items) : List<object?>(items)
{
    public bool IsTuple { get; init; }
}

/// <summary>A mapping in the order of its keys.</summary>
internal sealed class JinjaMap : OrderedDictionary<string, object?>
{
    public bool IsNamespace { get; init; }
}

/// <summary>A function that a template may call.</summary>
internal sealed record JinjaFunction(Func<List<object?>, int, object?> Call);

/// <summary>A function of Jinja's own, by name.</summary>
internal sealed record JinjaGlobal(string Name);

/// <summary>What a call, a filter or a test was given.</summary>
internal sealed record JinjaGiven(List<object?> Values, Dictionary<string, object?> Named, JinjaBudget Budget, int Line)
{
    /// <summary>By place or by name.</summary>
    public object? Get(int place, string name, object? absent = null) =>
        place < Values.Count ? Values[place] : Named.TryGetValue(name, out object? value) ? value : absent;

    public bool Has(int place, string name) => place < Values.Count || Named.ContainsKey(name);

    public long Integer(int place, string name, long absent) => Get(place, name, absent) switch
    {
        long number => number,
        bool flag => flag ? 1 : 0,
        var other => throw new JinjaException(Line, $"{name} must be an integer, not {JinjaValues.Kind(other)}"),
    };

    public string Text(int place, string name, string absent) => Has(place, name) ? JinjaValues.Text(Get(place, name), Budget, Line) : absent;

    public bool Flag(int place, string name, bool absent) => Has(place, name) ? JinjaValues.Truth(Get(place, name)) : absent;
}
