using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>
/// Attempts: the claim of a worker of ours names itself by its transition id, and who writes for it says that name. Once the server has given an
/// attempt up, or another claim took the run, what it still writes is refused.
/// </summary>
internal static class Attempts
{
    /// <summary>Whether the run is this attempt's.</summary>
    public static bool Holds(Scope scope, Guid runId, Guid attempt) => scope.Db.Exists($"SELECT 1 FROM flow_run WHERE id = {runId} AND attempt = {attempt}");

    /// <summary>What a new state means for the attempt, as a piece of the run's UPDATE.</summary>
    public static Sql Follow(State next, FlowRunPolicy policy, SetStateOptions options)
    {
        if (next.Type == StateType.Scheduled && policy.RetryType != "in_process")
            return Sql.Raw(", attempt = NULL");
        Sql retries = options.CrashRetries is { } most && next.Type == StateType.Running ? $", crash_retries = {Math.Max(0, most)}" : Sql.Raw("");
        return next.Type == StateType.Pending && options.Lease is not null && next.Name == "Pending" ? (Sql)$", attempt = {next.StateDetails.TransitionId} {retries}" : retries;
    }

    /// <summary>Gives an attempt up, so that nothing more is taken from it.</summary>
    public static void GiveUp(Scope scope, Guid runId) => scope.Db.Execute($"UPDATE flow_run SET attempt = NULL WHERE id = {runId}");
}
