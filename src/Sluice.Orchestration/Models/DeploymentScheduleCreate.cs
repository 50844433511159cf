using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>The body that creates a schedule.</summary>
public sealed record DeploymentScheduleCreate
{
    /// <summary>When it fires.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>Whether it fires; true when absent.</summary>
    public bool? Active { get; init; }

    /// <summary>Kept for Prefect; nothing enforces it.</summary>
    public int? MaxScheduledRuns { get; init; }

    /// <summary>Laid over the deployment's parameters.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    /// <summary>Its stable name within the deployment.</summary>
    public string? Slug { get; init; }

    /// <summary>The slug it had before.</summary>
    public string? Replaces { get; init; }

    /// <summary>What becomes of due times that passed while no scheduler looked. Null: the default. Sent to Sluice's server only.</summary>
    public ScheduleMisfire? Misfire { get; init; }

    /// <summary>With <see cref="ScheduleMisfire.RunAll"/>: how many of them are made up for at most, 1 to 10,000. Null: the default. Sent to Sluice's server only.</summary>
    public int? MaxMisfires { get; init; }

    /// <summary>How a cron schedule or a recurrence rule goes through the change of clocks. Null: the default. Sent to Sluice's server only.</summary>
    public ScheduleDst? Dst { get; init; }
}
