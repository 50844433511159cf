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
}
