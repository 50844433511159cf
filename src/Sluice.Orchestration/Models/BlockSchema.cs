using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>The fields of a block type in one of its versions.</summary>
public sealed record BlockSchema
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset Updated { get; init; }

    /// <summary><c>sha256:</c> and the digest of the fields.</summary>
    public required string Checksum { get; init; }

    /// <summary>A JSON schema; <c>secret_fields</c> lists the names of secrets.</summary>
    public JsonElement Fields { get; init; }

    /// <summary>Its type.</summary>
    public Guid? BlockTypeId { get; init; }

    /// <summary>Its type, where the answer carries it.</summary>
    public BlockType? BlockType { get; init; }

    /// <summary>What blocks of it can do, as <c>get-directory</c>.</summary>
    public IReadOnlyList<string> Capabilities { get; init => field = value ?? []; } = [];

    /// <summary>Its version; <c>non-versioned</c> by default.</summary>
    public string? Version { get; init; }
}
