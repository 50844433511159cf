using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Deploy.Ownership;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Testing.Prefect;

namespace Sluice.Deploy.Tests.Ownership;

/// <summary>A server that is published to, and whose deployments are looked at: Sluice's own (0), or what stands in for a Prefect server of a generation.</summary>
internal sealed class Place : IAsyncDisposable
{
    private readonly DeployBench _bench;
    private readonly PrefectServer? _server;

    private Place(DeployBench bench, PrefectServer? server, IOrchestrationApi api) => (_bench, _server, Api) = (bench, server, api);

    public IOrchestrationApi Api { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<Place> StartAsync(DeployBench bench, int generation)
    {
        PrefectServer? server = generation switch
        {
            0 => null,
            2 => await Prefect2Server.StartAsync(cancellationToken: Cancel),
            _ => await Prefect3Server.StartAsync(cancellationToken: Cancel),
        };
        return new(bench, server, server is null ? await bench.OpenAsync() : new HttpOrchestrationApi(server.Endpoint));
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    public Task<DeployResult> RunAsync(DeployRequest request) => _bench.RunAsync(request, _server?.Url);

    /// <summary>The surroundings of what is no publish.</summary>
    public DeployEnvironment Environment() => _bench.Environment(_server?.Url);

    /// <summary>Publishes the flow as changed.</summary>
    public async Task<DeployResult> PublishAsync(Action<JsonNode> change, DeployRequest? request = null)
    {
        // The standard flow has what Prefect 2 warns of.
        _bench.ChangeFlow(flow =>
        {
            flow["deployments"]![1]!["concurrency_limit"] = null;
            change(flow);
        });
        DeployResult result = await RunAsync(request ?? _bench.Request);
        result.Diagnostics.Where(diagnostic => !diagnostic.IsWarning).ShouldBeEmpty();
        return result;
    }

    public async Task<Deployment> LiveAsync(string name, string flow = "Weather report") => (await Api.FindDeploymentAsync(flow, name, Cancel)).ShouldNotBeNull();

    public async Task<OwnerMark?> MarkAsync(string name) => OwnerMark.Of(await LiveAsync(name));

    public async Task<string[]> NamesAsync() => [.. (await Api.ListDeploymentsAsync(new(), Cancel)).Select(deployment => deployment.Name).Order(StringComparer.Ordinal)];

    /// <summary>What a person does by "Duplicate" on Prefect's pages: everything is copied, also what we left there.</summary>
    public async Task<Guid> CopyAsync(Deployment live, string copy) => (await Api.UpsertDeploymentAsync(
        new() { Name = copy, FlowId = live.FlowId, Entrypoint = live.Entrypoint, Path = live.Path, JobVariables = live.JobVariables, Tags = live.Tags, Labels = live.Labels, Parameters = live.Parameters }, Cancel)).Id;
}
