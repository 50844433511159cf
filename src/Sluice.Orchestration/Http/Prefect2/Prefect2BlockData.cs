using System.Text.Json;
using Sluice.Orchestration.Http.Applying;

namespace Sluice.Orchestration.Http.Prefect2;

/// <summary>The fields of an anonymous infrastructure block as a file says them, beside those that the server has.</summary>
internal static class Prefect2BlockData
{
    private const string Type = "type";

    /// <summary>The fields that the file says and the live block does not hold. What the file does not say is anybody's.</summary>
    /// <param name="infrastructure">As <see cref="DeploymentApply.Infrastructure"/>.</param>
    /// <param name="said">The file's fields.</param>
    /// <param name="overrides">The deployment's job variables: agents put them in place of the block's fields of those names.</param>
    /// <param name="live">The deployment's block, read without its secrets.</param>
    public static IReadOnlyList<string> Differences(string? infrastructure, IReadOnlyDictionary<string, JsonElement> said, IReadOnlyDictionary<string, JsonElement>? overrides, BlockDocument live)
    {
        // A process is what Prefect writes for want of anything else: a block that a person chose stays.
        if (infrastructure is null && !live.IsAnonymous)
            return [];
        if (live.BlockType?.Slug is { } slug && slug != Prefect2Infrastructure.KindOf(infrastructure))
            return [Type];
        return [.. said.Where(field => overrides?.ContainsKey(field.Key) != true && !IsSame(field.Value, live.Data.TryGetValue(field.Key, out JsonElement value) ? value : default)).Select(field => field.Key)];
    }

    /// <summary>The file's fields over those of the block that they take the place of. A secret that the file hides stays.</summary>
    /// <param name="live">The former block's fields with its secrets; null for none.</param>
    /// <param name="said">The file's fields.</param>
    public static Dictionary<string, JsonElement> Over(IReadOnlyDictionary<string, JsonElement>? live, IReadOnlyDictionary<string, JsonElement> said)
    {
        Dictionary<string, JsonElement> data = new(live ?? new Dictionary<string, JsonElement>(), StringComparer.Ordinal);
        foreach ((string name, JsonElement value) in said)
        {
            if (Filled(value, data.TryGetValue(name, out JsonElement there) ? there : default) is { ValueKind: not JsonValueKind.Undefined } filled)
                data[name] = filled;
        }

        return data;
    }

    private static bool IsSame(JsonElement said, JsonElement live)
    {
        if (IsNothing(said) && IsNothing(live))
            return true;
        if (IsHidden(said) || IsBlock(said) || IsBlock(live))
            return true;
        return (said.ValueKind, live.ValueKind) switch
        {
            (JsonValueKind.Object, JsonValueKind.Object) => said.EnumerateObject().Select(member => member.Name).Union(live.EnumerateObject().Select(member => member.Name))
                .All(name => IsSame(Member(said, name), Member(live, name))),
            (JsonValueKind.Array, JsonValueKind.Array) => said.GetArrayLength() == live.GetArrayLength() && said.EnumerateArray().Zip(live.EnumerateArray()).All(pair => IsSame(pair.First, pair.Second)),
            _ => live.ValueKind != JsonValueKind.Undefined && said.ValueKind != JsonValueKind.Undefined && JsonElement.DeepEquals(said, live),
        };
    }

    /// <summary>The value with what it hides; undefined where nothing is known of that.</summary>
    private static JsonElement Filled(JsonElement said, JsonElement live)
    {
        if (IsHidden(said))
            return live;
        if (said.ValueKind != JsonValueKind.Object || !said.EnumerateObject().Any(member => member.Value.ValueKind == JsonValueKind.Object || IsHidden(member.Value)))
            return said;
        return JsonParts.Object(said.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, Filled(member.Value, Member(live, member.Name))))
            .Where(member => member.Value.ValueKind != JsonValueKind.Undefined).ToDictionary(StringComparer.Ordinal));
    }

    private static JsonElement Member(JsonElement value, string name) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out JsonElement member) ? member : default;

    private static bool IsNothing(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => true,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };

    /// <summary>Whether a secret stands there, as Prefect's client or its server hides it.</summary>
    private static bool IsHidden(JsonElement value) => value.ValueKind == JsonValueKind.String && value.GetString()!.StartsWith(BlockDocument.Mask, StringComparison.Ordinal) && value.GetString()!.Trim('*').Length == 0;

    /// <summary>Whether it is a saved block within the block, which is not the deployment's.</summary>
    private static bool IsBlock(JsonElement value) => value.ValueKind == JsonValueKind.Object && (value.TryGetProperty("$ref", out _) || value.TryGetProperty("_block_document_id", out _));
}
