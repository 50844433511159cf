using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>An event, as Prefect 3's <c>POST /events</c> takes it.</summary>
public sealed record EventCreate
{
    /// <summary>When it happened.</summary>
    public required DateTimeOffset Occurred { get; init; }

    /// <summary>Its name, as <c>prefect.flow-run.heartbeat</c>.</summary>
    public required string Event { get; init; }

    /// <summary>What it is about: labels, of which <c>prefect.resource.id</c> is one.</summary>
    public required IReadOnlyDictionary<string, string> Resource { get; init; }

    /// <summary>What it has to do with: labels, of which <c>prefect.resource.id</c> and <c>prefect.resource.role</c> are two.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Related { get; init => field = value ?? []; } = [];

    /// <summary>What happened, as a JSON object of any shape.</summary>
    public JsonElement? Payload { get; init; }

    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The id of an event that came before it.</summary>
    public Guid? Follows { get; init; }
}
