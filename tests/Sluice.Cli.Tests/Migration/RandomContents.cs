using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Cli.Tests.Migration;

/// <summary>Fills a server with random contents, and changes them at random, as people and programs do over the API.</summary>
/// <param name="api">The server.</param>
/// <param name="random">What it is made of.</param>
/// <param name="forPrefect2">Whether it holds only what Prefect 2 can hold too.</param>
internal sealed class RandomContents(IOrchestrationApi api, Random random, bool forPrefect2 = false)
{
    private static CancellationToken Cancel => CancellationToken.None;

    public async Task FillAsync(int flows)
    {
        for (int i = random.Next(4); i >= 0; i--)
            await api.CreateVariableAsync(new() { Name = $"v_{i}", Value = Value(), Tags = Tags() }, Cancel);
        for (int i = forPrefect2 ? 0 : random.Next(3); i > 0; i--)
            await api.CreateConcurrencyLimitAsync(new() { Name = $"limit {i}", Limit = random.Next(9), Active = random.Next(2) == 0, SlotDecayPerSecond = Pick(0, 0.5), ActiveSlots = 0 }, Cancel);
        for (int i = random.Next(3); i >= 0; i--)
        {
            string pool = $"pool {i}/é".Replace("/", "-", StringComparison.Ordinal);
            await api.CreateWorkPoolAsync(
                new() { Name = pool, Type = Pick("process", "docker", "dotnet"), Description = Maybe("for ürgent things"), IsPaused = random.Next(3) == 0, ConcurrencyLimit = MaybeNumber(), BaseJobTemplate = Template() }, Cancel);
            for (int q = random.Next(4); q > 0; q--)
                await api.CreateWorkQueueAsync(pool, new() { Name = $"queue-{q}", Description = Maybe("a queue"), IsPaused = random.Next(3) == 0, ConcurrencyLimit = MaybeNumber(), Priority = random.Next(3) == 0 ? null : random.Next(1, 5) }, Cancel);
        }
        IReadOnlyList<WorkPool> pools = await api.ListWorkPoolsAsync(new(), Cancel);
        for (int i = 0; i < flows; i++)
        {
            Flow flow = await api.EnsureFlowAsync(new() { Name = $"Flow {i} ß", Tags = Tags() }, Cancel);
            for (int d = random.Next(4); d > 0; d--)
                await api.UpsertDeploymentAsync(Deployment(flow, $"deployment {d}", pools), Cancel);
        }
    }

    /// <summary>Changes what is there. Nothing is emptied that the API cannot empty.</summary>
    public async Task ChangeAsync()
    {
        foreach (Variable variable in await api.ListVariablesAsync(new(), Cancel))
        {
            if (random.Next(2) == 0)
                await api.UpdateVariableAsync(variable.Id, new() { Value = Value(), Tags = Tags() }, Cancel);
        }
        foreach (GlobalConcurrencyLimit limit in forPrefect2 ? [] : await api.ListConcurrencyLimitsAsync(new(), Cancel))
        {
            if (random.Next(2) == 0 && !limit.Name!.StartsWith("deployment:", StringComparison.Ordinal))
                await api.UpdateConcurrencyLimitAsync(limit.Name, new() { Limit = random.Next(9), Active = limit.Active != true }, Cancel);
        }
        foreach (WorkPool pool in await api.ListWorkPoolsAsync(new(), Cancel))
        {
            if (random.Next(2) == 0)
                await api.UpdateWorkPoolAsync(pool.Name, new() { IsPaused = !pool.IsPaused, ConcurrencyLimit = random.Next(1, 9), ClearConcurrencyLimit = random.Next(2) == 0, Description = "changed" }, Cancel);
            foreach (WorkQueue queue in await api.ListWorkQueuesAsync(pool.Name, Cancel))
            {
                if (random.Next(2) == 0)
                    await api.UpdateWorkQueueAsync(pool.Name, queue.Name, new() { Priority = random.Next(1, 6), IsPaused = !queue.IsPaused, ClearConcurrencyLimit = random.Next(2) == 0 }, Cancel);
            }
        }
        foreach (Flow flow in await api.ListFlowsAsync(new(), Cancel))
        {
            if (random.Next(3) == 0)
                await api.UpdateFlowAsync(flow.Id, new() { Tags = Tags() }, Cancel);
        }
        foreach (Deployment deployment in await api.ListDeploymentsAsync(new(), Cancel))
        {
            switch (random.Next(4))
            {
                case 0:
                    await api.SetDeploymentPausedAsync(deployment.Id, !deployment.Paused, Cancel);
                    break;
                case 1:
                    await api.UpdateDeploymentAsync(deployment.Id, new() { Description = Pick("", "new"), Parameters = Parameters(), Tags = Tags(), JobVariables = Object("""{"env":{"X":"2"}}"""), ConcurrencyLimit = forPrefect2 ? null : 7 }, Cancel);
                    break;
                case 2:
                    foreach (DeploymentSchedule schedule in deployment.Schedules)
                    {
                        if (forPrefect2)
                            await api.UpdateScheduleAsync(deployment.Id, schedule.Id, new() { Schedule = Schedule() }, Cancel);
                        else if (random.Next(2) == 0)
                            await api.DeleteScheduleAsync(deployment.Id, schedule.Id, Cancel);
                        else
                            await api.UpdateScheduleAsync(deployment.Id, schedule.Id, new() { Active = !schedule.Active, Schedule = Schedule(), Parameters = Parameters() }, Cancel);
                    }
                    break;
                case 3 when !forPrefect2:
                    await api.CreateSchedulesAsync(deployment.Id, [new() { Slug = $"added-{random.Next():x}", Schedule = Schedule(), Active = random.Next(2) == 0 }], Cancel);
                    break;
            }
        }
    }

    private DeploymentCreate Deployment(Flow flow, string name, IReadOnlyList<WorkPool> pools)
    {
        bool served = random.Next(4) == 0;
        return new()
        {
            Name = name,
            FlowId = flow.Id,
            Paused = random.Next(2) == 0,
            Schedules = [.. Enumerable.Range(0, random.Next(forPrefect2 ? 2 : 4)).Select(i => new DeploymentScheduleCreate
            {
                Slug = random.Next(3) == 0 ? null : $"slug-{i}",
                Schedule = Schedule(),
                Active = forPrefect2 || random.Next(2) == 0,
                Parameters = forPrefect2 ? null : Parameters(),
                MaxScheduledRuns = forPrefect2 ? null : MaybeNumber(),
            })],
            ConcurrencyLimit = forPrefect2 ? null : MaybeNumber(),
            ConcurrencyOptions = !forPrefect2 && random.Next(3) == 0 ? new() { CollisionStrategy = Pick("ENQUEUE", "CANCEL_NEW"), GracePeriodSeconds = 90 } : null,
            EnforceParameterSchema = !forPrefect2 && random.Next(2) == 0,
            ParameterOpenapiSchema = JsonElement.Parse("""{"type":"object","properties":{"n":{"type":"integer","position":0,"title":"n"},"text":{"type":"string"}}}"""),
            Parameters = Parameters(),
            Tags = Tags(),
            Labels = !forPrefect2 && random.Next(2) == 0 ? Object("""{"sluice.app":"Weather","n":1}""") : null,
            PullSteps = random.Next(3) == 0 ? JsonElement.Parse("""[{"a.step":{"directory":"/x y"}}]""") : null,
            WorkPoolName = served ? null : pools[random.Next(pools.Count)].Name,
            WorkQueueName = served ? null : Pick("default", "etl", "later"),
            Description = Maybe("# Märkdown\n\nof two lines"),
            Path = Maybe("s3://bucket/flows/α?region=eu"),
            Version = Maybe("1.0.0+abc"),
            Entrypoint = Maybe("Weather.dll!Weather.Flows.BuildAsync"),
            JobVariables = random.Next(2) == 0 ? Object("""{"command":"sluice flow-run execute","env":{"SLUICE_PACKAGE":"s3://b/p#sha256:00"}}""") : null,
        };
    }

    private Schedule Schedule() => random.Next(3) switch
    {
        0 => new() { Cron = Pick("0 6 * * *", "*/5 * * * mon-fri", "0 0 L * *"), Timezone = Pick("UTC", "Europe/Paris", null), DayOr = random.Next(2) == 0 },
        1 => new() { Interval = Pick(60d, 3600d, 90.5), AnchorDate = new DateTimeOffset(2026, 1, random.Next(1, 28), 3, 0, 0, TimeSpan.Zero), Timezone = Pick("UTC", "America/New_York") },
        _ => new() { Rrule = Pick("DTSTART:20260101T090000\nFREQ=DAILY;INTERVAL=2", "FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=9;BYMINUTE=30;BYSECOND=0"), Timezone = "Europe/Berlin" },
    };

    private Dictionary<string, JsonElement> Parameters() => random.Next(3) == 0 ? [] : Object($$"""{"n":{{random.Next(100).ToString(CultureInfo.InvariantCulture)}},"text":"a \"quoted\" ☃ text"}""");

    private JsonElement Value() => JsonElement.Parse(forPrefect2 ? Pick("\"a text\"", "\"\"", "\"☃ '; --\"") : Pick("""{"rows":[1,2.5,null]}""", "\"a text\"", "\"\"", "12", "[]", "true", "\"☃ '; DROP TABLE variable; --\"")!);

    private JsonElement? Template() => random.Next(2) == 0 ? null : JsonElement.Parse(
        """{"job_configuration":{"command":"{{ command }}","env":"{{ env }}"},"variables":{"type":"object","properties":{"command":{"type":"string","default":"x"},"env":{"type":"object"}}}}""");

    private List<string> Tags() => [.. Enumerable.Range(0, random.Next(3)).Select(i => $"tag {i}")];

    private string? Maybe(string text) => random.Next(2) == 0 ? null : text;

    private int? MaybeNumber() => random.Next(2) == 0 ? null : random.Next(1, 50);

    private T Pick<T>(params T[] all) => all[random.Next(all.Length)];

    private static Dictionary<string, JsonElement> Object(string json) => JsonElement.Parse(json).EnumerateObject().ToDictionary(member => member.Name, member => member.Value);
}
