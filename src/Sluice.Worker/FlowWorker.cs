using Sluice.Orchestration;

namespace Sluice.Worker;

/// <summary>Claims runs of a pool, pulls their packages, launches and watches them.</summary>
public sealed class FlowWorker(IOrchestrationApi api, FlowWorkerOptions options, TimeProvider time)
{
    /// <summary>
    /// Works until cancelled. The first cancellation of <paramref name="stop"/> is a graceful stop: no more claims, running flows are waited for;
    /// <paramref name="abort"/> ends them (SIGTERM, 30 s, SIGKILL of the tree).
    /// </summary>
    public Task RunAsync(CancellationToken stop, CancellationToken abort) => throw new NotImplementedException($"{api}{options}{time}");
}

/// <summary>How a worker works.</summary>
public sealed record FlowWorkerOptions
{
    /// <summary>The worker's name, unique in its pool.</summary>
    public required string Name { get; init; }

    /// <summary>The pool it serves.</summary>
    public required string Pool { get; init; }

    /// <summary>The queues it serves; empty is all.</summary>
    public IReadOnlyList<string> Queues { get; init; } = [];

    /// <summary>How many flows run at once, from 1; null is no limit.</summary>
    public int? Limit { get; init; }

    /// <summary>Serve only this run, then stop: what <c>deployment run --watch</c> needs.</summary>
    public Guid? OnlyFlowRun { get; init; }

    /// <summary>The API's URL that children get as <c>PREFECT_API_URL</c>.</summary>
    public required Uri ApiUrl { get; init; }

    /// <summary>Credentials and settings that children get besides, as <c>PREFECT_API_KEY</c>.</summary>
    public IReadOnlyDictionary<string, string> ChildEnvironment { get; init; } = new Dictionary<string, string>();

    /// <summary>The home, for the package cache.</summary>
    public required SluiceHome Home { get; init; }

    /// <summary>What the worker has to say, one line an event: standard error for the CLI.</summary>
    public required Action<string> Log { get; init; }
}
