using System.Text.Json;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Services;
using Sluice.Orchestration;
using Sluice.Storage.Labels;
using Sluice.Storage.Packages;
using Sluice.Worker;

namespace Sluice.Cli.Runs;

/// <summary>A worker in this process that serves one run only.</summary>
internal sealed class OwnWorker : IAsyncDisposable
{
    /// <summary>Types of pools whose runs are processes; a pool of another type wants containers or the like.</summary>
    public static readonly IReadOnlyList<string> PoolTypes = ["process", "prefect-agent", "dotnet"];

    private readonly ChildApi _api;
    private readonly CancellationTokenSource _stop;

    private OwnWorker(ChildApi api, CancellationTokenSource stop, Task task)
    {
        _api = api;
        _stop = stop;
        Task = task;
    }

    public Task Task { get; }

    public bool Ended => Task.IsCompleted;

    /// <summary>Whether a process of this machine can execute the run: a package or a command, in a pool of processes.</summary>
    public static async Task<bool> CanServeAsync(IOrchestrationApi api, Deployment deployment, FlowRun run, CancellationToken cancellationToken)
    {
        if (run.WorkPoolName is not { } poolName || await api.FindWorkPoolAsync(poolName, cancellationToken) is not { } pool || !PoolTypes.Contains(pool.Type))
            return false;
        return new[] { deployment.JobVariables, run.JobVariables }.OfType<IReadOnlyDictionary<string, JsonElement>>().Any(variables =>
            variables.ContainsKey("command") || variables.ContainsKey($"env.{PackageReference.Variable}")
            || (variables.TryGetValue("env", out JsonElement env) && env.ValueKind == JsonValueKind.Object && env.TryGetProperty(PackageReference.Variable, out _)));
    }

    /// <summary>Why this machine cannot reach the run's package; null where it can.</summary>
    public static string? Refusal(ApiConnection connection, Deployment deployment, FlowRun run)
    {
        RunNeeds needs = RunNeeds.Of(deployment, run);
        return (connection.Server is null ? needs with { Host = null } : needs).Refuse(WorkerLabels.Detect(HostName.Current(), []));
    }

    public static async Task<OwnWorker> StartAsync(Invocation call, ApiConnection connection, FlowRun run, CancellationToken cancellationToken)
    {
        ChildApi api = await connection.HostForChildrenAsync(cancellationToken);
        var stop = new CancellationTokenSource();
        var worker = new FlowWorker(
            connection.Api,
            new()
            {
                Name = $"run {run.Name}",
                Pool = run.WorkPoolName!,
                OnlyFlowRun = run.Id,
                ApiUrl = api.Url,
                ChildEnvironment = api.Environment,
                Home = call.Home,
                Sources = ServerSources.Of(connection.Api),
                Policy = PolicyOptions.OfSettings(call.Settings),
                // What matters of it is in the run's states and log, which the watcher shows.
                Log = line =>
                {
                    if (Failures.ShowsDetails)
                        call.Screen.Note(line);
                },
            },
            call.Time);
        return new(api, stop, Task.Run(() => worker.RunAsync(stop.Token, call.Signals.Abort), CancellationToken.None));
    }

    /// <summary>Sees the worker out; its failure is thrown here.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _stop.CancelAsync();
            await Task;
        }
        catch (OperationCanceledException)
        {
            // Asked for.
        }
        finally
        {
            _stop.Dispose();
            await _api.DisposeAsync();
        }
    }
}
