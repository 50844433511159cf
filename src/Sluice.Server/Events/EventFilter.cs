using Sluice.Orchestration;

namespace Sluice.Server.Events;

/// <summary>Prefect's <c>EventFilter</c>: all parts must match. Empty lists ask for nothing.</summary>
internal sealed record EventFilter
{
    public required DateTimeOffset Since { get; init; }

    public required DateTimeOffset Until { get; init; }

    public EventNames Names { get; init; } = new();

    public ResourceMatch Resource { get; init; } = new();

    /// <summary>Each is met by one of the event's related resources.</summary>
    public IReadOnlyList<ResourceMatch> Related { get; init; } = [];

    /// <summary>Each is met by the event's resource or one of its related ones.</summary>
    public IReadOnlyList<ResourceMatch> AnyResource { get; init; } = [];

    public IReadOnlyList<Guid> Ids { get; init; } = [];

    public TextSearch? Text { get; init; }

    /// <summary>Only one event for each resource: the first in the order.</summary>
    public bool Distinct { get; init; }

    public bool Ascending { get; init; }

    /// <summary>Whether names, ids and times say all, which the database can answer by itself.</summary>
    public bool IsPlain => Resource.Labels.Count == 0 && Related.Count == 0 && AnyResource.Count == 0 && Text is null && !Distinct;

    public bool Includes(EventCreate candidate) =>
        candidate.Occurred >= Since && candidate.Occurred <= Until
        && Names.Include(candidate.Event)
        && Resource.Matches(candidate.Resource)
        && Related.All(match => match.IsEmpty || candidate.Related.Any(match.Matches))
        && AnyResource.All(match => match.IsEmpty || match.Matches(candidate.Resource) || candidate.Related.Any(match.Matches))
        && (Ids.Count == 0 || Ids.Contains(candidate.Id))
        && (Text is null || Text.Includes(candidate));
}

/// <summary>By the name of the event.</summary>
internal sealed record EventNames
{
    public IReadOnlyList<string> Prefixes { get; init; } = [];

    public IReadOnlyList<string> ExcludePrefixes { get; init; } = [];

    public IReadOnlyList<string> Names { get; init; } = [];

    public IReadOnlyList<string> ExcludeNames { get; init; } = [];

    public bool Include(string name) =>
        (Prefixes.Count == 0 || Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
        && !ExcludePrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))
        && (Names.Count == 0 || Names.Contains(name))
        && !ExcludeNames.Contains(name);
}

/// <summary>By the labels of a resource.</summary>
internal sealed record ResourceMatch
{
    public IReadOnlyList<string> Ids { get; init; } = [];

    public IReadOnlyList<string> IdPrefixes { get; init; } = [];

    public IReadOnlyList<string> Roles { get; init; } = [];

    public IReadOnlyList<(string Id, string Role)> ResourcesInRoles { get; init; } = [];

    /// <summary>For each label the patterns of which one must match its value.</summary>
    public IReadOnlyList<(string Label, IReadOnlyList<string> Patterns)> Labels { get; init; } = [];

    public bool IsEmpty => Ids.Count + IdPrefixes.Count + Roles.Count + ResourcesInRoles.Count + Labels.Count == 0;

    public bool Matches(IReadOnlyDictionary<string, string> resource)
    {
        string id = resource.GetValueOrDefault(ServerEvent.ResourceId, ""), role = resource.GetValueOrDefault(ServerEvent.ResourceRole, "");
        return (Ids.Count == 0 || Ids.Contains(id))
            && (IdPrefixes.Count == 0 || IdPrefixes.Any(prefix => id.StartsWith(prefix, StringComparison.Ordinal)))
            && (Roles.Count == 0 || Roles.Contains(role))
            && (ResourcesInRoles.Count == 0 || ResourcesInRoles.Contains((id, role)))
            && Labels.All(label => resource.TryGetValue(label.Label, out string? value) && label.Patterns.Any(pattern => Fits(pattern, value)));
    }

    /// <summary>A pattern with <c>*</c> and <c>?</c>; a leading <c>!</c> turns it round.</summary>
    internal static bool Fits(string pattern, string value) =>
        pattern.StartsWith('!') ? !Glob(pattern.AsSpan(1), value) : Glob(pattern, value);

    private static bool Glob(ReadOnlySpan<char> pattern, ReadOnlySpan<char> value)
    {
        int p = 0, v = 0, star = -1, mark = 0;
        while (v < value.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = v;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == value[v]))
            {
                p++;
                v++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                v = ++mark;
            }
            else
            {
                return false;
            }
        }
        return pattern[p..].Trim('*').IsEmpty;
    }
}
