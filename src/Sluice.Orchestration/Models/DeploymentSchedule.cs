using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>A schedule of a deployment.</summary>
public sealed record DeploymentSchedule
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset Updated { get; init; }

    /// <summary>Its deployment.</summary>
    public Guid? DeploymentId { get; init; }

    /// <summary>When it fires.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>Whether it fires at all.</summary>
    public bool Active { get; init; }

    /// <summary>Kept for Prefect; nothing enforces it.</summary>
    public int? MaxScheduledRuns { get; init; }

    /// <summary>Laid over the deployment's parameters.</summary>
    public IReadOnlyDictionary<string, JsonElement> Parameters { get; init => field = value ?? new Dictionary<string, JsonElement>(); } = new Dictionary<string, JsonElement>();

    /// <summary>Its stable name within the deployment.</summary>
    public string? Slug { get; init; }

    /// <summary>What becomes of due times that passed while no scheduler looked. Null from a Prefect server.</summary>
    public ScheduleMisfire? Misfire { get; init; }

    /// <summary>With <see cref="ScheduleMisfire.RunAll"/>: how many of them are made up for at most, 1 to 10,000. Null from a Prefect server.</summary>
    public int? MaxMisfires { get; init; }

    /// <summary>How a cron schedule or a recurrence rule goes through the change of clocks. Null from a Prefect server.</summary>
    public ScheduleDst? Dst { get; init; }
}
