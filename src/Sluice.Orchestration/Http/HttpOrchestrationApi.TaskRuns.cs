using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    /// <summary>Creates a task run, or answers the one of the same keys. Both generations of Prefect take it; a server over another API may lack it.</summary>
    /// <param name="run">The task run.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="OrchestrationException">Of kind NotFound: the server has no task runs.</exception>
    public async Task<ParentTaskRun> CreateTaskRunAsync(ParentTaskRunCreate run, CancellationToken cancellationToken) =>
        await _transport.SendAsync(Post("/task_runs/", run, Json.ParentTaskRunCreate), Json.ParentTaskRun, cancellationToken).ConfigureAwait(false);

    /// <summary>Gives a task run a state, as a program says that ran it.</summary>
    /// <param name="id">The task run.</param>
    /// <param name="state">The state.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="OrchestrationException">Of kind NotFound: there is no such task run.</exception>
    public async Task SetTaskRunStateAsync(Guid id, StateCreate state, CancellationToken cancellationToken) =>
        await _transport.SendAsync(Post($"/task_runs/{id}/set_state", new SetStateBody { State = state }, WireJson.Default.SetStateBody), cancellationToken).ConfigureAwait(false);
}
