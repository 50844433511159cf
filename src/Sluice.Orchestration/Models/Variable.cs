using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>A value under a name, for everybody who may read the API: no place for secrets.</summary>
public sealed record Variable
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset Updated { get; init; }

    /// <summary>Its unique name.</summary>
    public required string Name { get; init; }

    /// <summary>Any JSON value; a text on Prefect 2.</summary>
    public JsonElement Value { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string> Tags { get; init => field = value ?? []; } = [];
}
