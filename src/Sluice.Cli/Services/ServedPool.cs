using System.Globalization;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Orchestration;
using Sluice.Storage.Labels;
using Sluice.Storage.Trust;
using Sluice.Worker;

namespace Sluice.Cli.Services;

/// <summary>A worker of this process and what it serves.</summary>
internal sealed record ServedPool(string Pool, IReadOnlyList<string> Queues, int? Limit, string WorkerName)
{
    /// <summary>Labels that the worker states besides its host and what it finds on this machine.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Whether the API is this home's own, and so its workers are all here.</summary>
    public bool SharesDisk { get; init; }

    /// <summary>As <see cref="FlowWorkerOptions.Presign"/>.</summary>
    public bool Presign { get; init; }

    /// <summary>As <see cref="FlowWorkerOptions.Policy"/>; null for that of the settings.</summary>
    public PackagePolicy? Policy { get; init; }

    /// <summary>As <see cref="FlowWorkerOptions.Serving"/>.</summary>
    public Action Serving { get; init; } = () => { };

    /// <summary>Unique among workers, and it says where to look.</summary>
    public static string DefaultName() => string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName} {Environment.ProcessId}");

    public Task RunAsync(Invocation call, IOrchestrationApi api, ChildApi children, CancellationToken stop, CancellationToken abort) => new FlowWorker(
        api,
        new()
        {
            Name = WorkerName,
            Pool = Pool,
            Queues = Queues,
            Limit = Limit,
            Labels = WorkerLabels.Detect(HostName.Current(), Labels),
            SharesDisk = SharesDisk,
            ApiUrl = children.Url,
            ChildEnvironment = children.Environment,
            Home = call.Home,
            Sources = ServerSources.Of(api),
            Presign = Presign,
            Policy = Policy ?? PolicyOptions.OfSettings(call.Settings),
            Serving = Serving,
            Log = line => call.Screen.Note($"{call.Time.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}  {line}"),
        },
        call.Time).RunAsync(stop, abort);

    public override string ToString() => Queues.Count == 0 ? $"pool '{Pool}'" : $"pool '{Pool}', {(Queues.Count == 1 ? "queue" : "queues")} {string.Join(", ", Queues)}";
}
