using Sluice.Orchestration;

namespace Sluice.Worker.Launch;

/// <summary>What a launcher is given.</summary>
/// <param name="Run">The run.</param>
/// <param name="Deployment">Its deployment, where it has one.</param>
/// <param name="Variables">Its merged job variables.</param>
/// <param name="Environment">What differs from the worker's own environment; null removes a variable.</param>
/// <param name="TellAsync">Takes lines for the run's log while it is prepared.</param>
internal sealed record RunRequest(
    FlowRun Run, Deployment? Deployment, JobVariables Variables, IReadOnlyDictionary<string, string?> Environment, Func<string, CancellationToken, Task> TellAsync);
