using Sluice.Deploy.Planning;
using Sluice.Orchestration;

namespace Sluice.Deploy.Ownership;

/// <summary>A live deployment with the mark of a publish.</summary>
/// <param name="Live">The deployment.</param>
/// <param name="FullName"><c>flow/deployment</c>.</param>
/// <param name="Mark">Whose it is.</param>
internal sealed record OwnedDeployment(Deployment Live, string FullName, OwnerMark Mark)
{
    /// <summary>Whether a publish created it under the name that it has. Anything else is never paused or deleted.</summary>
    public bool IsCreated => Mark.CreatedAs == FullName;
}

/// <summary>Reads from a server what publishes left there.</summary>
internal static class OwnedDeployments
{
    // The most that a server gives in one answer.
    private const int Page = 200;

    /// <summary>Those of an app, or of all apps where it is null, in the order of their names.</summary>
    /// <param name="api">The server.</param>
    /// <param name="server">What it is; null for Sluice's own.</param>
    /// <param name="app">The app.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<IReadOnlyList<OwnedDeployment>> ReadAsync(IOrchestrationApi api, ApiInfo? server, string? app, CancellationToken cancellationToken)
    {
        // A Prefect 3 server filters by tags only, and there the mark is in labels and job variables: it is read whole.
        DeploymentFilter? filter = app is null ? null
            : server is null or { IsSluice: true } ? new() { Labels = new() { All = new Dictionary<string, string> { [OwnerMark.AppLabel] = app } } }
            : server is { IsPrefect2: true } ? new() { Tags = new() { All = [$"{OwnerMark.AppLabel}:{app}"] } }
            : null;
        var found = new List<(Deployment Live, OwnerMark Mark)>();
        for (int offset = 0; ;)
        {
            IReadOnlyList<Deployment> page = await api.ListDeploymentsAsync(new() { Deployments = filter, Limit = Page, Offset = offset }, cancellationToken).ConfigureAwait(false);
            found.AddRange(from live in page let mark = OwnerMark.Of(live) where mark is not null && (app is null || mark.App == app) select (live, mark));
            offset += page.Count;
            if (page.Count < Page)
                break;
        }
        IReadOnlyDictionary<Guid, string> flows = await LiveDeployments.FlowNamesAsync(api, found.Select(one => one.Live.FlowId), cancellationToken).ConfigureAwait(false);
        // Pages of a list that changes meanwhile may name one twice, and one that was deleted and made again under both ids; a flow that is gone took its deployments with it.
        return [.. found.Where(one => flows.ContainsKey(one.Live.FlowId))
            .Select(one => new OwnedDeployment(one.Live, $"{flows[one.Live.FlowId]}/{one.Live.Name}", one.Mark))
            .GroupBy(one => one.FullName, StringComparer.Ordinal).Select(same => same.MaxBy(one => one.Live.Created)!)
            .OrderBy(one => one.FullName, StringComparer.Ordinal)];
    }
}
