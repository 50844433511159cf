using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>The body that changes a schedule. Null members are absent and keep their value.</summary>
public sealed record DeploymentScheduleUpdate
{
    /// <summary>When it fires.</summary>
    public Schedule? Schedule { get; init; }

    /// <summary>Whether it fires.</summary>
    public bool? Active { get; init; }

    /// <summary>Kept for Prefect; nothing enforces it.</summary>
    public int? MaxScheduledRuns { get; init; }

    /// <summary>Laid over the deployment's parameters.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    /// <summary>Its stable name within the deployment.</summary>
    public string? Slug { get; init; }

    /// <summary>The slug it had before.</summary>
    public string? Replaces { get; init; }

    /// <summary>What becomes of due times that passed while no scheduler looked. Sent to Sluice's server only.</summary>
    public ScheduleMisfire? Misfire { get; init; }

    /// <summary>With <see cref="ScheduleMisfire.RunAll"/>: how many of them are made up for at most, 1 to 10,000. Sent to Sluice's server only.</summary>
    public int? MaxMisfires { get; init; }

    /// <summary>How a cron schedule or a recurrence rule goes through the change of clocks. Sent to Sluice's server only.</summary>
    public ScheduleDst? Dst { get; init; }
}
