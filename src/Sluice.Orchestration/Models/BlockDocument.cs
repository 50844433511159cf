using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>A named block: options under a name.</summary>
public sealed record BlockDocument
{
    /// <summary>What stands for a secret in an answer that does not include secrets.</summary>
    public const string Mask = "********";

    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset Updated { get; init; }

    /// <summary>Its name, unique within its type.</summary>
    public string? Name { get; init; }

    /// <summary>The values of its fields; secrets are <see cref="Mask"/> unless they were asked for.</summary>
    public IReadOnlyDictionary<string, JsonElement> Data { get; init => field = value ?? new Dictionary<string, JsonElement>(); } = new Dictionary<string, JsonElement>();

    /// <summary>Its schema.</summary>
    public Guid BlockSchemaId { get; init; }

    /// <summary>Its schema, where the answer carries it.</summary>
    public BlockSchema? BlockSchema { get; init; }

    /// <summary>Its type.</summary>
    public Guid BlockTypeId { get; init; }

    /// <summary>Its type's name for people.</summary>
    public string? BlockTypeName { get; init; }

    /// <summary>Its type, where the answer carries it.</summary>
    public BlockType? BlockType { get; init; }

    /// <summary>By field, the block that the field's value comes from: <c>{"block_document":{id,name,block_type,…}}</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement> BlockDocumentReferences { get; init => field = value ?? new Dictionary<string, JsonElement>(); } = new Dictionary<string, JsonElement>();

    /// <summary>Whether a program made it for one use.</summary>
    public bool IsAnonymous { get; init; }
}
