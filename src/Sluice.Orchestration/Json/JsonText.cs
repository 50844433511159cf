using System.Text.Json;

namespace Sluice.Orchestration.Json;

/// <summary>What <c>JsonElement.Parse</c> does, which is not in .NET 9.</summary>
internal static class JsonText
{
    public static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
