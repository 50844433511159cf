using System.Collections.Concurrent;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Server;
using Sluice.Storage;
using Sluice.Storage.Blocks;
using Sluice.Storage.Secrets;
using Sluice.Testing;
using Sluice.Worker.Launch;

namespace Sluice.Worker.Tests;

/// <summary>A home of its own with the embedded API, its HTTP host for children, and workers over it.</summary>
internal sealed class WorkerBench : IAsyncDisposable
{
    public const string Pool = "default-agent-pool";
    public const string Token = "bench";
    public static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private readonly TempFolder _folder;
    private readonly List<BenchWorker> _workers = [];

    private WorkerBench(TempFolder folder, IOrchestrationApi api, ApiHost host) => (_folder, Api, Host) = (folder, api, host);

    /// <summary>The program that flows of the bench run.</summary>
    public static string Program { get; } = Path.Combine(
        Repository.Root, "tests", "Sluice.Worker.Tests.Program", "bin", "Release", "net10.0", OperatingSystem.IsWindows() ? "TestFlow.exe" : "TestFlow");

    public SluiceHome Home => new(_folder["home"]);

    public IOrchestrationApi Api { get; }

    public ApiHost Host { get; set; }

    public string this[string name] => _folder[name];

    public static async Task<WorkerBench> CreateAsync()
    {
        var folder = new TempFolder();
        IOrchestrationApi api = await EmbeddedApi.OpenAsync(new(folder["home"]), TimeProvider.System, default);
        return new(folder, api, await ApiHost.StartAsync(api, new() { Token = Token }, default));
    }

    /// <summary>Secrets of the environment, then of the server's blocks, as the tool composes them.</summary>
    public StorageSources Sources => new(new EnvironmentSecrets(new BlockSecrets(Api)), StorageSources.Environment.Blocks);

    /// <summary>Stores a secret as a block of the type that Prefect has for them.</summary>
    public async Task SetSecretAsync(string name, string value)
    {
        BlockType type = await Api.FindBlockTypeAsync("secret", default) ?? await Api.CreateBlockTypeAsync(new() { Name = "Secret", Slug = "secret" }, default);
        BlockSchema schema = await Api.EnsureBlockSchemaAsync(
            new() { BlockTypeId = type.Id, Fields = JsonElement.Parse("""{"type":"object","properties":{"value":{"type":"string"}},"secret_fields":["value"]}""") }, default);
        await Api.CreateBlockDocumentAsync(
            new() { Name = name, BlockTypeId = type.Id, BlockSchemaId = schema.Id, Data = new Dictionary<string, JsonElement> { ["value"] = JsonSerializer.SerializeToElement(value) } }, default);
    }

    /// <summary>A deployment that runs the test program with these words.</summary>
    public Task<Guid> DeployAsync(string words, string? queue = null, int? concurrencyLimit = null) =>
        DeployAsync(new Dictionary<string, object?> { ["command"] = $"'{Program}' {words}" }, queue, concurrencyLimit);

    public async Task<Guid> DeployAsync(Dictionary<string, object?> jobVariables, string? queue = null, int? concurrencyLimit = null, string pool = Pool)
    {
        Flow flow = await Api.EnsureFlowAsync(new() { Name = "Test flow" }, default);
        Deployment deployment = await Api.UpsertDeploymentAsync(
            new()
            {
                Name = Guid.NewGuid().ToString("N"),
                FlowId = flow.Id,
                WorkPoolName = pool,
                WorkQueueName = queue,
                ConcurrencyLimit = concurrencyLimit,
                Entrypoint = "TestFlow.dll!Flow",
                EnforceParameterSchema = false,
                JobVariables = jobVariables.ToDictionary(variable => variable.Key, variable => JsonSerializer.SerializeToElement(variable.Value)),
            },
            default);
        return deployment.Id;
    }

    public async Task<Guid> RunAsync(Guid deployment, DateTimeOffset? due = null, Dictionary<string, object?>? jobVariables = null)
    {
        FlowRun run = await Api.CreateDeploymentRunAsync(
            deployment,
            new()
            {
                State = due is null ? null : new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = due } },
                JobVariables = jobVariables?.ToDictionary(variable => variable.Key, variable => JsonSerializer.SerializeToElement(variable.Value)),
            },
            default);
        return run.Id;
    }

    public async Task<Guid> RunAsync(string words) => await RunAsync(await DeployAsync(words));

    public BenchWorker Work(Func<FlowWorkerOptions, FlowWorkerOptions>? with = null, IOrchestrationApi? api = null, IRunLauncher? launcher = null)
    {
        var worker = new BenchWorker(this, api ?? Api, with ?? (options => options), launcher);
        _workers.Add(worker);
        return worker;
    }

    /// <summary>Waits until the run is as asked for.</summary>
    public async Task<FlowRun> WaitAsync(Guid id, Func<FlowRun, bool> condition)
    {
        using var bound = new CancellationTokenSource(Bound);
        for (long change = 0; ;)
        {
            FlowRun run = (await Api.ReadFlowRunAsync(id, default)).ShouldNotBeNull();
            if (condition(run))
                return run;
            try
            {
                change = await Api.WaitForChangeAsync(change, TimeSpan.FromSeconds(30), bound.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"The run is {run.StateName} still: {run.State?.Message}\n{string.Join('\n', _workers.SelectMany(worker => worker.Lines))}\n{string.Join('\n', (await LogsAsync(id)).Select(log => log.Message))}");
            }
        }
    }

    public Task<FlowRun> WaitForEndAsync(Guid id) => WaitAsync(id, run => run.StateType?.IsFinal() == true);

    public Task<FlowRun> WaitForAsync(Guid id, StateType type) => WaitAsync(id, run => run.StateType == type);

    /// <summary>Waits for a record of the run's log and answers its message.</summary>
    public async Task<string> WaitForLogAsync(Guid id, Func<string, bool> condition)
    {
        string? found = null;
        using var bound = new CancellationTokenSource(Bound);
        for (long change = 0; ; change = await Api.WaitForChangeAsync(change, TimeSpan.FromSeconds(30), bound.Token))
        {
            found = (await LogsAsync(id)).Select(log => log.Message).FirstOrDefault(condition);
            if (found is not null)
                return found;
        }
    }

    public Task<IReadOnlyList<Log>> LogsAsync(Guid id) => Api.ListLogsAsync(new() { Logs = new() { FlowRunId = new() { Any = [id] } } }, default);

    public async Task<StateType[]> StatesAsync(Guid id) => [.. (await Api.ListFlowRunStatesAsync(id, default)).Select(state => state.Type)];

    public Task<OrchestrationResult> CancelAsync(Guid id) => Api.SetFlowRunStateAsync(id, new() { Type = StateType.Cancelling }, default, default);

    public async ValueTask DisposeAsync()
    {
        foreach (BenchWorker worker in _workers)
            await worker.DisposeAsync();
        await Host.DisposeAsync();
        await Api.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>Secrets that the server keeps.</summary>
internal sealed class BlockSecrets(IOrchestrationApi api) : ISecretSource
{
    public async ValueTask<string?> FindAsync(string name, CancellationToken cancellationToken) =>
        SecretBlocks.NameOf(name) is { } block && await api.FindBlockDocumentAsync("secret", block, includeSecrets: true, cancellationToken) is { } document
            ? document.Data["value"].GetString() : null;
}

/// <summary>A worker in the test's own process.</summary>
internal sealed class BenchWorker : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly ConcurrentQueue<string> _lines = new();

    public BenchWorker(WorkerBench bench, IOrchestrationApi api, Func<FlowWorkerOptions, FlowWorkerOptions> with, IRunLauncher? launcher)
    {
        FlowWorkerOptions options = with(new()
        {
            Name = $"worker-{Guid.NewGuid():N}",
            Pool = WorkerBench.Pool,
            ApiUrl = bench.Host.Url,
            Home = bench.Home,
            ChildEnvironment = new Dictionary<string, string> { ["PREFECT_API_KEY"] = WorkerBench.Token },
            Log = _lines.Enqueue,
            TerminationGrace = TimeSpan.FromSeconds(20),
        });
        Name = options.Name;
        var worker = launcher is null ? new FlowWorker(api, options, TimeProvider.System) : new FlowWorker(api, options, TimeProvider.System, launcher);
        Ended = worker.RunAsync(_stop.Token, _abort.Token);
    }

    public string Name { get; }

    /// <summary>Ends when the worker has.</summary>
    public Task Ended { get; }

    public IReadOnlyCollection<string> Lines => _lines;

    public void Stop() => _stop.Cancel();

    public void Abort() => _abort.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _abort.CancelAsync();
        await Ended.WaitAsync(WorkerBench.Bound).ContinueWith(_ => { }, TaskScheduler.Default);
    }
}
