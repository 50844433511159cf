using Sluice.Orchestration;
using Sluice.Server.Store;
using Sluice.Testing;

namespace Sluice.Server.Tests.Live;

/// <summary>A server on a free port over a home of its own.</summary>
internal sealed class LiveServer : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<IAsyncDisposable> _open = [];

    private LiveServer() => Where = new(_folder.Path);

    public SluiceHome Where { get; }

    public EmbeddedStore Api { get; private set; } = null!;

    public Uri Url { get; private set; } = null!;

    /// <summary>What the server had to say of errors.</summary>
    public List<string> Reports { get; } = [];

    public static async Task<LiveServer> StartAsync(Func<ApiHostOptions, ApiHostOptions>? change = null)
    {
        var server = new LiveServer();
        (server.Api, server.Url) = await server.StartAnotherAsync(change);
        return server;
    }

    /// <summary>One more server on the same database, as another process has it.</summary>
    public async Task<(EmbeddedStore Api, Uri Url)> StartAnotherAsync(Func<ApiHostOptions, ApiHostOptions>? change = null)
    {
        EmbeddedStore store = await EmbeddedStore.OpenAsync(Where, TimeProvider.System, default);
        var options = new ApiHostOptions
        {
            Report = line =>
            {
                lock (Reports)
                    Reports.Add(line);
            },
        };
        ApiHost host = await ApiHost.StartAsync(store, change?.Invoke(options) ?? options, default);
        _open.Insert(0, store);
        _open.Insert(0, host);
        return (store, host.Url);
    }

    /// <summary>Stops the newest server as a program does that ends; its store stays open.</summary>
    public async Task StopNewestAsync()
    {
        IAsyncDisposable host = _open[0];
        _open.RemoveAt(0);
        await host.DisposeAsync();
    }

    public Task<(int Status, System.Text.Json.JsonElement Body)> PostAsync(string path, object? body = null) => LiveClient.SendAsync(Url, HttpMethod.Post, path, body);

    public Task<(int Status, System.Text.Json.JsonElement Body)> GetAsync(string path) => LiveClient.SendAsync(Url, HttpMethod.Get, path);

    /// <summary>A deployment in the pool "p" of type process, with a run of it.</summary>
    public async Task<(Deployment Deployment, FlowRun Run)> RunAsync(IReadOnlyList<string>? tags = null)
    {
        if (await Api.FindWorkPoolAsync("p", default) is null)
            await Api.CreateWorkPoolAsync(new() { Name = "p", Type = "process" }, default);
        Flow flow = await Api.EnsureFlowAsync(new() { Name = "dotnet-flow" }, default);
        Deployment deployment = await Api.UpsertDeploymentAsync(new() { Name = "prod", FlowId = flow.Id, WorkPoolName = "p", Tags = tags ?? ["t1", "dotnet"] }, default);
        return (deployment, await Api.CreateDeploymentRunAsync(deployment.Id, new() { Name = "cancel-exit143" }, default));
    }

    public Task<OrchestrationResult> SetAsync(Guid run, StateType type) => Api.SetFlowRunStateAsync(run, new() { Type = type }, default, default);

    /// <summary>An event of a client.</summary>
    public static EventCreate Event(string name, string resource = "test.resource.1", DateTimeOffset? occurred = null, params (string Id, string Role)[] related) => new()
    {
        Id = Guid.CreateVersion7(),
        Occurred = occurred ?? DateTimeOffset.UtcNow,
        Event = name,
        Resource = new Dictionary<string, string> { ["prefect.resource.id"] = resource, ["prefect.resource.name"] = "the " + resource },
        Related = [.. related.Select(one => new Dictionary<string, string> { ["prefect.resource.id"] = one.Id, ["prefect.resource.role"] = one.Role })],
    };

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable one in _open)
            await one.DisposeAsync();
        _folder.Dispose();
    }
}
