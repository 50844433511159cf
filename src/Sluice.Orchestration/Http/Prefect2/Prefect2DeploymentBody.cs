using System.Text.Json;

namespace Sluice.Orchestration.Http.Prefect2;

/// <summary>2.10's <c>PATCH /deployments/{id}</c>: neither schema nor pull steps.</summary>
internal record Prefect2DeploymentPatch
{
    public string? Version { get; init; }

    /// <summary>A schedule, or JSON's null to remove it.</summary>
    public JsonElement? Schedule { get; init; }

    public string? Description { get; init; }

    public bool? IsScheduleActive { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public string? WorkQueueName { get; init; }

    public string? WorkPoolName { get; init; }

    public string? Path { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? InfraOverrides { get; init; }

    public string? Entrypoint { get; init; }

    public string? ManifestPath { get; init; }

    public Guid? StorageDocumentId { get; init; }

    public Guid? InfrastructureDocumentId { get; init; }
}

/// <summary>2.10's <c>POST /deployments/</c>.</summary>
internal sealed record Prefect2DeploymentBody : Prefect2DeploymentPatch
{
    public required string Name { get; init; }

    public required Guid FlowId { get; init; }

    public JsonElement? ParameterOpenapiSchema { get; init; }

    public JsonElement? PullSteps { get; init; }
}
