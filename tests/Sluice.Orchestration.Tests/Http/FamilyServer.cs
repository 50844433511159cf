using System.Text;
using System.Text.Json;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>A server with a flow, a deployment and a run, asked over HTTP as Prefect's clients ask.</summary>
internal sealed class FamilyServer : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private ApiHost _host = null!;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public IOrchestrationApi Store { get; private set; } = null!;

    public FakeTimeProvider Clock { get; } = new(new(2026, 6, 1, 10, 0, 0, TimeSpan.Zero));

    public Deployment Deployment { get; private set; } = null!;

    public FlowRun Run { get; private set; } = null!;

    public Uri Url => _host.Url;

    public static async Task<FamilyServer> StartAsync(Func<ApiHostOptions, ApiHostOptions>? change = null)
    {
        FamilyServer server = new();
        server.Store = await EmbeddedApi.OpenAsync(new(server._folder["home"]), server.Clock, Cancel);
        ApiHostOptions options = new() { Time = server.Clock };
        server._host = await ApiHost.StartAsync(server.Store, change?.Invoke(options) ?? options, Cancel);
        Flow flow = await server.Store.EnsureFlowAsync(new() { Name = "f" }, Cancel);
        await server.Store.CreateWorkPoolAsync(new() { Name = "p", Type = "process" }, Cancel);
        server.Deployment = await server.Store.UpsertDeploymentAsync(new() { Name = "d", FlowId = flow.Id, WorkPoolName = "p" }, Cancel);
        server.Run = await server.NewRunAsync();
        return server;
    }

    public Task<FlowRun> NewRunAsync() => Store.CreateDeploymentRunAsync(Deployment.Id, new(), Cancel);

    public Task<OrchestrationResult> SetAsync(Guid run, StateType type, StateDetails? details = null) =>
        Store.SetFlowRunStateAsync(run, new() { Type = type, StateDetails = details }, default, Cancel);

    /// <summary>The run is RUNNING, as a flow's is that starts tasks.</summary>
    public async Task<FlowRun> RunningAsync()
    {
        FlowRun run = await NewRunAsync();
        await SetAsync(run.Id, StateType.Pending);
        await SetAsync(run.Id, StateType.Running);
        return run;
    }

    public async Task<(int Status, JsonElement Body, HttpResponseMessage Response)> SendAsync(string method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), _host.Url + path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        HttpResponseMessage response = await _http.SendAsync(request, Cancel);
        string text = await response.Content.ReadAsStringAsync(Cancel);
        JsonElement answer = response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonElement.Parse(text) : JsonElement.Parse(JsonSerializer.Serialize(text));
        OpenApiAnswers.Check(method, path, (int)response.StatusCode, answer);
        return ((int)response.StatusCode, answer, response);
    }

    /// <summary>Asks, and takes nothing but the expected status.</summary>
    public async Task<JsonElement> OkAsync(string method, string path, string? body = null, int status = 200)
    {
        var (actual, answer, _) = await SendAsync(method, path, body);
        actual.ShouldBe(status, $"{method} {path}: {answer}");
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await Store.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }
}
