using Sluice.Orchestration.Tests.Contract;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Orchestration.Tests.Prefect;

/// <summary>Whoever points the contract suite at a server of their own finds it afterwards as it was.</summary>
public sealed class GivenServerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2), InlineData(3)]
    public async Task The_contract_suite_passes_on_a_given_server_and_leaves_nothing_behind(int generation)
    {
        await using PrefectServer server = generation == 2
            ? await Prefect2Server.StartAsync(new() { ApiKey = "a key" }, Cancel)
            : await Prefect3Server.StartAsync(new() { ApiKey = "a key" }, Cancel);
        // What was there before, of each kind that the suite makes.
        await server.Store.CreateWorkPoolAsync(new() { Name = "theirs", Type = "process" }, Cancel);
        await server.Store.CreateVariableAsync(new() { Name = "theirs", Value = System.Text.Json.JsonElement.Parse("1") }, Cancel);
        await server.Store.UpsertDeploymentAsync(new() { Name = "theirs", FlowId = (await server.Store.EnsureFlowAsync(new() { Name = "theirs" }, Cancel)).Id, WorkPoolName = "theirs" }, Cancel);
        string[] before = await ThereAsync(server.Store);

        await using ProgramRun suite = ProgramRun.Start(Environment.ProcessPath!, ["-noColor", "-namespace", typeof(ContractTest).Namespace!], new Dictionary<string, string?>
        {
            [ApiDoors.UrlVariable] = server.Url.ToString(),
            ["SLUICE_TEST_PREFECT_API_KEY"] = "a key",
        });
        int exitCode = await suite.WaitForExitAsync(TimeSpan.FromMinutes(5));

        exitCode.ShouldBe(0, suite.Output);
        server.Writes.Count.ShouldBeGreaterThan(100);
        (await ThereAsync(server.Store)).ShouldBe(before);
    }

    private static async Task<string[]> ThereAsync(IOrchestrationApi store)
    {
        IReadOnlyList<WorkPool> pools = await store.ListWorkPoolsAsync(new(), Cancel);
        List<string> there =
        [
            .. (await store.ListFlowsAsync(new(), Cancel)).Select(flow => $"flow {flow.Name}"),
            .. (await store.ListDeploymentsAsync(new(), Cancel)).Select(deployment => $"deployment {deployment.Name}"),
            .. (await store.ListFlowRunsAsync(new(), Cancel)).Select(run => $"run {run.Name}"),
            .. (await store.ListVariablesAsync(new(), Cancel)).Select(variable => $"variable {variable.Name}"),
            .. (await store.ListBlockTypesAsync(new(), Cancel)).Select(type => $"block type {type.Name}"),
            .. (await store.ListBlockDocumentsAsync(new(), Cancel)).Select(block => $"block {block.Name}"),
            .. (await store.ListArtifactsAsync(new(), Cancel)).Select(artifact => $"artifact {artifact.Key}"),
            .. (await store.ListConcurrencyLimitsAsync(new(), Cancel)).Select(limit => $"limit {limit.Name}"),
            .. (await store.ListLogsAsync(new(), Cancel)).Select(log => $"log {log.Message}"),
        ];
        foreach (WorkPool pool in pools)
        {
            there.AddRange((await store.ListWorkQueuesAsync(pool.Name, Cancel)).Select(queue => $"queue {pool.Name}/{queue.Name}"));
            there.AddRange((await store.ListWorkersAsync(pool.Name, Cancel)).Select(worker => $"worker {pool.Name}/{worker.Name}"));
        }

        return [.. there.Order(StringComparer.Ordinal)];
    }
}
