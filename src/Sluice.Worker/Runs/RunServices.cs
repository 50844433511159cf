using Sluice.Orchestration;
using Sluice.Worker.Launch;

namespace Sluice.Worker.Runs;

/// <summary>What every active run of a worker uses.</summary>
/// <param name="Api">The API.</param>
/// <param name="Calls">How to call it.</param>
/// <param name="Info">What it is.</param>
/// <param name="Launcher">Starts runs.</param>
/// <param name="Options">The worker's options.</param>
/// <param name="Time">The clock.</param>
/// <param name="Log">One line an event.</param>
internal sealed record RunServices(
    IOrchestrationApi Api, ApiCalls Calls, ApiInfo Info, IRunLauncher Launcher, FlowWorkerOptions Options, TimeProvider Time, Action<string> Log)
{
    /// <summary>Whether the other side is a Prefect server of generation 3 or later.</summary>
    public bool IsPrefect3 { get; } = Info is { IsSluice: false, IsPrefect2: false };
}
