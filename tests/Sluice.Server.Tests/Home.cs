using System.Text.Json;
using Microsoft.Data.Sqlite;
using Sluice.Orchestration;
using Sluice.Server.Store;
using Sluice.Testing;

namespace Sluice.Server.Tests;

/// <summary>A home folder with an open store and a clock that the test moves.</summary>
internal sealed class Home : IAsyncDisposable
{
    /// <summary>Where every test's clock starts: a Monday.</summary>
    public static readonly DateTimeOffset Start = new(2026, 6, 1, 10, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();
    private readonly List<EmbeddedStore> _open = [];
    private readonly Dictionary<EmbeddedStore, ServerServices> _services = [];

    private Home(DateTimeOffset start) => (Where, Clock) = (new(_folder.Path), new(start));

    public SluiceHome Where { get; }

    public FakeTimeProvider Clock { get; }

    public EmbeddedStore Api { get; private set; } = null!;

    public static async Task<Home> OpenAsync(DateTimeOffset? start = null)
    {
        var home = new Home(start ?? Start);
        home.Api = await home.OpenAnotherAsync();
        return home;
    }

    /// <summary>Opens the same database once more, as another process would.</summary>
    public async Task<EmbeddedStore> OpenAnotherAsync()
    {
        EmbeddedStore store = await EmbeddedStore.OpenAsync(Where, Clock, default);
        _open.Add(store);
        return store;
    }

    public async Task<Flow> FlowAsync(string name = "weather") => await Api.EnsureFlowAsync(new() { Name = name }, default);

    public async Task<Deployment> DeployAsync(string name = "daily", string? cron = null, Func<DeploymentCreate, DeploymentCreate>? change = null, string flow = "weather")
    {
        var create = new DeploymentCreate
        {
            Name = name,
            FlowId = Guid.Empty,
            WorkQueueName = "default",
            Schedules = cron is null ? null : [new() { Schedule = new() { Cron = cron }, Slug = "schedule-1" }],
        };
        IReadOnlyList<DeploymentApplied> applied = await Api.ApplyAsync(new() { Deployments = [new() { FlowName = flow, Deployment = change?.Invoke(create) ?? create }] }, default);
        return (await Api.ReadDeploymentAsync(applied[0].Id, default))!;
    }

    /// <summary>A run of a deployment, in SCHEDULED now.</summary>
    public async Task<FlowRun> RunAsync(Deployment deployment) => await Api.CreateDeploymentRunAsync(deployment.Id, new(), default);

    public async Task<OrchestrationResult> SetAsync(Guid run, StateType type, Func<StateCreate, StateCreate>? change = null, SetStateOptions options = default)
    {
        var state = new StateCreate { Type = type };
        return await Api.SetFlowRunStateAsync(run, change?.Invoke(state) ?? state, options, default);
    }

    public async Task<FlowRun> ReadAsync(Guid run) => (await Api.ReadFlowRunAsync(run, default))!;

    /// <summary>One turn of the services of a server that runs since the first turn.</summary>
    public Task<DateTimeOffset?> CatchUpAsync(EmbeddedStore? store = null)
    {
        store ??= Api;
        if (!_services.TryGetValue(store, out ServerServices? services))
            _services[store] = services = new(store, Clock);
        return services.CatchUpAsync(default);
    }

    /// <summary>Moves the clock on to a time; on the way the services do what is due, when it is due.</summary>
    public async Task RunServicesUntilAsync(DateTimeOffset time)
    {
        while (await CatchUpAsync() is { } next && next < time)
            Clock.AdvanceTo(next > Clock.GetUtcNow() ? next : Clock.GetUtcNow().AddMilliseconds(1));
        if (time > Clock.GetUtcNow())
            Clock.AdvanceTo(time);
        await CatchUpAsync();
    }

    /// <summary>Lets the next turn be the first of a new server.</summary>
    public void RestartServices() => _services.Clear();

    /// <summary>A new server looks for the first time.</summary>
    public Task RestartAsync()
    {
        RestartServices();
        return CatchUpAsync();
    }

    /// <summary>All runs by due time.</summary>
    public async Task<List<FlowRun>> RunsAsync()
    {
        var runs = new List<FlowRun>();
        IReadOnlyList<FlowRun> page;
        do
        {
            page = await Api.ListFlowRunsAsync(new() { Sort = "EXPECTED_START_TIME_ASC", Offset = runs.Count }, default);
            runs.AddRange(page);
        }
        while (page.Count == 200);
        return runs;
    }

    /// <summary>The due times of all runs, in order.</summary>
    public async Task<List<DateTimeOffset>> DueAsync() => [.. (await RunsAsync()).Select(run => run.ExpectedStartTime!.Value)];

    public static IReadOnlyDictionary<string, JsonElement> Json(string json) => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;

    /// <summary>SQL past the store, for what no caller can do.</summary>
    public object? Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Where.Database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (EmbeddedStore store in _open)
            await store.DisposeAsync();
        _folder.Dispose();
    }
}
