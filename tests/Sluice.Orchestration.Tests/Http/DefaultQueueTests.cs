using Sluice.Orchestration.Http;
using Sluice.Testing.Prefect;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>The queue that a server makes with each pool, and does not let be deleted.</summary>
public sealed class DefaultQueueTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, InlineData(2), InlineData(3)]
    public async Task What_was_killed_after_it_made_a_pool_is_undone_with_the_queue_that_came_with_it(int generation)
    {
        await using PrefectServer server = generation == 2 ? await Prefect2Server.StartAsync(cancellationToken: Cancel) : await Prefect3Server.StartAsync(cancellationToken: Cancel);
        DeploymentChanges changes = new()
        {
            WorkPools = [new() { Name = "prod", Type = "process" }],
            Deployments = [new() { FlowName = "Weather", Deployment = new() { Name = "daily", FlowId = default, WorkPoolName = "prod", WorkQueueName = "default" } }],
        };
        MemoryJournal journal = new();
        bool made = false;
        server.Fault = request =>
        {
            journal.Dead |= made;
            made |= request.IsWrite && request.Path == "/work_pools/";
            return journal.Dead ? new() { Before = true } : null;
        };
        await using (HttpOrchestrationApi killed = new(server.Endpoint, TimeProvider.System, new() { MaxRetries = 0 }))
            await Record.ExceptionAsync(() => killed.ApplyAsync(changes, journal, Cancel));
        server.Fault = null;
        made.ShouldBeTrue();
        string entry = journal.Entry.ShouldNotBeNull();
        await using HttpOrchestrationApi api = new(server.Endpoint);
        (await api.FindWorkPoolAsync("prod", Cancel)).ShouldNotBeNull();
        MemoryJournal kept = new();
        await kept.BeginAsync(entry, Cancel);

        (await api.RecoverAsync(entry, complete: false, kept, Cancel)).Completed.ShouldBeFalse();

        kept.Entry.ShouldBeNull();
        (await api.FindWorkPoolAsync("prod", Cancel)).ShouldBeNull();
        (await api.FindFlowAsync("Weather", Cancel)).ShouldBeNull();
    }
}
