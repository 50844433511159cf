using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>
/// The orchestration API: flows, deployments, schedules, work pools, flow runs, states, logs, named blocks, variables, artifacts,
/// concurrency limits. Its model is Prefect 3's REST API.
/// Implemented by the embedded store (<c>Sluice.Server</c>) and by <see cref="Http.HttpOrchestrationApi"/>; both pass one contract test suite.
/// </summary>
/// <remarks>
/// <para><c>Find…</c> and <c>Read…</c> members answer <see langword="null"/> where the object does not exist. Every other failure is an
/// <see cref="OrchestrationException"/> whose <see cref="OrchestrationException.Kind"/> says what happened.</para>
/// <para>All times are UTC. Lists are paged by <c>Limit</c> (1 to 200, default 200) and <c>Offset</c>.</para>
/// </remarks>
public interface IOrchestrationApi : IAsyncDisposable
{
    /// <summary>What the other side is: product, version, and whether it offers Sluice's own extensions.</summary>
    Task<ApiInfo> GetInfoAsync(CancellationToken cancellationToken);

    /// <summary>Returns the flow of that name, creating it when missing. Tags of an existing flow are not changed (Prefect behaviour).</summary>
    Task<Flow> EnsureFlowAsync(FlowCreate flow, CancellationToken cancellationToken);

    /// <summary>Reads a flow by id.</summary>
    Task<Flow?> ReadFlowAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Reads a flow by its unique name.</summary>
    Task<Flow?> FindFlowAsync(string name, CancellationToken cancellationToken);

    /// <summary>Lists flows by name.</summary>
    Task<IReadOnlyList<Flow>> ListFlowsAsync(FlowsQuery query, CancellationToken cancellationToken);

    /// <summary>Changes a flow; absent members keep their value.</summary>
    Task UpdateFlowAsync(Guid id, FlowUpdate update, CancellationToken cancellationToken);

    /// <summary>Deletes a flow with its deployments and runs. Answers false where it does not exist.</summary>
    Task<bool> DeleteFlowAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// All that one publish changes: pools, deployments with their flows, queues and schedules, pauses and deletions. On the embedded store and on a Sluice
    /// server it is one transaction: an error or a kill leaves everything as it was.
    /// </summary>
    /// <returns>What became of <see cref="DeploymentChanges.Deployments"/>, in their order.</returns>
    /// <exception cref="OrchestrationException">
    /// Of kind Conflict: somebody changed what the caller had seen, or a name is taken; NotFound: a pool, or a deployment that is to be moved or paused; Invalid: a
    /// value is refused, and <see cref="OrchestrationException.Field"/> says where, as <c>body.deployments.0.deployment.parameters</c>.
    /// </exception>
    Task<IReadOnlyList<DeploymentApplied>> ApplyAsync(DeploymentChanges changes, CancellationToken cancellationToken);

    /// <summary><see cref="ApplyAsync(DeploymentChanges, CancellationToken)"/> with a journal, which servers without transactions need so that a kill in the middle can be completed or undone.</summary>
    /// <param name="changes">What is changed.</param>
    /// <param name="journal">The journal; null for none. Nothing is written to it where the server applies in one transaction.</param>
    /// <param name="cancellationToken">Stops it; what was written is undone.</param>
    /// <returns>As <see cref="ApplyAsync(DeploymentChanges, CancellationToken)"/>.</returns>
    /// <exception cref="OrchestrationException">As there; <see cref="OrchestrationException.Undo"/> says what became of what was written before it failed.</exception>
    Task<IReadOnlyList<DeploymentApplied>> ApplyAsync(DeploymentChanges changes, IApplyJournal? journal, CancellationToken cancellationToken) => ApplyAsync(changes, cancellationToken);

    /// <summary>Completes or undoes an apply to a server without transactions that was interrupted, as its journal's entry tells it.</summary>
    /// <param name="entry">What the journal kept.</param>
    /// <param name="complete">True to complete it, false to undo it; null to complete it unless undoing had begun or somebody changed what it touches.</param>
    /// <param name="journal">The journal, which forgets the entry when this is done.</param>
    /// <param name="cancellationToken">Cancels the requests; the entry stays then.</param>
    /// <exception cref="OrchestrationException">Of kind Unsupported: the server applies in one transaction and has nothing to recover. Of kind Invalid: the entry cannot be read.</exception>
    Task<ApplyRecovery> RecoverAsync(string entry, bool? complete, IApplyJournal journal, CancellationToken cancellationToken) =>
        throw new OrchestrationException(OrchestrationErrorKind.Unsupported, "Sluice's own server applies in one transaction: there is nothing to recover.");

    /// <summary>Prefect's <c>POST /deployments/</c>: create, or replace what the body names (see <see cref="DeploymentCreate"/>).</summary>
    Task<Deployment> UpsertDeploymentAsync(DeploymentCreate deployment, CancellationToken cancellationToken);

    /// <summary>Prefect's <c>PATCH /deployments/{id}</c>: absent (null) members keep their value; schedules match by slug and unlisted ones stay.</summary>
    Task UpdateDeploymentAsync(Guid id, DeploymentUpdate update, CancellationToken cancellationToken);

    /// <summary>Reads a deployment by id.</summary>
    Task<Deployment?> ReadDeploymentAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Reads a deployment by the names of its flow and itself.</summary>
    Task<Deployment?> FindDeploymentAsync(string flowName, string deploymentName, CancellationToken cancellationToken);

    /// <summary>Lists deployments.</summary>
    Task<IReadOnlyList<Deployment>> ListDeploymentsAsync(DeploymentsQuery query, CancellationToken cancellationToken);

    /// <summary>Deletes a deployment and its scheduled runs. Answers false where it does not exist.</summary>
    Task<bool> DeleteDeploymentAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Pauses or resumes a whole deployment. Pausing removes its auto-scheduled runs that have not started.</summary>
    Task SetDeploymentPausedAsync(Guid id, bool paused, CancellationToken cancellationToken);

    /// <summary>Adds schedules to a deployment. A slug that exists is a <see cref="OrchestrationErrorKind.Conflict"/>.</summary>
    Task<IReadOnlyList<DeploymentSchedule>> CreateSchedulesAsync(Guid deploymentId, IReadOnlyList<DeploymentScheduleCreate> schedules, CancellationToken cancellationToken);

    /// <summary>Changes one schedule; absent members keep their value.</summary>
    Task UpdateScheduleAsync(Guid deploymentId, Guid scheduleId, DeploymentScheduleUpdate update, CancellationToken cancellationToken);

    /// <summary>Deletes one schedule and its runs that have not started. Answers false where it does not exist.</summary>
    Task<bool> DeleteScheduleAsync(Guid deploymentId, Guid scheduleId, CancellationToken cancellationToken);

    /// <summary>Creates a run of a deployment. Parameters are merged over the deployment's and checked against its schema.</summary>
    Task<FlowRun> CreateDeploymentRunAsync(Guid deploymentId, DeploymentRunCreate run, CancellationToken cancellationToken);

    /// <summary>Creates runs for due times of a deployment's active schedules, past ones too (see <see cref="Backfill"/>).</summary>
    Task ScheduleDeploymentAsync(Guid deploymentId, Backfill backfill, CancellationToken cancellationToken);

    /// <summary>The due runs of these deployments, by due time, whatever their pool. Looking claims nothing: the PENDING transition does.</summary>
    Task<IReadOnlyList<FlowRun>> GetScheduledRunsOfDeploymentsAsync(DeploymentRunsQuery query, CancellationToken cancellationToken);

    /// <summary>Creates a run without a deployment.</summary>
    Task<FlowRun> CreateFlowRunAsync(FlowRunCreate run, CancellationToken cancellationToken);

    /// <summary>Reads a flow run with its current state.</summary>
    Task<FlowRun?> ReadFlowRunAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Changes a flow run; absent members keep their value.</summary>
    Task UpdateFlowRunAsync(Guid id, FlowRunUpdate update, CancellationToken cancellationToken);

    /// <summary>Adds labels to a flow run, or changes them (Prefect 3); elsewhere nothing happens, as here by default.</summary>
    Task UpdateFlowRunLabelsAsync(Guid id, IReadOnlyDictionary<string, JsonElement> labels, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Lists flow runs.</summary>
    Task<IReadOnlyList<FlowRun>> ListFlowRunsAsync(FlowRunsQuery query, CancellationToken cancellationToken);

    /// <summary>Counts flow runs; <c>Limit</c>, <c>Offset</c> and <c>Sort</c> of the query are ignored.</summary>
    Task<int> CountFlowRunsAsync(FlowRunsQuery query, CancellationToken cancellationToken);

    /// <summary>Deletes a flow run with its states and logs. Answers false where it does not exist.</summary>
    Task<bool> DeleteFlowRunAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>The states a flow run went through, oldest first.</summary>
    Task<IReadOnlyList<State>> ListFlowRunStatesAsync(Guid flowRunId, CancellationToken cancellationToken);

    /// <summary>
    /// Proposes a state. Read <see cref="OrchestrationResult.Status"/>: on REJECT go on with the state in the answer, on WAIT ask again after the
    /// delay, on ABORT stop.
    /// </summary>
    Task<OrchestrationResult> SetFlowRunStateAsync(Guid id, StateCreate state, SetStateOptions options, CancellationToken cancellationToken);

    /// <summary>
    /// Says that these runs are alive and renews their lease. A run that has a lease and outlives it is marked Crashed by the server. Runs that are
    /// unknown, final or another attempt's are ignored.
    /// </summary>
    Task RenewLeasesAsync(IReadOnlyList<RunLease> runs, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Stores log records, in order.</summary>
    Task CreateLogsAsync(IReadOnlyList<LogCreate> logs, CancellationToken cancellationToken);

    /// <summary>Lists log records, oldest first.</summary>
    Task<IReadOnlyList<Log>> ListLogsAsync(LogsQuery query, CancellationToken cancellationToken);

    /// <summary>Creates a work pool with its queue <c>default</c>. A name that exists is a <see cref="OrchestrationErrorKind.Conflict"/>.</summary>
    Task<WorkPool> CreateWorkPoolAsync(WorkPoolCreate pool, CancellationToken cancellationToken);

    /// <summary>Reads a work pool by name.</summary>
    Task<WorkPool?> FindWorkPoolAsync(string name, CancellationToken cancellationToken);

    /// <summary>Lists work pools by name.</summary>
    Task<IReadOnlyList<WorkPool>> ListWorkPoolsAsync(WorkPoolsQuery query, CancellationToken cancellationToken);

    /// <summary>Changes a work pool; absent members keep their value.</summary>
    Task UpdateWorkPoolAsync(string name, WorkPoolUpdate update, CancellationToken cancellationToken);

    /// <summary>Deletes a work pool with its queues. Answers false where it does not exist.</summary>
    Task<bool> DeleteWorkPoolAsync(string name, CancellationToken cancellationToken);

    /// <summary>Creates a queue in a pool. Without a priority it takes the first free one; a taken priority pushes the others up.</summary>
    Task<WorkQueue> CreateWorkQueueAsync(string poolName, WorkQueueCreate queue, CancellationToken cancellationToken);

    /// <summary>Reads a queue of a pool.</summary>
    Task<WorkQueue?> FindWorkQueueAsync(string poolName, string queueName, CancellationToken cancellationToken);

    /// <summary>Lists the queues of a pool by priority.</summary>
    Task<IReadOnlyList<WorkQueue>> ListWorkQueuesAsync(string poolName, CancellationToken cancellationToken);

    /// <summary>Changes a queue; absent members keep their value.</summary>
    Task UpdateWorkQueueAsync(string poolName, string queueName, WorkQueueUpdate update, CancellationToken cancellationToken);

    /// <summary>Deletes a queue. Answers false where it does not exist.</summary>
    Task<bool> DeleteWorkQueueAsync(string poolName, string queueName, CancellationToken cancellationToken);

    /// <summary>Says that a worker lives and how often it will say so.</summary>
    Task HeartbeatWorkerAsync(string poolName, WorkerHeartbeat heartbeat, CancellationToken cancellationToken);

    /// <summary>Lists the workers of a pool.</summary>
    Task<IReadOnlyList<WorkerInfo>> ListWorkersAsync(string poolName, CancellationToken cancellationToken);

    /// <summary>
    /// The runs that a worker may start, by queue priority, then due time, within the limits of pool and queues. Looking claims nothing: the
    /// PENDING transition does.
    /// </summary>
    Task<IReadOnlyList<WorkerFlowRun>> GetScheduledFlowRunsAsync(string poolName, ScheduledFlowRunsQuery query, CancellationToken cancellationToken);

    /// <summary>Reads a block type by its slug, as <c>s3</c>.</summary>
    Task<BlockType?> FindBlockTypeAsync(string slug, CancellationToken cancellationToken);

    /// <summary>Lists block types by name.</summary>
    Task<IReadOnlyList<BlockType>> ListBlockTypesAsync(BlockTypesQuery query, CancellationToken cancellationToken);

    /// <summary>Creates a block type. A name or slug that exists is a <see cref="OrchestrationErrorKind.Conflict"/>.</summary>
    Task<BlockType> CreateBlockTypeAsync(BlockTypeCreate blockType, CancellationToken cancellationToken);

    /// <summary>Changes a block type; absent members keep their value.</summary>
    Task UpdateBlockTypeAsync(Guid id, BlockTypeUpdate update, CancellationToken cancellationToken);

    /// <summary>Deletes a block type with its schemas and blocks. Answers false where it does not exist.</summary>
    Task<bool> DeleteBlockTypeAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Returns the schema of these fields and version, creating it when missing.</summary>
    Task<BlockSchema> EnsureBlockSchemaAsync(BlockSchemaCreate schema, CancellationToken cancellationToken);

    /// <summary>Lists block schemas, newest first.</summary>
    Task<IReadOnlyList<BlockSchema>> ListBlockSchemasAsync(BlockSchemasQuery query, CancellationToken cancellationToken);

    /// <summary>Reads the schema with that checksum; without a version, the newest one.</summary>
    Task<BlockSchema?> FindBlockSchemaAsync(string checksum, string? version, CancellationToken cancellationToken);

    /// <summary>Creates a named block. A name that exists in its type is a <see cref="OrchestrationErrorKind.Conflict"/>.</summary>
    Task<BlockDocument> CreateBlockDocumentAsync(BlockDocumentCreate document, CancellationToken cancellationToken);

    /// <summary>Reads a named block by id. Secrets are masked unless they are asked for.</summary>
    Task<BlockDocument?> ReadBlockDocumentAsync(Guid id, bool includeSecrets, CancellationToken cancellationToken);

    /// <summary>Reads a named block by its type's slug and its name. Secrets are masked unless they are asked for.</summary>
    Task<BlockDocument?> FindBlockDocumentAsync(string typeSlug, string name, bool includeSecrets, CancellationToken cancellationToken);

    /// <summary>Lists named blocks by name.</summary>
    Task<IReadOnlyList<BlockDocument>> ListBlockDocumentsAsync(BlockDocumentsQuery query, CancellationToken cancellationToken);

    /// <summary>Changes the values of a named block.</summary>
    Task UpdateBlockDocumentAsync(Guid id, BlockDocumentUpdate update, CancellationToken cancellationToken);

    /// <summary>Deletes a named block. Answers false where it does not exist.</summary>
    Task<bool> DeleteBlockDocumentAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Creates a variable. A name that exists is a <see cref="OrchestrationErrorKind.Conflict"/>.</summary>
    Task<Variable> CreateVariableAsync(VariableCreate variable, CancellationToken cancellationToken);

    /// <summary>Reads a variable by id.</summary>
    Task<Variable?> ReadVariableAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Reads a variable by name.</summary>
    Task<Variable?> FindVariableAsync(string name, CancellationToken cancellationToken);

    /// <summary>Lists variables by name.</summary>
    Task<IReadOnlyList<Variable>> ListVariablesAsync(VariablesQuery query, CancellationToken cancellationToken);

    /// <summary>Changes a variable; absent members keep their value.</summary>
    Task UpdateVariableAsync(Guid id, VariableUpdate update, CancellationToken cancellationToken);

    /// <summary>Deletes a variable. Answers false where it does not exist.</summary>
    Task<bool> DeleteVariableAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Creates an artifact. The newest of a key is the one that people see.</summary>
    Task<Artifact> CreateArtifactAsync(ArtifactCreate artifact, CancellationToken cancellationToken);

    /// <summary>Reads an artifact by id.</summary>
    Task<Artifact?> ReadArtifactAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Reads the newest artifact of a key.</summary>
    Task<Artifact?> FindLatestArtifactAsync(string key, CancellationToken cancellationToken);

    /// <summary>Lists artifacts.</summary>
    Task<IReadOnlyList<Artifact>> ListArtifactsAsync(ArtifactsQuery query, CancellationToken cancellationToken);

    /// <summary>Changes an artifact; absent members keep their value.</summary>
    Task UpdateArtifactAsync(Guid id, ArtifactUpdate update, CancellationToken cancellationToken);

    /// <summary>Deletes an artifact. Answers false where it does not exist.</summary>
    Task<bool> DeleteArtifactAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Creates a concurrency limit. A name that exists is a <see cref="OrchestrationErrorKind.Conflict"/>.</summary>
    Task<GlobalConcurrencyLimit> CreateConcurrencyLimitAsync(ConcurrencyLimitCreate limit, CancellationToken cancellationToken);

    /// <summary>Reads a concurrency limit by name.</summary>
    Task<GlobalConcurrencyLimit?> FindConcurrencyLimitAsync(string name, CancellationToken cancellationToken);

    /// <summary>Lists concurrency limits by name.</summary>
    Task<IReadOnlyList<GlobalConcurrencyLimit>> ListConcurrencyLimitsAsync(ConcurrencyLimitsQuery query, CancellationToken cancellationToken);

    /// <summary>Changes a concurrency limit; absent members keep their value.</summary>
    Task UpdateConcurrencyLimitAsync(string name, ConcurrencyLimitUpdate update, CancellationToken cancellationToken);

    /// <summary>Deletes a concurrency limit; who held its slots is held back no longer. Answers false where it does not exist.</summary>
    Task<bool> DeleteConcurrencyLimitAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Asks for slots of all these limits, once; refused is an answer and no error. They are held until <see cref="ReleaseSlotsAsync"/>, or until
    /// the lease runs out: renew it by <see cref="RenewSlotsAsync"/> well before.
    /// </summary>
    /// <exception cref="OrchestrationException">Of kind Invalid: more slots than a limit has; a rate limit without decay; a lease that is too short or long.</exception>
    Task<SlotsAnswer> AcquireSlotsAsync(SlotsAcquire slots, CancellationToken cancellationToken);

    /// <summary>Asks for slots that no lease holds: for limits with a decay, which free them by themselves, or with <see cref="GiveSlotsAsync"/>.</summary>
    /// <exception cref="OrchestrationException">As <see cref="AcquireSlotsAsync"/>.</exception>
    Task<SlotsAnswer> TakeSlotsAsync(SlotsAcquire slots, CancellationToken cancellationToken);

    /// <summary>Gives back slots that were taken without a lease, and answers the limits that exist.</summary>
    Task<IReadOnlyList<SlotsLimit>> GiveSlotsAsync(SlotsRelease slots, CancellationToken cancellationToken);

    /// <summary>Gives back the slots of a lease. One that is over is no error.</summary>
    Task ReleaseSlotsAsync(Guid leaseId, CancellationToken cancellationToken);

    /// <summary>Lets a lease begin anew, for 60 to 86,400 seconds. Answers false where it is over and its slots may be another's.</summary>
    Task<bool> RenewSlotsAsync(Guid leaseId, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Sends events to a server that keeps them (Prefect 3); elsewhere nothing happens, as here by default.</summary>
    Task CreateEventsAsync(IReadOnlyList<EventCreate> events, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Waits until something was written after <paramref name="after"/> (a value this method or <see cref="ApiInfo.Change"/> gave), or until the
    /// timeout, and returns the newest change number. Where the server has no change feed (Prefect), waits for at most ten seconds.
    /// </summary>
    Task<long> WaitForChangeAsync(long after, TimeSpan timeout, CancellationToken cancellationToken);
}
