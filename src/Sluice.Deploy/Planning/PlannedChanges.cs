using Sluice.Deploy.Ownership;
using Sluice.Orchestration;

namespace Sluice.Deploy.Planning;

/// <summary>Makes of a plan the one call that carries it out.</summary>
internal static class PlannedChanges
{
    /// <summary>What the API is told; empty where nothing differs.</summary>
    /// <param name="planned">All deployments, those that stay as they are among them.</param>
    /// <param name="newPools">The names of pools that are to be created.</param>
    /// <param name="orphans">What the code no longer declares.</param>
    public static DeploymentChanges Of(IReadOnlyList<PlannedDeployment> planned, IReadOnlyList<string> newPools, IReadOnlyList<Orphan> orphans)
    {
        PlannedDeployment[] changed = [.. planned.Where(IsChanged)];
        return Orphan.AddTo(new()
        {
            // A pool that nothing goes to is not made.
            WorkPools = changed.Length == 0 ? [] : [.. newPools.Select(DotnetPool.Create)],
            Deployments = [.. changed.Select(Apply)],
            Seen = changed.Where(p => p.Live is not null).ToDictionary(p => p.Live!.Id, p => p.Live!.Updated),
            SeenAs = [.. changed.Select(p => p.Live).OfType<Deployment>()],
        }, orphans);
    }

    /// <summary>Whether the API is told of it.</summary>
    public static bool IsChanged(PlannedDeployment planned) => planned.Outcome != "unchanged";

    private static DeploymentApply Apply(PlannedDeployment planned) => new()
    {
        FlowName = planned.Flow.Name,
        Deployment = planned.Desired!,
        Infrastructure = planned.Declared.Infrastructure,
        InfrastructureData = planned.Blocks?.Infrastructure,
        StorageBlock = planned.Blocks is { KeepsStorage: false } blocks ? blocks.Storage : null,
        Id = planned.MovedFrom is null ? null : planned.Live!.Id,
        Cleared = planned.Merged?.Cleared ?? [],
        MustBeNew = planned.Live is null,
    };
}
