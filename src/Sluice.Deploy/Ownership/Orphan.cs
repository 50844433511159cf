using Sluice.Orchestration;

namespace Sluice.Deploy.Ownership;

/// <summary>A deployment that a publish created and that is to go.</summary>
public sealed record Orphan
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary><c>flow/deployment</c>.</summary>
    public required string FullName { get; init; }

    /// <summary>The app whose publish created it.</summary>
    public required string App { get; init; }

    /// <summary>Its environment; null for none.</summary>
    public string? Environment { get; init; }

    /// <summary>When the time of its environment is or was over; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Why it goes, in words.</summary>
    public required string Reason { get; init; }

    /// <summary><c>orphaned</c> where it stays as it is, <c>paused</c>, or <c>deleted</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>When what was seen of it last changed.</summary>
    internal DateTimeOffset Updated { get; init; }

    /// <summary>What was seen of it.</summary>
    internal Deployment? Live { get; init; }

    /// <summary>What a rule makes of one. What is paused already stays as it is.</summary>
    internal static Orphan Of(OwnedDeployment owned, string reason, PruneRule rule) => new()
    {
        Id = owned.Live.Id,
        FullName = owned.FullName,
        App = owned.Mark.App,
        Environment = owned.Mark.Environment,
        Expires = owned.Mark.Expires,
        Reason = rule == PruneRule.Pause && owned.Live.Paused ? $"{reason}; paused already" : reason,
        Outcome = rule switch
        {
            PruneRule.Delete => "deleted",
            PruneRule.Pause when !owned.Live.Paused => "paused",
            _ => "orphaned",
        },
        Updated = owned.Live.Updated,
        Live = owned.Live,
    };

    /// <summary>Adds them to what is applied. One that somebody changed meanwhile is a conflict: its code may be back.</summary>
    internal static DeploymentChanges AddTo(DeploymentChanges changes, IReadOnlyList<Orphan> orphans) => changes with
    {
        Paused = [.. changes.Paused, .. orphans.Where(o => o.Outcome == "paused").Select(o => o.Id)],
        Deleted = [.. changes.Deleted, .. orphans.Where(o => o.Outcome == "deleted").Select(o => o.Id)],
        Seen = new Dictionary<Guid, DateTimeOffset>([.. changes.Seen, .. orphans.Where(o => o.Outcome != "orphaned").Select(o => KeyValuePair.Create(o.Id, o.Updated))]),
        SeenAs = [.. changes.SeenAs, .. orphans.Where(o => o.Outcome != "orphaned").Select(o => o.Live).OfType<Deployment>()],
    };

    /// <summary>As an outcome names it.</summary>
    internal DeployedDeployment ToOutcome() => new() { Id = Id, FullName = FullName, Outcome = Outcome, Changes = [Reason] };
}
