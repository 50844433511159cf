using System.Text.Json;

namespace Sluice.Deploy.Planning;

/// <summary>Whether two pieces of JSON say the same; null and empty objects are one.</summary>
internal static class JsonEquality
{
    public static bool Same(IReadOnlyDictionary<string, JsonElement>? a, IReadOnlyDictionary<string, JsonElement>? b) =>
        (a?.Count ?? 0) == (b?.Count ?? 0) && (a is null || a.All(pair => b!.TryGetValue(pair.Key, out JsonElement other) && JsonElement.DeepEquals(pair.Value, other)));

    public static bool Same(JsonElement? a, JsonElement? b) =>
        IsNothing(a) || IsNothing(b) ? IsNothing(a) && IsNothing(b) : JsonElement.DeepEquals(a!.Value, b!.Value);

    private static bool IsNothing(JsonElement? element) => element is null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined };
}
