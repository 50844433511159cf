using Sluice.Orchestration;

namespace Sluice.Server.Tests;

/// <summary>What the test program does as a child process: uses the database as another process would.</summary>
internal static class Child
{
    /// <summary>The running test program.</summary>
    public static string Program => Environment.ProcessPath!;

    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            // Claims whatever is due until nothing is left; prints the runs it got.
            case ["claim", var home]:
            {
                await using IOrchestrationApi api = await EmbeddedApi.OpenAsync(new(home), TimeProvider.System, default);
                while (true)
                {
                    IReadOnlyList<WorkerFlowRun> due = await api.GetScheduledFlowRunsAsync("default-agent-pool", new() { Limit = 20 }, default);
                    if (due.Count == 0)
                        return 0;
                    foreach (Guid id in due.Select(run => run.FlowRun.Id))
                    {
                        OrchestrationResult answer = await api.SetFlowRunStateAsync(id, new() { Type = StateType.Pending }, new() { Lease = TimeSpan.FromMinutes(1) }, default);
                        if (answer.Status == SetStateStatus.Accept)
                            Console.WriteLine(id);
                    }
                }
            }
            // Applies, runs and ends runs until it is killed; prints what was acknowledged.
            case ["write-forever", var home, var name]:
            {
                await using IOrchestrationApi api = await EmbeddedApi.OpenAsync(new(home), TimeProvider.System, default);
                for (int i = 0; ; i++)
                {
                    IReadOnlyList<DeploymentApplied> applied = await api.ApplyAsync(new() { Deployments = [Apply(name, "one", i), Apply(name, "two", i)] }, default);
                    Console.WriteLine($"applied {i}");
                    FlowRun run = await api.CreateDeploymentRunAsync(applied[0].Id, new(), default);
                    Console.WriteLine($"created {run.Id}");
                    await api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Pending }, default, default);
                    await api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Running }, default, default);
                    await api.CreateLogsAsync([new() { Name = "test", Level = 20, Message = "line", Timestamp = DateTimeOffset.UtcNow, FlowRunId = run.Id }], default);
                    await api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Completed }, default, default);
                    Console.WriteLine($"completed {run.Id}");
                }
            }
            // Makes up for what was missed, as a server does first.
            case ["settle", var home]:
            {
                await using IOrchestrationApi api = await EmbeddedApi.OpenAsync(new(home), TimeProvider.System, default);
                Console.WriteLine("opened");
                await new ServerServices(api, TimeProvider.System).CatchUpAsync(default);
                Console.WriteLine("settled");
                return 0;
            }
            // Serves until it is killed; prints where.
            case ["serve", var home]:
            {
                await using IOrchestrationApi api = await EmbeddedApi.OpenAsync(new(home), TimeProvider.System, default);
                await using ApiHost host = await ApiHost.StartAsync(api, new(), default);
                Console.WriteLine(host.Url);
                await Task.Delay(TimeSpan.FromMinutes(10));
                return 0;
            }
            case ["open", var home]:
                try
                {
                    await using IOrchestrationApi api = await EmbeddedApi.OpenAsync(new(home), TimeProvider.System, default);
                    Console.WriteLine("opened");
                    return 0;
                }
                catch (OrchestrationException error)
                {
                    Console.WriteLine($"{error.Kind}: {error.Message}");
                    return 1;
                }
            default:
                return 2;
        }
    }

    private static DeploymentApply Apply(string flow, string name, int version) => new()
    {
        FlowName = flow,
        Deployment = new()
        {
            Name = name,
            FlowId = Guid.Empty,
            WorkQueueName = "default",
            Version = version.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Schedules = [new() { Schedule = new() { Cron = $"{version % 60} * * * *" }, Slug = "schedule-1" }],
        },
    };
}
