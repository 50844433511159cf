using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Deploy.Manifest;

/// <summary>The flows and deployments of an assembly, as its generator wrote them (manifest version 1).</summary>
public sealed record FlowsManifest
{
    /// <summary>1.</summary>
    public required int ManifestVersion { get; init; }

    /// <summary>The assembly's name.</summary>
    public required string Assembly { get; init; }

    /// <summary>The flows, in the order of the source.</summary>
    public required IReadOnlyList<FlowManifest> Flows { get; init; }
}

/// <summary>A flow of a manifest: the members that deploying needs.</summary>
public sealed record FlowManifest
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary><c>Weather.dll!Weather.Flows.BuildAsync</c>.</summary>
    public required string Entrypoint { get; init; }

    /// <summary>Markdown for people.</summary>
    public string? Description { get; init; }

    /// <summary>The parameter schema.</summary>
    public JsonElement ParameterOpenapiSchema { get; init; }

    /// <summary>Its deployments.</summary>
    public IReadOnlyList<DeploymentManifest> Deployments { get; init; } = [];
}

/// <summary>A deployment of a manifest. Null members were not set in the source.</summary>
public sealed record DeploymentManifest
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its schedules.</summary>
    public IReadOnlyList<ScheduleManifest>? Schedules { get; init; }

    /// <summary>Its pool.</summary>
    public string? WorkPoolName { get; init; }

    /// <summary>Its queue.</summary>
    public string? WorkQueueName { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Default parameters of its runs.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    /// <summary>Markdown for people.</summary>
    public string? Description { get; init; }

    /// <summary>Free text.</summary>
    public string? Version { get; init; }

    /// <summary>Whether it is paused.</summary>
    public bool? Paused { get; init; }

    /// <summary>The storage URI.</summary>
    public string? Storage { get; init; }

    /// <summary>The package's folder in the store.</summary>
    public string? StorageKey { get; init; }

    /// <summary>Names of the secrets that its runs need.</summary>
    public IReadOnlyList<string>? Secrets { get; init; }

    /// <summary>Whether it gets the default labels of its storage; null is yes.</summary>
    public bool? AddDefaultLabels { get; init; }

    /// <summary><c>process</c>, <c>docker</c>, <c>kubernetes</c>, or an infrastructure block of Prefect 2 as <c>docker-container/prod</c>.</summary>
    public string? Infrastructure { get; init; }

    /// <summary>The container image.</summary>
    public string? Image { get; init; }

    /// <summary>Job variables.</summary>
    public IReadOnlyDictionary<string, JsonElement>? JobVariables { get; init; }

    /// <summary>How many of its runs may be pending or running at once, from 1.</summary>
    public int? ConcurrencyLimit { get; init; }
}

/// <summary>A schedule of a deployment.</summary>
public sealed record ScheduleManifest
{
    /// <summary>Its stable name within the deployment.</summary>
    public required string Slug { get; init; }

    /// <summary>Whether it fires; null leaves that to people.</summary>
    public bool? Active { get; init; }

    /// <summary>Laid over the deployment's parameters.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    /// <summary>When it fires.</summary>
    public required ScheduleText Schedule { get; init; }

    /// <summary>What becomes of missed due times; null is the default, as Prefect does.</summary>
    public ScheduleMisfire? Misfire { get; init; }

    /// <summary>With <see cref="ScheduleMisfire.RunAll"/>: how many are made up for at most; null is 100.</summary>
    public int? MaxMisfires { get; init; }

    /// <summary>How many runs are made ahead at most, from 1; null is the server's own rule. Attributes cannot say it. Prefect 2 does not know it.</summary>
    public int? MaxScheduledRuns { get; init; }

    /// <summary>How it goes through the change of clocks; null is the default, as Prefect does.</summary>
    public ScheduleDst? Dst { get; init; }
}

/// <summary>When a schedule fires, as the source says it: exactly one of <see cref="Cron"/>, <see cref="Interval"/> and <see cref="Rrule"/> is set.</summary>
public sealed record ScheduleText
{
    /// <summary>A cron expression.</summary>
    public string? Cron { get; init; }

    /// <summary>Whether day of month and day of week are ORed.</summary>
    public bool? DayOr { get; init; }

    /// <summary>Seconds.</summary>
    public double? Interval { get; init; }

    /// <summary>ISO 8601 with its offset; the generator wrote UTC where the source has none.</summary>
    public string? AnchorDate { get; init; }

    /// <summary>A recurrence rule.</summary>
    public string? Rrule { get; init; }

    /// <summary>An IANA time zone id.</summary>
    public string? Timezone { get; init; }
}
