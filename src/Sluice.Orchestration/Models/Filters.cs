using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>Matches ids.</summary>
/// <remarks>The filters serve many fields, and Prefect takes for each field some of their members only; it refuses the others (422).</remarks>
public sealed record IdFilter
{
    /// <summary>One of these.</summary>
    [JsonPropertyName("any_")] public IReadOnlyList<Guid>? Any { get; init; }

    /// <summary>None of these.</summary>
    [JsonPropertyName("not_any_")] public IReadOnlyList<Guid>? NotAny { get; init; }

    /// <summary>Has none (true) or has one (false).</summary>
    [JsonPropertyName("is_null_")] public bool? IsNull { get; init; }
}

/// <summary>Matches names.</summary>
/// <remarks>As with <see cref="IdFilter"/>, Prefect takes for each field some members only: <see cref="Any"/> almost everywhere, <see cref="Like"/> for names.</remarks>
public sealed record NameFilter
{
    /// <summary>One of these.</summary>
    [JsonPropertyName("any_")] public IReadOnlyList<string>? Any { get; init; }

    /// <summary>None of these.</summary>
    [JsonPropertyName("not_any_")] public IReadOnlyList<string>? NotAny { get; init; }

    /// <summary>Contains this, without regard to case.</summary>
    [JsonPropertyName("like_")] public string? Like { get; init; }

    /// <summary>Has none (true) or has one (false).</summary>
    [JsonPropertyName("is_null_")] public bool? IsNull { get; init; }
}

/// <summary>Matches tags.</summary>
public sealed record TagsFilter
{
    /// <summary>How the parts are joined; all must match when absent.</summary>
    public FilterOperator? Operator { get; init; }

    /// <summary>Has all of these.</summary>
    [JsonPropertyName("all_")] public IReadOnlyList<string>? All { get; init; }

    /// <summary>Has one of these.</summary>
    [JsonPropertyName("any_")] public IReadOnlyList<string>? Any { get; init; }

    /// <summary>Has none (true) or has some (false).</summary>
    [JsonPropertyName("is_null_")] public bool? IsNull { get; init; }
}

/// <summary>Matches labels.</summary>
public sealed record LabelsFilter
{
    /// <summary>Has all of these, each with this text.</summary>
    [JsonPropertyName("all_")] public IReadOnlyDictionary<string, string>? All { get; init; }
}

/// <summary>Matches a time.</summary>
public sealed record TimeFilter
{
    /// <summary>At or before.</summary>
    [JsonPropertyName("before_")] public DateTimeOffset? Before { get; init; }

    /// <summary>At or after.</summary>
    [JsonPropertyName("after_")] public DateTimeOffset? After { get; init; }

    /// <summary>Has none (true) or has one (false).</summary>
    [JsonPropertyName("is_null_")] public bool? IsNull { get; init; }
}

/// <summary>Matches a flag.</summary>
public sealed record FlagFilter
{
    /// <summary>Equal to this.</summary>
    [JsonPropertyName("eq_")] public bool? Eq { get; init; }
}

/// <summary>Matches state types.</summary>
public sealed record StateTypeFilter
{
    /// <summary>One of these.</summary>
    [JsonPropertyName("any_")] public IReadOnlyList<StateType>? Any { get; init; }

    /// <summary>None of these.</summary>
    [JsonPropertyName("not_any_")] public IReadOnlyList<StateType>? NotAny { get; init; }
}

/// <summary>Matches a log level.</summary>
public sealed record LevelFilter
{
    /// <summary>At least.</summary>
    [JsonPropertyName("ge_")] public int? Ge { get; init; }

    /// <summary>At most.</summary>
    [JsonPropertyName("le_")] public int? Le { get; init; }
}

/// <summary>How the parts of a filter are joined.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FilterOperator>))]
public enum FilterOperator
{
    /// <summary>All parts must match: the default.</summary>
    [JsonStringEnumMemberName("and_")] And,

    /// <summary>One part must match.</summary>
    [JsonStringEnumMemberName("or_")] Or,
}

/// <summary>Matches by presence.</summary>
public sealed record PresenceFilter
{
    /// <summary>Has none (true) or has one (false).</summary>
    [JsonPropertyName("is_null_")] public bool? IsNull { get; init; }
}

/// <summary>Matches numbers.</summary>
public sealed record NumberFilter
{
    /// <summary>At least this.</summary>
    [JsonPropertyName("ge_")] public int? Ge { get; init; }

    /// <summary>At most this.</summary>
    [JsonPropertyName("le_")] public int? Le { get; init; }

    /// <summary>Has none (true) or has one (false).</summary>
    [JsonPropertyName("is_null_")] public bool? IsNull { get; init; }
}

/// <summary>Matches who created something.</summary>
public sealed record CreatorFilter
{
    /// <summary>By one of these.</summary>
    [JsonPropertyName("id_")] public IReadOnlyList<Guid>? Id { get; init; }

    /// <summary>By one of these kinds, as <c>SCHEDULE</c>.</summary>
    [JsonPropertyName("type_")] public IReadOnlyList<string>? Type { get; init; }

    /// <summary>By nobody known (true) or by somebody (false).</summary>
    [JsonPropertyName("is_null_")] public bool? IsNull { get; init; }
}

/// <summary>Matches words.</summary>
public sealed record TextFilter
{
    /// <summary>Words, of which one must occur; <c>-word</c> must not, <c>+word</c> must, and quotes keep words together. At most 200 characters.</summary>
    public required string Query { get; init; }
}
