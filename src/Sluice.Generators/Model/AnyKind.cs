namespace Sluice.Generators.Model;

/// <summary>The types that hold JSON as it is. Each is a method of the run-time <c>JsonBinder</c> with the same name.</summary>
internal enum AnyKind
{
    /// <summary>As System.Text.Json reads it: a <c>JsonElement</c>, or null.</summary>
    Object,
    JsonElement,
    JsonNode,
    JsonObject,
    JsonArray,
}

internal static class AnyKinds
{
    /// <summary>The name in C#; those that are null for JSON's null say so.</summary>
    public static string CSharp(this AnyKind kind) => kind switch
    {
        AnyKind.Object => "object?",
        AnyKind.JsonElement => "global::System.Text.Json.JsonElement",
        AnyKind.JsonNode => "global::System.Text.Json.Nodes.JsonNode?",
        AnyKind.JsonObject => "global::System.Text.Json.Nodes.JsonObject",
        _ => "global::System.Text.Json.Nodes.JsonArray",
    };

    /// <summary>Whether null is one of its values, so that nothing changes when it is declared nullable.</summary>
    public static bool TakesNull(this AnyKind kind) => kind is AnyKind.Object or AnyKind.JsonElement or AnyKind.JsonNode;
}
