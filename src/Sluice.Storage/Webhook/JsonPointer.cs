using System.Globalization;
using System.Text.Json;

namespace Sluice.Storage.Webhook;

/// <summary>Finds a value in JSON. Rule: RFC 6901.</summary>
internal static class JsonPointer
{
    /// <summary>Why a text is no pointer; null when it is one.</summary>
    public static string? Refuse(string pointer)
    {
        if (pointer.Length > 0 && pointer[0] != '/')
            return "it does not begin with '/'";
        for (int at = pointer.IndexOf('~', StringComparison.Ordinal); at >= 0; at = pointer.IndexOf('~', at + 1))
        {
            if (at + 1 == pointer.Length || pointer[at + 1] is not ('0' or '1'))
                return "a '~' is neither ~0 (for ~) nor ~1 (for /)";
        }
        return null;
    }

    /// <summary>The value that a pointer names; null where there is none.</summary>
    public static JsonElement? Find(JsonElement root, string pointer)
    {
        JsonElement found = root;
        foreach (string step in pointer.Split('/').Skip(1).Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
        {
            if (found.ValueKind == JsonValueKind.Object && found.TryGetProperty(step, out JsonElement member))
                found = member;
            else if (found.ValueKind == JsonValueKind.Array && IsIndex(step) && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < found.GetArrayLength())
                found = found[index];
            else
                return null;
        }
        return found;
    }

    // No leading zeros (section 4).
    private static bool IsIndex(string step) => step == "0" || (step.Length > 0 && step[0] is >= '1' and <= '9');
}
