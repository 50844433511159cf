using Sluice.Orchestration;

namespace Sluice.Deploy.Ownership;

/// <summary>A deployment that a publish created and that is to go.</summary>
/// <param name="Id">Its id.</param>
/// <param name="FullName"><c>flow/deployment</c>.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Outcome"><c>orphaned</c> where it stays as it is, <c>paused</c>, or <c>deleted</c>.</param>
/// <param name="Updated">When what was seen of it last changed.</param>
internal sealed record Orphan(Guid Id, string FullName, string Reason, string Outcome, DateTimeOffset Updated)
{
    /// <summary>What a rule makes of one. What is paused already stays as it is.</summary>
    public static Orphan Of(OwnedDeployment owned, string reason, PruneRule rule) => new(
        owned.Live.Id, owned.FullName, reason,
        rule switch
        {
            PruneRule.Delete => "deleted",
            PruneRule.Pause when !owned.Live.Paused => "paused",
            _ => "orphaned",
        },
        owned.Live.Updated);

    /// <summary>Adds them to what is applied.</summary>
    public static DeploymentChanges AddTo(DeploymentChanges changes, IReadOnlyList<Orphan> orphans) => changes with
    {
        Paused = [.. changes.Paused, .. orphans.Where(o => o.Outcome == "paused").Select(o => o.Id)],
        Deleted = [.. changes.Deleted, .. orphans.Where(o => o.Outcome == "deleted").Select(o => o.Id)],
        Seen = new Dictionary<Guid, DateTimeOffset>([.. changes.Seen, .. orphans.Where(o => o.Outcome != "orphaned").Select(o => KeyValuePair.Create(o.Id, o.Updated))]),
    };

    /// <summary>As an outcome names it.</summary>
    public DeployedDeployment ToOutcome() => new() { Id = Id, FullName = FullName, Outcome = Outcome, Changes = [Reason] };
}
