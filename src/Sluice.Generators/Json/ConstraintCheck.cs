using Sluice.Generators.Emitting;
using Sluice.Generators.Model;
using Sluice.Runtime.Binding;

namespace Sluice.Generators.Json;

/// <summary>Judges JSON by constraints at compile time, as the binder does at run time.</summary>
internal static class ConstraintCheck
{
    /// <summary>What is expected instead; null when it fits.</summary>
    public static string? Expected(JsonNode json, Constraints constraints)
    {
        ValueRules rules = ConstraintEmitter.Rules(constraints);
        return json.Kind switch
        {
            JsonKind.Null => rules.ExpectedForNull(),
            JsonKind.Number => rules.ExpectedForNumber(json.Text),
            JsonKind.String => rules.ExpectedForText(json.Text),
            JsonKind.True or JsonKind.False => rules.ExpectedForFlag(json.Kind == JsonKind.True),
            JsonKind.Array => rules.ExpectedForCount(json.Items.Count, "item"),
            _ => rules.ExpectedForCount(json.Members.Count, "member"),
        };
    }
}
