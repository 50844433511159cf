using Sluice.Orchestration.Http;
using Sluice.Testing.Prefect;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>Two applies at once that need the same new pool, queue and flow: the one that fails takes nothing from the other, whichever of them made it.</summary>
public sealed class ApplyTogetherTests
{
    public static TheoryData<int> Generations => [2, 3];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Generations))]
    public async Task What_another_apply_made_in_the_same_moment_stays_when_this_one_is_undone(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await using HttpOrchestrationApi first = Client(server), second = Client(server);
        await Task.WhenAll(first.GetInfoAsync(Cancel), second.GetInfoAsync(Cancel));
        MemoryJournal journal = new();
        Task<IReadOnlyList<DeploymentApplied>>? other = null;
        int began = 0;
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using ManualResetEventSlim undone = new();
        server.Fault = request =>
        {
            if (request.Method == "POST" && request.Path == "/deployments/" && request.Body.Contains("\"theirs\"", StringComparison.Ordinal))
            {
                // All that it shares is made, and nothing uses it yet.
                reached.TrySetResult();
                undone.Wait(TimeSpan.FromMinutes(1), Cancel).ShouldBeTrue();
            }
            else if (request.Method == "POST" && request.Path == "/deployments/" && request.Body.Contains("\"mine\"", StringComparison.Ordinal))
            {
                return new() { Answer = 500 };
            }
            else if (request.IsWrite && Interlocked.Exchange(ref began, 1) == 0)
            {
                // The first write of this apply, which found everything missing.
                other = Task.Run(() => second.ApplyAsync(Changes("theirs"), null, Cancel));
                reached.Task.Wait(TimeSpan.FromMinutes(1), Cancel).ShouldBeTrue();
            }
            return null;
        };

        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => first.ApplyAsync(Changes("mine"), journal, Cancel));
        undone.Set();

        error.Undo.ShouldBe(ApplyUndo.Done);
        journal.Entry.ShouldBeNull();
        (await other.ShouldNotBeNull()).ShouldHaveSingleItem().Created.ShouldBeTrue();
        server.Fault = null;
        (await first.FindDeploymentAsync("shared", "mine", Cancel)).ShouldBeNull();
        Deployment theirs = (await first.FindDeploymentAsync("shared", "theirs", Cancel)).ShouldNotBeNull();
        (theirs.WorkPoolName, theirs.WorkQueueName).ShouldBe(("fresh", "etl"));
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task What_this_apply_made_stays_when_another_uses_it_by_then(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await using HttpOrchestrationApi first = Client(server), second = Client(server);
        await Task.WhenAll(first.GetInfoAsync(Cancel), second.GetInfoAsync(Cancel));
        server.Fault = request =>
        {
            if (request.Method != "POST" || request.Path != "/deployments/" || !request.Body.Contains("\"mine\"", StringComparison.Ordinal))
                return null;
            second.ApplyAsync(Changes("theirs"), null, Cancel).GetAwaiter().GetResult().ShouldHaveSingleItem();
            return new() { Answer = 500 };
        };

        (await Should.ThrowAsync<OrchestrationException>(() => first.ApplyAsync(Changes("mine"), new MemoryJournal(), Cancel))).Undo.ShouldBe(ApplyUndo.Done);

        server.Fault = null;
        (await first.FindDeploymentAsync("shared", "theirs", Cancel)).ShouldNotBeNull().WorkQueueName.ShouldBe("etl");
    }

    [Theory, MemberData(nameof(Generations))]
    public async Task A_pool_that_somebody_gave_a_queue_meanwhile_stays_and_what_nobody_uses_goes(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await using HttpOrchestrationApi first = Client(server), person = Client(server);
        server.Fault = request =>
        {
            if (request.Method != "POST" || request.Path != "/deployments/" || !request.Body.Contains("\"mine\"", StringComparison.Ordinal))
                return null;
            person.CreateWorkQueueAsync("fresh", new() { Name = "hers" }, Cancel).GetAwaiter().GetResult();
            return new() { Answer = 500 };
        };

        (await Should.ThrowAsync<OrchestrationException>(() => first.ApplyAsync(Changes("mine"), new MemoryJournal(), Cancel))).Undo.ShouldBe(ApplyUndo.Done);

        server.Fault = null;
        (await first.FindWorkQueueAsync("fresh", "hers", Cancel)).ShouldNotBeNull();
        (await first.FindWorkQueueAsync("fresh", "etl", Cancel)).ShouldBeNull();
        (await first.FindFlowAsync("shared", Cancel)).ShouldBeNull();
    }

    private static DeploymentChanges Changes(string name) => new()
    {
        WorkPools = [new() { Name = "fresh", Type = "process" }],
        Deployments = [new() { FlowName = "shared", Deployment = new() { Name = name, FlowId = default, WorkPoolName = "fresh", WorkQueueName = "etl", Entrypoint = "App.dll!F", Path = "file:///one" } }],
    };

    private static HttpOrchestrationApi Client(PrefectServer server) => new(server.Endpoint, TimeProvider.System, new() { MaxRetries = 0 });

    private static async Task<PrefectServer> StartAsync(int generation) =>
        generation == 2 ? await Prefect2Server.StartAsync(cancellationToken: Cancel) : await Prefect3Server.StartAsync(cancellationToken: Cancel);
}
