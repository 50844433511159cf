using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Http;

/// <summary>What a Prefect server makes of a deployment's body before it stores it: clients read back what these rules say.</summary>
internal static class PrefectDeployment
{
    private static readonly JsonElement Null = JsonElement.Parse("null");
    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}""");

    public static DeploymentCreate AsStored(DeploymentCreate body, JsonElement sent, TimeProvider time) => body with
    {
        PullSteps = ApiRequest.IsNull(sent, "pull_steps") ? Null : body.PullSteps,
        ParameterOpenapiSchema = Schema(body.ParameterOpenapiSchema),
        Schedules = body.Schedules is { } schedules ? [.. schedules.Select(schedule => schedule with { Schedule = AsStored(schedule.Schedule, time) })] : null,
    };

    public static DeploymentUpdate AsStored(DeploymentUpdate body, JsonElement sent, TimeProvider time) => body with
    {
        PullSteps = ApiRequest.IsNull(sent, "pull_steps") ? Null : body.PullSteps,
        ParameterOpenapiSchema = Schema(body.ParameterOpenapiSchema),
        Schedules = body.Schedules is { } schedules
            ? [.. schedules.Select(schedule => schedule with { Schedule = schedule.Schedule is { } given ? AsStored(given, time) : null })] : null,
        Nulls = [.. sent.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Null).Select(member => member.Name)],
    };

    /// <summary>A rule without DTSTART gets Prefect's anchor, an interval without one begins now, and both are in UTC where they name no zone.</summary>
    public static Schedule AsStored(Schedule schedule, TimeProvider time)
    {
        if (schedule.Rrule is { } rule)
        {
            bool anchored = rule.Contains("DTSTART", StringComparison.OrdinalIgnoreCase);
            return schedule with { Rrule = anchored ? rule : "DTSTART:20200101T000000\n" + rule, Timezone = schedule.Timezone ?? "UTC" };
        }

        return schedule.Interval is null ? schedule : schedule with { AnchorDate = schedule.AnchorDate ?? Now(time), Timezone = schedule.Timezone ?? "UTC" };
    }

    private static JsonElement? Schema(JsonElement? schema) =>
        schema is { ValueKind: JsonValueKind.Object } given && !given.EnumerateObject().Any() ? NoParameters : schema;

    private static DateTimeOffset Now(TimeProvider time)
    {
        DateTimeOffset now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
