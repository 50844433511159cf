using System.Text.Json;
using Sluice.Orchestration.Json;

namespace Sluice.Orchestration.Http.Applying;

/// <summary>A deployment as a Prefect server answered it, seen as what people and code set: without ids and times that the server makes itself.</summary>
internal sealed record PrefectState
{
    public static readonly JsonElement Null = JsonText.Parse("null");

    public required Guid Id { get; init; }

    public required Guid FlowId { get; init; }

    public required DateTimeOffset Updated { get; init; }

    /// <summary>The whole answer.</summary>
    public required JsonElement Answer { get; init; }

    /// <summary>By their names on the wire; JSON's null for what there is none of.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Members { get; init; }

    /// <summary>Prefect 3's schedules; none on Prefect 2, whose one schedule is a member.</summary>
    public IReadOnlyList<PrefectSchedule> Schedules { get; init; } = [];

    public static PrefectState Of(JsonElement answer, IReadOnlyList<string> names)
    {
        Dictionary<string, JsonElement> members = names.ToDictionary(name => name, name => answer.TryGetProperty(name, out JsonElement value) ? value : Null, StringComparer.Ordinal);
        // 3.8 answers the limit in the global one alone.
        if (members.TryGetValue("concurrency_limit", out JsonElement limit) && limit.ValueKind == JsonValueKind.Null
            && answer.TryGetProperty("global_concurrency_limit", out JsonElement global) && global.ValueKind == JsonValueKind.Object)
        {
            members["concurrency_limit"] = global.GetProperty("limit");
        }

        return new()
        {
            Id = answer.GetProperty("id").GetGuid(),
            FlowId = answer.GetProperty("flow_id").GetGuid(),
            Updated = answer.TryGetProperty("updated", out JsonElement updated) && updated.ValueKind == JsonValueKind.String ? updated.GetDateTimeOffset() : default,
            Answer = answer,
            Members = members,
            Schedules = answer.TryGetProperty("schedules", out JsonElement schedules) && schedules.ValueKind == JsonValueKind.Array ? [.. schedules.EnumerateArray().Select(PrefectSchedule.Of)] : [],
        };
    }

    /// <summary>The members that differ.</summary>
    public IReadOnlyList<string> Differing(PrefectState other) => [.. Members.Where(member => !JsonElement.DeepEquals(member.Value, other.Members[member.Key])).Select(member => member.Key)];

    /// <summary>What differs to people: members, and schedules whatever their ids.</summary>
    public IReadOnlyList<string> DifferingToPeople(PrefectState other)
    {
        List<PrefectSchedule> rest = [.. other.Schedules];
        bool same = Schedules.Count == rest.Count && Schedules.All(schedule => rest.FindIndex(schedule.IsSame) is >= 0 and var found && Take(found));
        return same ? Differing(other) : [.. Differing(other), "schedules"];

        bool Take(int index)
        {
            rest.RemoveAt(index);
            return true;
        }
    }

    public bool IsSame(PrefectState other) => Differing(other).Count == 0 && Schedules.Count == other.Schedules.Count
        && Schedules.All(schedule => other.Schedules.Any(one => one.Id == schedule.Id && one.IsSame(schedule)));
}

/// <summary>A schedule of Prefect 3.</summary>
internal sealed record PrefectSchedule(Guid Id, string? Slug, bool Active, JsonElement Schedule, JsonElement Parameters, JsonElement MaxScheduledRuns)
{
    public static PrefectSchedule Of(JsonElement answer) => new(
        answer.GetProperty("id").GetGuid(),
        answer.TryGetProperty("slug", out JsonElement slug) ? slug.GetString() : null,
        answer.GetProperty("active").GetBoolean(),
        answer.GetProperty("schedule"),
        answer.TryGetProperty("parameters", out JsonElement parameters) && parameters.ValueKind == JsonValueKind.Object ? parameters : JsonText.Parse("{}"),
        answer.TryGetProperty("max_scheduled_runs", out JsonElement most) ? most : PrefectState.Null);

    public bool IsSame(PrefectSchedule other) => Slug == other.Slug && Active == other.Active && JsonElement.DeepEquals(Schedule, other.Schedule)
        && JsonElement.DeepEquals(Parameters, other.Parameters) && JsonElement.DeepEquals(MaxScheduledRuns, other.MaxScheduledRuns);

    /// <summary>The body that makes it so again; whether it fires may be another's word.</summary>
    public Dictionary<string, JsonElement> ToBody(bool active)
    {
        Dictionary<string, JsonElement> body = new(StringComparer.Ordinal)
        {
            ["active"] = JsonText.Parse(active ? "true" : "false"),
            ["schedule"] = JsonParts.WithoutNulls(Schedule),
            ["parameters"] = Parameters,
        };
        if (Slug is not null)
            body["slug"] = JsonParts.Text(Slug);
        if (MaxScheduledRuns.ValueKind != JsonValueKind.Null)
            body["max_scheduled_runs"] = MaxScheduledRuns;
        return body;
    }
}

/// <summary>JSON values.</summary>
internal static class JsonParts
{
    public static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, WireJson.Default.String);

    public static JsonElement Object(Dictionary<string, JsonElement> members) => JsonSerializer.SerializeToElement(members, ApplyJson.Default.DictionaryStringJsonElement);

    /// <summary>The members of an object.</summary>
    public static Dictionary<string, JsonElement> Members(JsonElement value) => value.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);

    public static JsonElement WithoutNulls(JsonElement value) => value.ValueKind != JsonValueKind.Object ? value
        : Object(value.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null).ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal));
}
