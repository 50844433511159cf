using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Server;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Deploy.Tests;

/// <summary>Publishes many deployments to one of three servers and counts what it takes: for a test of the counts, and for <c>build/bench.cs</c>.</summary>
internal sealed class PlanMeasure : IAsyncDisposable
{
    /// <summary>Where: in this process, over HTTP to our server, over HTTP to what stands in for Prefect 3.</summary>
    public static IReadOnlyList<string> Places { get; } = ["embedded, in process", "our server, over HTTP", "Prefect 3, over HTTP"];

    private const int PerFlow = 10;

    private readonly DeployBench _bench = new();
    private readonly MeterListener _listener = new();
    private readonly int _count;
    private readonly List<IAsyncDisposable> _servers = [];
    private FaultProxy? _proxy;
    private IOrchestrationApi? _store;
    private int _requests;

    private PlanMeasure(int count)
    {
        _count = count;
        Write();
    }

    /// <summary>One step of the measure.</summary>
    public sealed record Row(string Step, int Requests, long Sent, long Received, TimeSpan Time, DeployOutcome Outcome);

    /// <summary>Starts the server.</summary>
    public static async Task<PlanMeasure> StartAsync(string place, int count)
    {
        var measure = new PlanMeasure(count);
        if (place == Places[0])
            return measure;
        int port;
        if (place == Places[1])
        {
            IOrchestrationApi store = await EmbeddedApi.OpenAsync(measure._bench.Home, TimeProvider.System, default);
            ApiHost host = await ApiHost.StartAsync(store, new(), default);
            measure._servers.AddRange([host, store]);
            measure._store = store;
            port = host.Url.Port;
        }
        else
        {
            Prefect3Server server = await Prefect3Server.StartAsync();
            measure._servers.Add(server);
            measure._store = server.Store;
            port = server.Url.Port;
        }
        measure._proxy = new(port, _ => null);
        measure.Listen();
        return measure;
    }

    /// <summary>Deployments of other teams, which no publish made.</summary>
    public async Task AddForeignAsync(int count) => await _store!.ApplyAsync(
        new() { Deployments = [.. Enumerable.Range(0, count).Select(i => new DeploymentApply { FlowName = $"Of others {i % 50}", Deployment = new() { Name = $"other {i}", FlowId = default, Entrypoint = "others.py:flow", Tags = ["others"], JobVariables = new Dictionary<string, JsonElement> { ["env"] = JsonElement.Parse("""{"SLUICE_APP":"Others"}""") }, Labels = new Dictionary<string, JsonElement> { ["sluice.app"] = JsonElement.Parse("\"Others\"") } } })] }, default);

    /// <summary>The steps that issue 7 names, in their order.</summary>
    public async Task<IReadOnlyList<Row>> AllAsync()
    {
        var rows = new List<Row> { await StepAsync("plan, all new", plan: true), await StepAsync("publish, all new", plan: false), await StepAsync("plan, unchanged", plan: true), await StepAsync("publish, unchanged", plan: false) };
        Write(one => one["tags"] = new JsonArray("changed"));
        rows.AddRange([await StepAsync("plan, one changed", plan: true), await StepAsync("publish, one changed", plan: false)]);
        _bench.Temp.Write("publish/Weather.dll", "another program");
        rows.AddRange([await StepAsync("publish, another program", plan: false), await StepAsync("publish, unchanged", plan: false)]);
        return rows;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        if (_proxy is not null)
            await _proxy.DisposeAsync();
        foreach (IAsyncDisposable server in _servers)
            await server.DisposeAsync();
        _bench.Dispose();
    }

    /// <summary>Prints the table of all places.</summary>
    public static async Task PrintAsync(int count)
    {
        foreach (string place in Places)
        {
            // Once for the compiler.
            await using (PlanMeasure warm = await StartAsync(place, 20))
                await warm.AllAsync();
            await using PlanMeasure measure = await StartAsync(place, count);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n| {place} | requests | sent | received | time |\n|---|---:|---:|---:|---:|"));
            foreach (Row row in await measure.AllAsync())
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {row.Step} | {row.Requests} | {row.Sent / 1e3:0} kB | {row.Received / 1e3:0} kB | {row.Time.TotalMilliseconds:0} ms |"));
        }
    }

    /// <summary>One publish, or its plan.</summary>
    public async Task<Row> StepAsync(string step, bool plan)
    {
        (int requests, long up, long down) = (Volatile.Read(ref _requests), _proxy?.BytesUp ?? 0, _proxy?.BytesDown ?? 0);
        long start = Stopwatch.GetTimestamp();
        DeployResult result = await _bench.RunAsync(_bench.Request with { PlanOnly = plan }, _proxy is null ? null : new Uri($"http://127.0.0.1:{_proxy.Port}/api"));
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        result.Succeeded.ShouldBeTrue(string.Join('\n', result.Diagnostics.Take(5)));
        return new(step, Volatile.Read(ref _requests) - requests, (_proxy?.BytesUp ?? 0) - up, (_proxy?.BytesDown ?? 0) - down, time, result.Outcome!);
    }

    /// <summary>Counts what clients of this process send to the server.</summary>
    private void Listen()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "System.Net.Http", Name: "http.client.request.duration" })
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            foreach ((string key, object? value) in tags)
            {
                if (key == "server.port" && value is int port && port == _proxy!.Port)
                    Interlocked.Increment(ref _requests);
            }
        });
        _listener.Start();
    }

    private void Write(Action<JsonNode>? first = null)
    {
        var flows = new List<JsonNode>();
        for (int i = 0; i < _count; i += PerFlow)
        {
            JsonNode flow = JsonNode.Parse(DeployBench.Flow)!;
            flow["name"] = $"Flow {i / PerFlow}";
            flow["entrypoint"] = $"Weather.dll!Weather.Flows.Build{i / PerFlow}";
            JsonNode template = flow["deployments"]![0]!;
            flow["deployments"] = new JsonArray([.. Enumerable.Range(0, Math.Min(PerFlow, _count - i)).Select(k =>
            {
                JsonNode one = template.DeepClone();
                one["name"] = $"deployment {k}";
                return one;
            })]);
            flows.Add(flow);
        }
        first?.Invoke(flows[0]["deployments"]![0]!);
        _bench.WriteFlows([.. flows]);
    }
}
