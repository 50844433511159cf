using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;

namespace Sluice.Server.Store;

/// <summary>How values are written in JSON columns.</summary>
internal static class Columns
{
    private static readonly IReadOnlyDictionary<string, JsonElement> _emptyMap = new Dictionary<string, JsonElement>();

    public static JsonTypeInfo<T> Type<T>() => (JsonTypeInfo<T>)OrchestrationJson.Default.GetTypeInfo(typeof(T))!;

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Type<T>());

    public static string? WriteOrNull<T>(T? value) where T : class => value is null ? null : Write(value);

    public static string Map(IReadOnlyDictionary<string, JsonElement>? map) => map is null or { Count: 0 } ? "{}" : Write(map);

    public static string List(IReadOnlyList<string>? list) => list is null or { Count: 0 } ? "[]" : Write(list);

    public static string? Element(JsonElement? element) =>
        element is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } value ? value.GetRawText() : null;

    public static JsonElement Parse(string text) => JsonElement.Parse(text);

    public static IReadOnlyDictionary<string, JsonElement> ParseMap(string text) =>
        text == "{}" ? _emptyMap : JsonSerializer.Deserialize(text, Type<Dictionary<string, JsonElement>>())!;

    public static IReadOnlyList<string> ParseList(string text) => text == "[]" ? [] : JsonSerializer.Deserialize(text, Type<IReadOnlyList<string>>())!;

    /// <summary>The first map with the second laid over it.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Over(IReadOnlyDictionary<string, JsonElement> map, IReadOnlyDictionary<string, JsonElement>? over)
    {
        if (over is null or { Count: 0 })
            return map;
        var merged = new Dictionary<string, JsonElement>(map);
        foreach ((string key, JsonElement value) in over)
            merged[key] = value;
        return merged;
    }

    /// <summary>Adds a label whose value is an id.</summary>
    public static IReadOnlyDictionary<string, JsonElement> With(this IReadOnlyDictionary<string, JsonElement> map, string key, Guid id) =>
        Over(map, new Dictionary<string, JsonElement> { [key] = Parse($"\"{id}\"") });

    /// <summary>Both lists without repetitions, in order.</summary>
    public static IReadOnlyList<string> Union(IReadOnlyList<string> list, IReadOnlyList<string>? other) =>
        other is null or { Count: 0 } ? list : [.. list.Union(other, StringComparer.Ordinal)];

    public static StateTypeText Text(this StateType type) => new(type switch
    {
        StateType.Scheduled => "SCHEDULED",
        StateType.Pending => "PENDING",
        StateType.Running => "RUNNING",
        StateType.Completed => "COMPLETED",
        StateType.Failed => "FAILED",
        StateType.Cancelled => "CANCELLED",
        StateType.Crashed => "CRASHED",
        StateType.Paused => "PAUSED",
        _ => "CANCELLING",
    });

    public static StateType State(string text) => Enum.Parse<StateType>(text, ignoreCase: true);
}
