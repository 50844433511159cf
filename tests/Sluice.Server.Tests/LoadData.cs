using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Tests;

/// <summary>The thousand deployments and their runs, made once for all tests.</summary>
public sealed class LoadData : IAsyncLifetime
{
    public const int Deployments = 1_000;
    public const int RunsOfEach = 10;
    public const string Pool = "load";
    private Home _home = null!;
    private readonly List<Guid> _deployments = [];
    private readonly Dictionary<Guid, (int Deployment, int Number)> _runs = [];

    internal Home Home => _home;

    internal IReadOnlyList<Guid> DeploymentIds => _deployments;

    internal IReadOnlyDictionary<Guid, (int Deployment, int Number)> Runs => _runs;

    public async ValueTask InitializeAsync()
    {
        _home = await Sluice.Server.Tests.Home.OpenAsync();
        await _home.Api.CreateWorkPoolAsync(new() { Name = Pool }, default);
        foreach (int queue in Enumerable.Range(0, 4))
            await _home.Api.CreateWorkQueueAsync(Pool, new() { Name = $"queue-{queue}", Priority = 10 + queue }, default);
        foreach (int[] some in Enumerable.Range(0, Deployments).Chunk(100))
        {
            IReadOnlyList<DeploymentApplied> applied = await _home.Api.ApplyAsync(new() { Deployments = [.. some.Select(number => new DeploymentApply
            {
                FlowName = $"flow-{number % 50}",
                Deployment = new() { Name = $"d-{number:0000}", FlowId = Guid.Empty, WorkPoolName = Pool, WorkQueueName = $"queue-{number % 4}", Tags = [$"tag-{number % 20}"] },
            })] }, default);
            _deployments.AddRange(applied.Select(one => one.Id));
        }
        // Every tenth run has ended, the others are due by and by.
        foreach (int[] some in Enumerable.Range(0, Deployments).Chunk(100))
        {
            await _home.Api.Write(scope =>
            {
                foreach (int number in some)
                {
                    for (int i = 0; i < RunsOfEach; i++)
                    {
                        DateTimeOffset due = Sluice.Server.Tests.Home.Start.AddSeconds(number + i * Deployments);
                        FlowRun run = FlowRuns.Create(scope, _deployments[number], new() { State = new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = due } } });
                        if (i == 0)
                            FlowRunStates.Impose(scope, run.Id, new() { Type = StateType.Completed });
                        _runs.Add(run.Id, (number, i));
                    }
                }
            }, default);
        }
    }

    public ValueTask DisposeAsync() => _home.DisposeAsync();
}
