using Sluice.Orchestration;
using Sluice.Storage.Labels;
using Sluice.Storage;
using Sluice.Storage.Trust;

namespace Sluice.Worker;

/// <summary>How a worker works.</summary>
public sealed record FlowWorkerOptions
{
    /// <summary>The worker's name, unique in its pool.</summary>
    public required string Name { get; init; }

    /// <summary>The pool it serves; null where it serves <see cref="Served"/>.</summary>
    public string? Pool { get; init; }

    /// <summary>
    /// The deployments that it serves in place of a pool, and the program of each: it claims their runs, whatever their pool, and starts the program without a package.
    /// Prefect 3 and Sluice can do that. Such a worker shows itself in no pool.
    /// </summary>
    public IReadOnlyDictionary<Guid, ServedProgram>? Served { get; init; }

    /// <summary>The queues it serves; empty is all.</summary>
    public IReadOnlyList<string> Queues { get; init; } = [];

    /// <summary>How many flows run at once, from 1; null is no limit.</summary>
    public int? Limit { get; init; }

    /// <summary>Serve only this run, then stop: what <c>deployment run --watch</c> needs. Such a worker sends no heartbeats, since it serves nobody else.</summary>
    public Guid? OnlyFlowRun { get; init; }

    /// <summary>What it can reach (<see cref="WorkerLabels.Detect(string, IEnumerable{string})"/>): runs whose package needs more are left to others.</summary>
    public IReadOnlyList<string> Labels { get; init; } = WorkerLabels.Detect(HostName.Current(), []);

    /// <summary>Whether the API is this machine's own, so that packages on a disk are on this one, whatever the host was called when they were published.</summary>
    public bool SharesDisk { get; init; }

    /// <summary>The API's URL that children get as <c>PREFECT_API_URL</c>.</summary>
    public required Uri ApiUrl { get; init; }

    /// <summary>Credentials and settings that children get besides, as <c>PREFECT_API_KEY</c>.</summary>
    public IReadOnlyDictionary<string, string> ChildEnvironment { get; init; } = new Dictionary<string, string>();

    /// <summary>The home, for the package cache.</summary>
    public required SluiceHome Home { get; init; }

    /// <summary>Gives the secrets and blocks that packages and flows need; the environment alone unless set.</summary>
    public StorageSources Sources { get; init; } = StorageSources.Environment;

    /// <summary>
    /// Whether runs get URLs of their package and result that this worker signs, in place of its credentials, and pull their package themselves: their process is the
    /// deployment's <c>command</c>, as in a container.
    /// </summary>
    public bool Presign { get; init; }

    /// <summary>Which programs it takes; null for any. Runs of others are refused before anything of them is unpacked.</summary>
    public PackagePolicy? Policy { get; init; }

    /// <summary>What the worker has to say, one line an event: standard error for the CLI. Called from several threads, one at a time.</summary>
    public required Action<string> Log { get; init; }

    /// <summary>Called once, when the API has been told that this worker is there (or could not be), before the first look for runs.</summary>
    public Action Serving { get; init; } = () => { };

    /// <summary>How long a cancelled flow may take to end after SIGTERM before its process tree is killed. Prefect's workers give 30 s too.</summary>
    public TimeSpan TerminationGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a run counts as alive after a sign of life from its worker or itself; renewed three times as often. After it the server marks the
    /// run Crashed. At least 3 s.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the slot of a claimed run under its deployment's concurrency limit is renewed: a third of the 300 seconds that a renewal holds it.</summary>
    internal TimeSpan SlotRenewal { get; init; } = TimeSpan.FromSeconds(100);
}
