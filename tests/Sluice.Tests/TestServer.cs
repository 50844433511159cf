using System.Text;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Runtime;
using Sluice.Runtime.Orchestrated;
using Sluice.Server;
using Sluice.Testing;
using Sluice.Tests.Program;

namespace Sluice.Tests;

/// <summary>A real server over a real database, and runs on it: in this process, or in one of their own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string Token = "a-token-of-the-test";
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder;
    private ApiHost _host;

    private TestServer(TempFolder folder, IOrchestrationApi api, ApiHost host)
    {
        _folder = folder;
        Api = api;
        _host = host;
    }

    /// <summary>The store behind the server, for arranging and asserting.</summary>
    public IOrchestrationApi Api { get; }

    public ApiEndpoint Endpoint => new(_host.Url.AbsoluteUri, Token);

    public string ResultsFolder => _folder["results"];

    public static string TestProgram { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Sluice.Tests.Program.exe" : "Sluice.Tests.Program");

    public static async Task<TestServer> StartAsync()
    {
        TempFolder folder = new();
        IOrchestrationApi api = await EmbeddedApi.OpenAsync(new SluiceHome(folder["home"]), TimeProvider.System, CancellationToken.None);
        return new(folder, api, await HostAsync(api, folder, port: 0));
    }

    /// <summary>Stops listening, so that nothing answers any more.</summary>
    public ValueTask StopListeningAsync() => _host.DisposeAsync();

    /// <summary>Listens again at the same address.</summary>
    public async Task ListenAgainAsync() => _host = await HostAsync(Api, _folder, _host.Url.Port);

    /// <summary>Creates a run of a flow, PENDING as a worker leaves it, unless another state is given.</summary>
    public async Task<FlowRun> CreateRunAsync(string flow, string parameters = "{}", StateCreate? state = null, FlowRunPolicy? policy = null, string context = "{}")
    {
        Flow ensured = await Api.EnsureFlowAsync(new() { Name = flow }, CancellationToken.None);
        return await Api.CreateFlowRunAsync(
            new()
            {
                FlowId = ensured.Id,
                Parameters = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(parameters),
                State = state ?? new() { Type = StateType.Pending },
                EmpiricalPolicy = policy,
                Context = JsonElement.Parse(context),
            },
            CancellationToken.None);
    }

    /// <summary>Executes a run in this process, through HTTP.</summary>
    public async Task<RunEnd> ExecuteAsync(Guid run, RunStop? stop = null, Func<RunEnvironment, RunEnvironment>? environment = null, TimeSpan? grace = null, Func<IOrchestrationApi, IOrchestrationApi>? over = null)
    {
        await using HttpOrchestrationApi client = new(Endpoint);
        RunEnvironment settings = new() { FlowRunId = run, Lease = TimeSpan.FromSeconds(30), ResultUrl = new($"{Endpoint.Url}/sluice/results/{run}") };
        settings = environment?.Invoke(settings) ?? settings;
        OrchestratedRun execution = new(over?.Invoke(client) ?? client, settings, TestFlows.All, stop ?? new RunStop(), TimeProvider.System)
        {
            Results = new(settings.ResultUrl, Endpoint, settings.ResultKey, settings.ResultFallbackUrl),
            Grace = grace ?? TimeSpan.FromSeconds(10),
        };
        return await execution.ExecuteAsync().WaitAsync(Bound);
    }

    /// <summary>Starts the test program for a run, as a worker does.</summary>
    public ProgramRun StartProgram(Guid run, params (string Name, string Value)[] environment) => StartProgram(run, null, [], environment);

    /// <summary>Starts the test program, or another executable of it, for a run with arguments.</summary>
    public ProgramRun StartProgram(Guid run, string? executable, string[] arguments, params (string Name, string Value)[] environment)
    {
        Dictionary<string, string?> variables = new()
        {
            ["PREFECT__FLOW_RUN_ID"] = run.ToString("N"), // as Prefect 2 writes it
            ["PREFECT_API_URL"] = Endpoint.Url,
            ["PREFECT_API_KEY"] = Token,
        };
        foreach ((string name, string value) in environment)
        {
            variables[name] = value;
        }

        return ProgramRun.Start(executable ?? TestProgram, arguments, variables);
    }

    /// <summary>Starts the test program without an API.</summary>
    public static ProgramRun StartLocally(string[] arguments, params (string Name, string Value)[] environment)
    {
        Dictionary<string, string?> variables = new() { ["PREFECT__FLOW_RUN_ID"] = null, ["PREFECT_API_URL"] = null, ["PREFECT_API_KEY"] = null, ["PREFECT_API_AUTH_STRING"] = null };
        foreach ((string name, string value) in environment)
        {
            variables[name] = value;
        }

        return ProgramRun.Start(TestProgram, arguments, variables);
    }

    public async Task<FlowRun> ReadAsync(Guid run) => (await Api.ReadFlowRunAsync(run, CancellationToken.None))!;

    /// <summary>Waits until a run is in a state.</summary>
    public async Task<FlowRun> WaitForAsync(Guid run, Func<FlowRun, bool> condition)
    {
        using CancellationTokenSource limit = new(Bound);
        long change = 0;
        while (true)
        {
            FlowRun read = await ReadAsync(run);
            if (condition(read))
            {
                return read;
            }

            change = await Api.WaitForChangeAsync(change, TimeSpan.FromSeconds(5), limit.Token);
        }
    }

    /// <summary>The names of the states that a run went through.</summary>
    public async Task<string> StatesAsync(Guid run) =>
        string.Join(" ", (await Api.ListFlowRunStatesAsync(run, CancellationToken.None)).Select(state => state.Name));

    /// <summary>All log messages of a run, in order.</summary>
    public async Task<IReadOnlyList<Log>> LogsAsync(Guid run)
    {
        List<Log> logs = [];
        while (true)
        {
            IReadOnlyList<Log> page = await Api.ListLogsAsync(new() { Logs = new() { FlowRunId = new() { Any = [run] } }, Limit = 200, Offset = logs.Count }, CancellationToken.None);
            logs.AddRange(page);
            if (page.Count < 200)
            {
                return logs;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await Api.DisposeAsync();
        _folder.Dispose();
    }

    private static Task<ApiHost> HostAsync(IOrchestrationApi api, TempFolder folder, int port) =>
        ApiHost.StartAsync(api, new() { Token = Token, Port = port, ResultsFolder = folder["results"], CopyResult = CopyAsync }, CancellationToken.None);

    // The one result that this server reads from a store.
    private static async Task<bool> CopyAsync(string place, Stream target, CancellationToken cancellationToken)
    {
        if (!place.EndsWith("/read by the server.json", StringComparison.Ordinal))
            return false;
        await target.WriteAsync(Encoding.UTF8.GetBytes($"\"{new string('x', 69_998)}\""), cancellationToken);
        return true;
    }
}
