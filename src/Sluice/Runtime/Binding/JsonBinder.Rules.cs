using System.Text.Json;

namespace Sluice.Runtime.Binding;

/// <content>What attributes ask of a value beyond its type.</content>
public sealed partial class JsonBinder
{
    /// <summary>What messages show in place of a secret.</summary>
    private const string Mask = "********";

    private int _secretDepth = int.MaxValue;
    private int _known;

    /// <summary>Enters a member with rules; false, with a problem noted, when it stood there before.</summary>
    public bool Enter(string name, ref bool seen, ValueRules rules)
    {
        if (!Enter(name, ref seen))
            return false;
        _known = errors.Items.Count;
        if (rules.IsSecret && _secretDepth > _path.Count)
            _secretDepth = _path.Count;
        return true;
    }

    /// <summary>The JSON of a default.</summary>
    public static JsonElement Json(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    /// <summary>Checks the value of the member that was entered. Where its type already refused it, that says enough.</summary>
    public void Check(JsonElement json, ValueRules rules)
    {
        // Checked when it was read the first time.
        if (Constructs)
            return;
        if (errors.Items.Count > _known && errors.Items.Skip(_known).Any(error => error.Path == Path()))
            return;
        string? expected = json.ValueKind switch
        {
            JsonValueKind.Null => rules.ExpectedForNull(),
            JsonValueKind.Number => rules.ExpectedForNumber(json.GetRawText()),
            JsonValueKind.String => rules.ExpectedForText(json.GetString()!),
            JsonValueKind.True or JsonValueKind.False => rules.ExpectedForFlag(json.ValueKind == JsonValueKind.True),
            JsonValueKind.Array => rules.ExpectedForCount(json.GetArrayLength(), "item"),
            JsonValueKind.Object => rules.ExpectedForCount(json.GetPropertyCount(), "member"),
            _ => null,
        };
        if (expected is not null)
            Expected(expected, json);
    }
}
