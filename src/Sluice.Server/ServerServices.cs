using Sluice.Orchestration;

namespace Sluice.Server;

/// <summary>
/// What a server does besides answering: creates scheduled runs ahead, marks late ones, crashes runs whose lease ran out. Driven by the next due
/// time and the bell, not by polling. Several processes may run it at once.
/// </summary>
public sealed class ServerServices
{
    /// <summary>Creates the services over an API that <see cref="EmbeddedApi.OpenAsync"/> opened.</summary>
    /// <param name="api">The embedded API.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Takes one line for each thing worth knowing, as a schedule that cannot be read; may be called from any thread.</param>
    public ServerServices(IOrchestrationApi api, TimeProvider time, Action<string>? log = null) => throw new NotImplementedException();

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
