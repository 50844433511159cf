using System.Globalization;
using System.Text.Json;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Planning.Merge;
using Sluice.Orchestration;

namespace Sluice.Deploy.Code;

/// <summary>What a live deployment says, as a declaration.</summary>
internal static class LiveValues
{
    /// <summary>The declaration with what it does not say taken from the live deployment.</summary>
    public static DeploymentManifest Under(DeploymentManifest declared, Orchestration.Deployment live) => declared with
    {
        Schedules = declared.Schedules ?? [.. live.Schedules.Select(Schedule)],
        Parameters = Over(live.Parameters, declared.Parameters),
        Tags = declared.Tags ?? live.Tags,
        WorkPoolName = declared.WorkPoolName ?? (live.WorkPoolName == DeploymentDesign.DefaultPool ? null : live.WorkPoolName),
        WorkQueueName = declared.WorkQueueName ?? (declared.WorkPoolName is null || declared.WorkPoolName == live.WorkPoolName ? live.WorkQueueName : null),
        Description = declared.Description ?? live.Description,
        Version = declared.Version ?? live.Version,
        Paused = declared.Paused ?? live.Paused,
        ConcurrencyLimit = declared.ConcurrencyLimit ?? live.ConcurrencyLimit,
        JobVariables = Over(Variables(live), declared.JobVariables),
    };

    private static ScheduleManifest Schedule(DeploymentSchedule live, int index) => new()
    {
        Slug = live.Slug ?? "schedule-" + (index + 1).ToString(CultureInfo.InvariantCulture),
        Active = live.Active,
        Parameters = live.Parameters.Count == 0 ? null : live.Parameters,
        Misfire = live.Misfire,
        MaxMisfires = live.MaxMisfires,
        MaxScheduledRuns = live.MaxScheduledRuns,
        Dst = live.Dst,
        Schedule = ScheduleTexts.Of(live.Schedule),
    };

    // The package, its version and its owner are what publishing writes, and it writes them again.
    private static Dictionary<string, JsonElement> Variables(Orchestration.Deployment live)
    {
        var variables = live.JobVariables.Where(pair => pair.Key != "env").ToDictionary(StringComparer.Ordinal);
        if (variables.TryGetValue("command", out JsonElement command) && command.ValueKind == JsonValueKind.String && command.GetString() == DeploymentDesign.WorkerCommand)
            variables.Remove("command");
        if (live.JobVariables.TryGetValue("env", out JsonElement env) && env.ValueKind == JsonValueKind.Object)
        {
            Dictionary<string, JsonElement> own = env.EnumerateObject().Where(variable => !DeploymentFields.IsOwnVariable(variable.Name))
                .ToDictionary(variable => variable.Name, variable => variable.Value, StringComparer.Ordinal);
            if (own.Count > 0)
                variables["env"] = JsonSerializer.SerializeToElement(own, DeployJson.Default.DictionaryStringJsonElement);
        }
        return variables;
    }

    private static Dictionary<string, JsonElement>? Over(IReadOnlyDictionary<string, JsonElement> live, IReadOnlyDictionary<string, JsonElement>? declared)
    {
        if (live.Count == 0 && declared is null)
            return null;
        var both = new Dictionary<string, JsonElement>(live, StringComparer.Ordinal);
        foreach ((string name, JsonElement value) in declared ?? new Dictionary<string, JsonElement>())
            both[name] = value;
        return both;
    }
}
