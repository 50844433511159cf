using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>The body that creates a named block.</summary>
public sealed record BlockDocumentCreate
{
    /// <summary>Its name, unique within its type: lower-case letters, digits and dashes. An anonymous block may do without.</summary>
    public string? Name { get; init; }

    /// <summary>The values of its fields, secrets in plain text. <c>{"$ref":{"block_document_id":ID}}</c> stands for all values of another block.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Data { get; init; }

    /// <summary>Its schema.</summary>
    public required Guid BlockSchemaId { get; init; }

    /// <summary>Its type.</summary>
    public required Guid BlockTypeId { get; init; }

    /// <summary>Whether a program makes it for one use.</summary>
    public bool? IsAnonymous { get; init; }
}
