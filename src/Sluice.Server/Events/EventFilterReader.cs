using System.Text.Json;
using Sluice.Orchestration.Json;
using Sluice.Server.Http;

namespace Sluice.Server.Events;

/// <summary>Reads Prefect's <c>EventFilter</c> and finds every misfit: what it does not know is refused, since it would not be applied.</summary>
internal sealed class EventFilterReader
{
    /// <summary>How far back a filter looks that does not say.</summary>
    private const int DefaultDays = 180;

    private const int MaxTextLength = 200;

    private readonly List<BodyProblem> _problems = [];

    /// <param name="filter">The filter; undefined or null stands for an empty one.</param>
    /// <param name="place">Where it stands in the request, as <c>body.filter</c>.</param>
    /// <param name="now">The server's time, for times that are not given.</param>
    /// <exception cref="BodyException">It is none.</exception>
    public static EventFilter Read(JsonElement filter, string place, DateTimeOffset now)
    {
        var reader = new EventFilterReader();
        EventFilter read = reader.Filter(filter, place, now);
        return reader._problems.Count == 0 ? read : throw new BodyException(reader._problems);
    }

    private EventFilter Filter(JsonElement filter, string place, DateTimeOffset now)
    {
        var read = new EventFilter { Since = now.UtcDateTime.Date.AddDays(-DefaultDays), Until = now };
        Members(filter, place, (name, value, at) =>
        {
            switch (name)
            {
                case "occurred":
                    Members(value, at, (part, time, where) => Times(ref read, part, time, where));
                    break;
                case "event":
                    Members(value, at, (part, list, where) => Names(ref read, part, list, where));
                    break;
                case "resource":
                    read = read with { Resource = Resource(value, at, "resource", out bool distinct), Distinct = distinct };
                    break;
                case "related":
                    read = read with { Related = OneOrMany(value, at, "related") };
                    break;
                case "any_resource":
                    read = read with { AnyResource = OneOrMany(value, at, "any_resource") };
                    break;
                case "id":
                    Members(value, at, (part, ids, where) =>
                    {
                        if (part != "id")
                            Extra(where, ids);
                        else
                            read = read with { Ids = [.. Texts(ids, where).Select(text => Id(text, where))] };
                    });
                    break;
                case "text":
                    Members(value, at, (part, query, where) =>
                    {
                        if (part != "query")
                            Extra(where, query);
                        else if (query.ValueKind != JsonValueKind.String || query.GetString()!.Length > MaxTextLength)
                            Add("string_too_long", where, $"String should have at most {MaxTextLength} characters", query);
                        else
                            read = read with { Text = new(query.GetString()!) };
                    });
                    break;
                case "order" when value.ValueKind == JsonValueKind.String && value.GetString() is "ASC" or "DESC":
                    read = read with { Ascending = value.ValueEquals("ASC") };
                    break;
                case "order":
                    Add("enum", at, "Input should be 'ASC' or 'DESC'", value);
                    break;
                default:
                    Extra(at, value);
                    break;
            }
        });
        return read;
    }

    private void Times(ref EventFilter read, string name, JsonElement value, string place)
    {
        if (name is not ("since" or "until"))
            Extra(place, value);
        else if (value.ValueKind != JsonValueKind.String || !UtcTimeConverter.TryParse(value.GetString()!, out DateTimeOffset time))
            Add("datetime_from_date_parsing", place, "Input should be a valid datetime", value);
        else
            read = name == "since" ? read with { Since = time } : read with { Until = time };
    }

    private void Names(ref EventFilter read, string name, JsonElement value, string place)
    {
        EventNames names = read.Names;
        switch (name)
        {
            case "prefix":
                names = names with { Prefixes = Texts(value, place) };
                break;
            case "exclude_prefix":
                names = names with { ExcludePrefixes = Texts(value, place) };
                break;
            case "name":
                names = names with { Names = Texts(value, place) };
                break;
            case "exclude_name":
                names = names with { ExcludeNames = Texts(value, place) };
                break;
            default:
                Extra(place, value);
                break;
        }
        read = read with { Names = names };
    }

    private List<ResourceMatch> OneOrMany(JsonElement value, string place, string kind) => value.ValueKind == JsonValueKind.Array
        ? [.. value.EnumerateArray().Select((one, i) => Resource(one, FormattableString.Invariant($"{place}.{i}"), kind, out _))]
        : [Resource(value, place, kind, out _)];

    private ResourceMatch Resource(JsonElement filter, string place, string kind, out bool distinct)
    {
        var match = new ResourceMatch();
        bool once = false;
        Members(filter, place, (name, value, at) =>
        {
            switch (name)
            {
                case "id":
                    match = match with { Ids = Texts(value, at) };
                    break;
                case "id_prefix" when kind != "related":
                    match = match with { IdPrefixes = Texts(value, at) };
                    break;
                case "role" when kind == "related":
                    match = match with { Roles = Texts(value, at) };
                    break;
                case "resources_in_roles" when kind == "related":
                    match = match with { ResourcesInRoles = Pairs(value, at) };
                    break;
                case "distinct" when kind == "resource" && value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    once = value.GetBoolean();
                    break;
                case "labels":
                    var labels = new List<(string, IReadOnlyList<string>)>();
                    Members(value, at, (label, patterns, where) => labels.Add((label, patterns.ValueKind == JsonValueKind.String ? [patterns.GetString()!] : Texts(patterns, where))));
                    match = match with { Labels = labels };
                    break;
                default:
                    Extra(at, value);
                    break;
            }
        });
        distinct = once;
        return match;
    }

    private List<(string, string)> Pairs(JsonElement value, string place)
    {
        var pairs = new List<(string, string)>();
        if (value.ValueKind != JsonValueKind.Array)
        {
            Add("list_type", place, "Input should be a valid list", value);
            return pairs;
        }
        foreach (JsonElement pair in value.EnumerateArray())
        {
            if (Texts(pair, place) is [var id, var role])
                pairs.Add((id, role));
            else
                Add("too_short", place, "A pair of a resource's id and its role was expected", pair);
        }
        return pairs;
    }

    private List<string> Texts(JsonElement value, string place)
    {
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            Add("list_type", place, "Input should be a valid list of strings", value);
            return [];
        }
        return [.. value.EnumerateArray().Select(item => item.GetString()!)];
    }

    private Guid Id(string text, string place)
    {
        if (!Guid.TryParse(text, out Guid id))
            _problems.Add(new("uuid_parsing", place, "Input should be a valid UUID"));
        return id;
    }

    /// <summary>Members that are null ask for nothing.</summary>
    private void Members(JsonElement value, string place, Action<string, JsonElement, string> take)
    {
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return;
        if (value.ValueKind != JsonValueKind.Object)
        {
            Add("model_attributes_type", place, "Input should be a valid dictionary or object to extract fields from", value);
            return;
        }
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Null)
                take(member.Name, member.Value, $"{place}.{member.Name}");
        }
    }

    private void Extra(string place, JsonElement value) => Add("extra_forbidden", place, "Extra inputs are not permitted", value);

    private void Add(string type, string place, string message, JsonElement value) =>
        _problems.Add(new(type, place, message, value.GetRawText() is { Length: <= 200 } text ? text : null));
}
