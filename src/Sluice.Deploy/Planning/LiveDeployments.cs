using Sluice.Deploy.Manifest;
using Sluice.Deploy.Ownership;
using Sluice.Orchestration;

namespace Sluice.Deploy.Planning;

/// <summary>Reads what is live of all that a publish is about: few by name, many by pages, each once.</summary>
internal static class LiveDeployments
{
    /// <summary>As many requests by name are sent at once; more deployments than that are read by pages.</summary>
    private const int ByName = 8;

    private const int Page = 200;

    /// <summary>The declared deployments with the live ones of their names.</summary>
    /// <param name="flows">What is declared.</param>
    /// <param name="owned">Live deployments that were read already.</param>
    /// <param name="api">The server; null where nothing is applied.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<PlannedDeployment[]> FindAsync(IReadOnlyList<FlowManifest> flows, IReadOnlyList<OwnedDeployment> owned, IOrchestrationApi? api, CancellationToken cancellationToken)
    {
        var known = owned.ToDictionary(one => one.FullName, one => one.Live, StringComparer.Ordinal);
        PlannedDeployment[] planned = [.. from flow in flows from declared in flow.Deployments select new PlannedDeployment { Flow = flow, Declared = declared, Live = known.GetValueOrDefault($"{flow.Name}/{declared.Name}") }];
        int[] open = [.. Enumerable.Range(0, planned.Length).Where(i => planned[i].Live is null)];
        if (api is null || open.Length == 0)
            return planned;
        if (open.Length > ByName)
        {
            IReadOnlyDictionary<string, Deployment> found = await ListAsync(api, [.. open.Select(i => planned[i].Flow.Name).Distinct()], cancellationToken).ConfigureAwait(false);
            return [.. planned.Select(p => p with { Live = p.Live ?? found.GetValueOrDefault(p.FullName) })];
        }
        Deployment?[] live = await Task.WhenAll(open.Select(i => api.FindDeploymentAsync(planned[i].Flow.Name, planned[i].Declared.Name, cancellationToken))).ConfigureAwait(false);
        foreach ((int i, Deployment? one) in open.Zip(live))
            planned[i] = planned[i] with { Live = one };
        return planned;
    }

    /// <summary>The names of flows by their ids.</summary>
    public static async Task<IReadOnlyDictionary<Guid, string>> FlowNamesAsync(IOrchestrationApi api, IEnumerable<Guid> ids, CancellationToken cancellationToken)
    {
        var names = new Dictionary<Guid, string>();
        foreach (Guid[] some in ids.Distinct().Chunk(Page))
        {
            foreach (Flow flow in await api.ListFlowsAsync(new() { Flows = new() { Id = new() { Any = some } }, Limit = Page }, cancellationToken).ConfigureAwait(false))
                names[flow.Id] = flow.Name;
        }
        return names;
    }

    private static async Task<IReadOnlyDictionary<string, Deployment>> ListAsync(IOrchestrationApi api, string[] flows, CancellationToken cancellationToken)
    {
        var found = new List<Deployment>();
        for (int offset = 0; ;)
        {
            IReadOnlyList<Deployment> page = await api.ListDeploymentsAsync(new() { Flows = new() { Name = new() { Any = flows } }, Limit = Page, Offset = offset }, cancellationToken).ConfigureAwait(false);
            found.AddRange(page);
            offset += page.Count;
            if (page.Count < Page)
                break;
        }
        IReadOnlyDictionary<Guid, string> names = await FlowNamesAsync(api, found.Select(one => one.FlowId), cancellationToken).ConfigureAwait(false);
        var live = new Dictionary<string, Deployment>(StringComparer.Ordinal);
        foreach (Deployment one in found.Where(one => names.ContainsKey(one.FlowId)))
            live[$"{names[one.FlowId]}/{one.Name}"] = one;
        return live;
    }
}
