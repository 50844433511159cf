using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>The body that creates a block schema.</summary>
public sealed record BlockSchemaCreate
{
    /// <summary>A JSON schema; <c>secret_fields</c> lists the names of secrets.</summary>
    public JsonElement Fields { get; init; }

    /// <summary>Its type.</summary>
    public required Guid BlockTypeId { get; init; }

    /// <summary>What blocks of it can do, as <c>get-directory</c>.</summary>
    public IReadOnlyList<string>? Capabilities { get; init; }

    /// <summary>Its version; <c>non-versioned</c> when absent.</summary>
    public string? Version { get; init; }
}
