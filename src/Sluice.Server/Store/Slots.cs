using Sluice.Orchestration;
using Sluice.Server.Transitions;

namespace Sluice.Server.Store;

/// <summary>
/// The slots of a deployment's concurrency limit. They are counted, not booked, so none can leak: every other run of the deployment that is PENDING,
/// RUNNING or CANCELLING holds one. A claim holds it as a lease, for the deployment's grace; a client that renews leases (Prefect 3.4.11 and
/// later) must go on doing so; for any other one the slot is held from RUNNING until the run leaves it.
/// </summary>
internal static class Slots
{
    /// <summary>What is taken of the limit of the run's deployment, and whether the run itself holds a slot; null without a limit.</summary>
    public static SlotFacts? Of(Scope scope, FlowRun run)
    {
        var limits = scope.Db.Query($"SELECT concurrency_limit, concurrency_options FROM deployment WHERE id = {run.DeploymentId}",
            row => (Limit: row.IntOrNull(), Options: row.JsonOrNull(Columns.Type<ConcurrencyOptions>())));
        if (limits is not [{ Limit: { } limit } deployment])
            return null;
        TimeSpan grace = deployment.Options?.GracePeriodSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : SlotFacts.DefaultGrace;
        bool held = scope.Db.Exists($"SELECT 1 FROM flow_run WHERE id = {run.Id} AND state_type IN ('PENDING', 'RUNNING', 'CANCELLING') AND {Holding(scope, grace)}");
        return new(limit, Taken(scope, run.DeploymentId!.Value, run.Id, grace), deployment.Options?.CollisionStrategy == "CANCEL_NEW", held, grace);
    }

    /// <summary>How many slots of the deployment are taken now.</summary>
    public static int Taken(Scope scope, Guid deploymentId, Guid? except = null, TimeSpan? grace = null) => (int)scope.Db.Number($"""
        SELECT COUNT(*) FROM flow_run INDEXED BY flow_run_deployment_active WHERE deployment_id = {deploymentId} AND state_type IN ('PENDING', 'RUNNING', 'CANCELLING')
            AND id IS NOT {except} AND {Holding(scope, grace ?? SlotFacts.DefaultGrace)}
        """)!.Value;

    /// <summary>Renews the lease of a slot (<c>state_details.deployment_concurrency_lease_id</c>). Answers false where it ran out or no run has it.</summary>
    public static bool Renew(Scope scope, Guid leaseId, TimeSpan duration) =>
        scope.Db.Execute($"UPDATE flow_run SET slot_expires = {scope.Now + duration} WHERE slot_lease = {leaseId} AND slot_expires > {scope.Now}") > 0;

    /// <summary>What a new state means for the run's slot, as a piece of its UPDATE.</summary>
    public static Sql Follow(Scope scope, State? last, State next, SlotFacts? slots, SetStateOptions options)
    {
        if (next.Type is not (StateType.Pending or StateType.Running or StateType.Cancelling))
            return Sql.Raw(", slot_lease = NULL, slot_expires = NULL");
        if (slots is not null && next.Type == StateType.Pending && last?.Type != StateType.Pending)
            return $", slot_lease = {next.StateDetails.DeploymentConcurrencyLeaseId}, slot_expires = {scope.Now + slots.Grace}";
        if (last?.Type != StateType.Pending || next.Type == StateType.Pending)
            return Sql.Raw("");
        // A limit that came after the claim granted no lease: then there is none that could be renewed.
        return slots is not null && options.RenewsConcurrencyLease && next.StateDetails.DeploymentConcurrencyLeaseId is not null
            ? $", slot_lease = {next.StateDetails.DeploymentConcurrencyLeaseId}, slot_expires = {scope.Now + slots.Grace}"
            : Sql.Raw(", slot_lease = NULL, slot_expires = NULL");
    }

    /// <summary>A run that came to PENDING without a claim (it was created so, or its deployment had no limit then) holds its slot as a claimed one does.</summary>
    private static Sql Holding(Scope scope, TimeSpan grace) =>
        $"CASE WHEN slot_expires IS NOT NULL THEN slot_expires > {scope.Now} ELSE state_type <> 'PENDING' OR state_time > {scope.Now - grace} END";
}
