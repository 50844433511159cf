using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>All that one publish changes: applied whole, or not at all.</summary>
public sealed record DeploymentChanges
{
    /// <summary>Work pools that are created before anything else; one that is there stays as it is.</summary>
    public IReadOnlyList<WorkPoolCreate> WorkPools { get; init => field = value ?? []; } = [];

    /// <summary>Deployments that are created, changed or moved.</summary>
    public IReadOnlyList<DeploymentApply> Deployments { get; init => field = value ?? []; } = [];

    /// <summary>Deployments that are paused, by id: what vanished from the code and is to stay. That it was paused so is noted on the server, so that a publish may resume it when its code is back.</summary>
    public IReadOnlyList<Guid> Paused { get; init => field = value ?? []; } = [];

    /// <summary>Deployments that are deleted, by id; one that is gone already is no error.</summary>
    public IReadOnlyList<Guid> Deleted { get; init => field = value ?? []; } = [];

    /// <summary>
    /// What the caller has seen: the <c>updated</c> time of live deployments by id. One that has changed since is a conflict, and nothing is
    /// applied, unless it stands already as it is to be. To Prefect a deployment is updated whenever a worker asks for its runs too, which counts for no change where the two times are one.
    /// </summary>
    public IReadOnlyDictionary<Guid, DateTimeOffset> Seen { get; init => field = value ?? new Dictionary<Guid, DateTimeOffset>(); } = new Dictionary<Guid, DateTimeOffset>();

    /// <summary>
    /// The deployments of <see cref="Seen"/> as the caller was given them. Where one is here, Prefect is asked whether it is still so in place of its time, which tells
    /// polls from changes no better than changes of its schedules from none. Not sent to Sluice's server, whose times tell.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<Deployment> SeenAs { get; init => field = value ?? []; } = [];

    /// <summary>Whether there is nothing to do.</summary>
    [JsonIgnore]
    public bool IsEmpty => WorkPools.Count + Deployments.Count + Paused.Count + Deleted.Count == 0;
}
