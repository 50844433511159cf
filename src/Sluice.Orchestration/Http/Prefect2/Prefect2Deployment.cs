using System.Text.Json;

namespace Sluice.Orchestration.Http.Prefect2;

/// <summary>A deployment as 2.10 answers it.</summary>
internal sealed record Prefect2Deployment
{
    /// <summary>The slug of a schedule that no publish named: 2.10 has one schedule, without a name.</summary>
    public const string Slug = "schedule";

    public required Guid Id { get; init; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Updated { get; init; }

    public required string Name { get; init; }

    public required Guid FlowId { get; init; }

    public string? Version { get; init; }

    public string? Description { get; init; }

    public Schedule? Schedule { get; init; }

    public bool? IsScheduleActive { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? InfraOverrides { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public string? WorkQueueName { get; init; }

    public string? WorkPoolName { get; init; }

    public JsonElement? ParameterOpenapiSchema { get; init; }

    public string? Path { get; init; }

    public JsonElement? PullSteps { get; init; }

    public string? Entrypoint { get; init; }

    public string? ManifestPath { get; init; }

    public Guid? StorageDocumentId { get; init; }

    public Guid? InfrastructureDocumentId { get; init; }

    public CreatedBy? CreatedBy { get; init; }

    /// <summary>
    /// As 3.x has it. The one switch that 2.10 has stands for the pause of the deployment and for that of its schedule; the schedule's id is the
    /// deployment's, and its slug the one that a publish left in the environment of its runs.
    /// </summary>
    public Deployment ToDeployment()
    {
        bool active = IsScheduleActive != false;
        (IReadOnlyList<string> tags, IReadOnlyDictionary<string, JsonElement> labels) = Prefect2Labels.Split(Tags ?? []);
        return new()
        {
            Id = Id,
            Created = Created,
            Updated = Updated,
            Name = Name,
            FlowId = FlowId,
            Version = Version,
            Description = Description,
            Paused = !active,
            Schedules = Schedule is null ? [] : [new() { Id = Id, Created = Created, Updated = Updated, DeploymentId = Id, Schedule = Schedule, Active = active, Slug = DeclaredSlugs.Of(InfraOverrides) is [var slug] ? slug : Slug }],
            Parameters = Parameters ?? new Dictionary<string, JsonElement>(),
            ParameterOpenapiSchema = ParameterOpenapiSchema,
            JobVariables = Prefect2Infrastructure.FromOverrides(InfraOverrides) ?? new Dictionary<string, JsonElement>(),
            Tags = tags,
            Labels = labels,
            WorkPoolName = WorkPoolName,
            WorkQueueName = WorkQueueName,
            Path = Path,
            Entrypoint = Entrypoint,
            PullSteps = PullSteps,
            StorageBlockId = StorageDocumentId,
            InfrastructureBlockId = InfrastructureDocumentId,
            CreatedBy = CreatedBy,
        };
    }
}
