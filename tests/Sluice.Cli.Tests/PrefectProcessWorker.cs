using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Server;
using Sluice.Storage.Packages;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Cli.Tests;

/// <summary>
/// What Prefect's process workers do with a run, step by step, as recorded with 3.8.3 and 2.10.21: PENDING, the command split and started with their
/// environment in an empty folder, the process id, the signal to that process alone, CRASHED after an exit code that is not 0. Home and PATH hold spaces.
/// </summary>
/// <remarks>On a Sluice server; its heirs are on servers that answer as Prefect's two generations, where the publisher deploys to, too.</remarks>
public class PrefectProcessWorker : IAsyncLifetime
{
    public const string Token = "key-of-the-test";
    public static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, string?> _environment;
    private ApiHost? _host;
    private int _folders;

    public PrefectProcessWorker() => _environment = new()
    {
        [SluiceHome.Variable] = Home.Root,
        ["PREFECT_API_KEY"] = Token,
        ["PREFECT_API_AUTH_STRING"] = null,
        ["SLUICE_PACKAGE"] = null,
        ["PATH"] = $"{_folder["bin of Ada"]}:{Environment.GetEnvironmentVariable("PATH")}",
        ["PREFECT_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR"] = null,
    };

    /// <summary>The store behind the server, for arranging and asserting.</summary>
    public IOrchestrationApi Api { get; private protected set; } = null!;

    public SluiceHome Home => new(_folder["home of Ada/.sluice"]);

    public virtual string ApiUrl => _host!.Url.AbsoluteUri.TrimEnd('/');

    /// <summary>The generation of the server, whose workers are re-enacted; null for a Sluice server, which has both.</summary>
    public virtual int? Generation => null;

    public string this[string name] => _folder[name];

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The signals are POSIX's.");
        Directory.CreateDirectory(Home.Root);
        Directory.CreateDirectory(_folder["bin of Ada"]);
        File.CreateSymbolicLink(_folder["bin of Ada/sluice"], SluiceProgram.Path);
        await StartAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
            await Api.DisposeAsync();
        }
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected virtual async Task StartAsync()
    {
        await DeployAsync(null);
        Api = await EmbeddedApi.OpenAsync(Home, TimeProvider.System, CancellationToken.None);
        await ListenAsync();
    }

    private protected async Task DeployAsync(string? url)
    {
        Dictionary<string, string?> environment = new(_environment) { ["PREFECT_API_URL"] = url, ["PREFECT_API_KEY"] = url is null ? null : Token };
        await using ProgramRun deploy = await ProgramRun.CompleteAsync(SluiceProgram.Path, ["deploy", "--assembly", PacesHome.Assembly], environment);
        deploy.Process.ExitCode.ShouldBe(0, deploy.Output + deploy.Error);
    }

    /// <summary>Ends the server; the store stays.</summary>
    public ValueTask StopListeningAsync() => _host!.DisposeAsync();

    /// <summary>Serves, at the same address as before.</summary>
    public async Task ListenAsync() =>
        _host = await ApiHost.StartAsync(Api, new() { Token = Token, Port = _host?.Url.Port ?? 0, ResultsFolder = _folder["results"] }, CancellationToken.None);

    /// <summary>Makes a run of <c>FLOW/by-hand</c>.</summary>
    public async Task<FlowRun> CreateAsync(string flow, string? parameters = null, DateTimeOffset? due = null, FlowRunPolicy? policy = null, string? jobVariables = null)
    {
        Deployment deployment = (await Api.FindDeploymentAsync(flow, "by-hand", CancellationToken.None)).ShouldNotBeNull();
        return await Api.CreateDeploymentRunAsync(
            deployment.Id,
            new()
            {
                Parameters = parameters is null ? null : JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(parameters),
                // As a run of a schedule that was made before the flow's parameters changed.
                EnforceParameterSchema = false,
                State = new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = due ?? DateTimeOffset.UtcNow } },
                EmpiricalPolicy = policy,
                JobVariables = jobVariables is null ? null : JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(jobVariables),
            },
            CancellationToken.None);
    }

    /// <summary>Claims the run and starts its process.</summary>
    /// <param name="run">The run.</param>
    /// <param name="generation">2: no dashes in the id, no names in the environment, no Submitting.</param>
    /// <param name="environment">What the worker's own environment has besides.</param>
    public async Task<ProgramRun> SubmitAsync(FlowRun run, int generation = 3, IReadOnlyDictionary<string, string?>? environment = null)
    {
        Deployment deployment = (await Api.ReadDeploymentAsync(run.DeploymentId!.Value, CancellationToken.None))!;
        Flow flow = (await Api.ReadFlowAsync(run.FlowId, CancellationToken.None))!;
        (await ProposeAsync(run.Id, new() { Type = StateType.Pending })).Status.ShouldBe(SetStateStatus.Accept);
        if (generation == 3)
            (await ProposeAsync(run.Id, new() { Type = StateType.Pending, Name = "Submitting" })).Status.ShouldBe(SetStateStatus.Accept);

        Dictionary<string, string?> variables = new(_environment) { ["PREFECT_API_URL"] = ApiUrl, ["PREFECT_LOGGING_LEVEL"] = "INFO" };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
            variables[name] = value;
        foreach (IReadOnlyDictionary<string, JsonElement>? level in new[] { deployment.JobVariables, run.JobVariables })
        {
            if (level?.TryGetValue("env", out JsonElement env) == true)
            {
                foreach (JsonProperty variable in env.EnumerateObject())
                    variables[variable.Name] = variable.Value.GetString();
            }
        }
        variables["PREFECT__FLOW_RUN_ID"] = run.Id.ToString(generation == 3 ? "D" : "N");
        if (generation == 3)
        {
            variables["PREFECT__FLOW_ID"] = run.FlowId.ToString();
            variables["PREFECT__FLOW_NAME"] = flow.Name;
            variables["PREFECT__DEPLOYMENT_ID"] = deployment.Id.ToString();
            variables["PREFECT__DEPLOYMENT_NAME"] = deployment.Name;
            variables["PREFECT__WORKER_NAME"] = "w1";
            // A channel that a program may speak to and need not.
            variables["PREFECT__CONTROL_PORT"] = "9";
            variables["PREFECT__CONTROL_TOKEN"] = "none";
            variables["PREFECT__ENABLE_CANCELLATION_AND_CRASHED_HOOKS"] = "false";
        }
        // 2.10's workers know no quoting, and 3.8 splits as a shell does: only words without both mean the same. 2.10's agents take a list of words.
        JsonElement words = deployment.JobVariables["command"];
        string[] command = words.ValueKind == JsonValueKind.Array ? [.. words.EnumerateArray().Select(word => word.GetString()!)] : words.GetString()!.Split(' ');
        string program = variables["PATH"]!.Split(':').Select(folder => Path.Combine(folder, command[0])).First(File.Exists);
        string folder = Directory.CreateDirectory(_folder[string.Create(CultureInfo.InvariantCulture, $"empty {++_folders}")]).FullName;
        ProgramRun process = ProgramRun.Start(program, command[1..], variables, folder);
        string pid = process.Process.Id.ToString(CultureInfo.InvariantCulture);
        await Api.UpdateFlowRunAsync(run.Id, new() { InfrastructurePid = generation == 3 ? pid : $"{Environment.MachineName}:{pid}" }, CancellationToken.None);
        return process;
    }

    /// <summary>Waits for the process and says what its exit code means.</summary>
    /// <returns>The exit code; 128 + N for a process that signal N ended.</returns>
    public async Task<int> JudgeAsync(FlowRun run, ProgramRun process)
    {
        int exit = await process.WaitForExitAsync(Bound);
        if ((await ReadAsync(run.Id)).StateType == StateType.Cancelling)
            await Api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Cancelled, Message = "Flow run was cancelled successfully." }, new() { Force = true }, CancellationToken.None);
        else if (exit != 0)
            await ProposeAsync(run.Id, new() { Type = StateType.Crashed, Message = string.Create(CultureInfo.InvariantCulture, $"Flow run process exited with non-zero status code {exit}.") });
        return exit;
    }

    public Task<OrchestrationResult> ProposeAsync(Guid run, StateCreate state) => Api.SetFlowRunStateAsync(run, state, default, CancellationToken.None);

    public async Task<FlowRun> ReadAsync(Guid run) => (await Api.ReadFlowRunAsync(run, CancellationToken.None)).ShouldNotBeNull();

    /// <summary>The names of the states that a run went through.</summary>
    public async Task<string> StatesAsync(Guid run) => string.Join(' ', (await Api.ListFlowRunStatesAsync(run, CancellationToken.None)).Select(state => state.Name));

    public async Task<string[]> LogsAsync(Guid run) =>
        [.. (await Api.ListLogsAsync(new() { Logs = new() { FlowRunId = new() { Any = [run] } } }, CancellationToken.None)).Select(log => log.Message)];

    /// <summary>Waits until a line of the run's log begins so, and answers it.</summary>
    public async Task<string> WaitForLogAsync(Guid run, string beginning)
    {
        using CancellationTokenSource bound = new(Bound);
        for (long change = 0; ; change = await Api.WaitForChangeAsync(change, TimeSpan.FromSeconds(30), bound.Token))
        {
            if ((await LogsAsync(run)).FirstOrDefault(line => line.StartsWith(beginning, StringComparison.Ordinal)) is { } found)
                return found;
        }
    }

    /// <summary>The package that a deployment names.</summary>
    public async Task<string> PackageAsync(string flow) =>
        (await Api.FindDeploymentAsync(flow, "by-hand", CancellationToken.None))!.JobVariables["env"].GetProperty(PackageReference.Variable).GetString()!;
}

/// <summary>The process worker of Prefect 3.8.3 on a server that answers as that and holds every request against its OpenAPI document.</summary>
public sealed class Prefect3ProcessWorker : PrefectProcessWorker
{
    private Prefect3Server _server = null!;

    public override string ApiUrl => _server.Url.AbsoluteUri.TrimEnd('/');

    public override int? Generation => 3;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private protected override async Task StartAsync()
    {
        _server = await Prefect3Server.StartAsync(new() { ApiKey = Token });
        Api = _server.Store;
        await DeployAsync(ApiUrl);
    }
}

/// <summary>The process worker of Prefect 2.10.21 on a server that answers as that and holds every request against its OpenAPI document.</summary>
public sealed class Prefect2ProcessWorker : PrefectProcessWorker
{
    private Prefect2Server _server = null!;

    public override string ApiUrl => _server.Url.AbsoluteUri.TrimEnd('/');

    public override int? Generation => 2;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private protected override async Task StartAsync()
    {
        _server = await Prefect2Server.StartAsync(new() { ApiKey = Token });
        Api = _server.Store;
        await DeployAsync(ApiUrl);
    }
}
