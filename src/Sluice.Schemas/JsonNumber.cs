using System.Text.Json;
using Sluice.Runtime.Binding;

namespace Sluice.Schemas;

/// <summary>JSON numbers, exactly.</summary>
internal static class JsonNumber
{
    public static NumberText Of(JsonElement value) => NumberText.Of(value.GetRawText());
}
