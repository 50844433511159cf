using Sluice.Orchestration;

namespace Sluice.Cli.Runs;

/// <summary>Finds what a person names; where it is not there, says what they may have meant.</summary>
internal static class Finder
{
    /// <summary>As many names as a person reads at once.</summary>
    private const int Choices = 4;

    /// <summary>A deployment by <c>flow/deployment</c> or id.</summary>
    public static async Task<Deployment> DeploymentAsync(IOrchestrationApi api, string name, CancellationToken cancellationToken)
    {
        if (await LookAsync(api, name, cancellationToken) is { } deployment)
            return deployment;

        List<Deployment> all = await Pages.AllAsync(offset => api.ListDeploymentsAsync(new() { Limit = Pages.Size, Offset = offset }, cancellationToken));
        if (all.Count == 0)
            throw new CliException($"there is no deployment '{name}': nothing is deployed yet. 'dotnet publish' of a project with [Deployment] deploys it");
        FlowNames flows = await FlowNames.LoadAsync(api, all.Select(known => known.FlowId), cancellationToken);
        // Half of a name is that of a deployment or of a flow.
        string[] halves = [.. all.Where(known => string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase) || string.Equals(flows[known.FlowId], name, StringComparison.OrdinalIgnoreCase))
            .Select(flows.FullName).Order(StringComparer.Ordinal)];
        string question = halves.Length is > 0 and <= Choices ? $" Did you mean {string.Join(" or ", halves.Select(full => $"'{full}'"))}?" : DidYouMean.Question(name, all.Select(flows.FullName));
        throw new CliException(name.Contains('/') || Guid.TryParse(name, out _)
            ? $"there is no deployment '{name}'.{question} 'sluice deployment ls' lists them"
            : $"'{name}' is not a deployment's full name, which is written flow/deployment.{question} 'sluice deployment ls' lists them");
    }

    private static async Task<Deployment?> LookAsync(IOrchestrationApi api, string name, CancellationToken cancellationToken) =>
        Guid.TryParse(name, out Guid id) ? await api.ReadDeploymentAsync(id, cancellationToken)
        : name.Split('/') is [{ Length: > 0 } flow, { Length: > 0 } own] ? await api.FindDeploymentAsync(flow, own, cancellationToken)
        : null;

    /// <summary>A deployment by <c>flow/deployment</c> or id, and its full name.</summary>
    public static async Task<NamedDeployment> NamedDeploymentAsync(IOrchestrationApi api, string name, CancellationToken cancellationToken) =>
        await NamedAsync(api, await DeploymentAsync(api, name, cancellationToken), cancellationToken);

    /// <summary>The same; null where there is none. What is no full name and no id is an error all the same.</summary>
    public static async Task<NamedDeployment?> TryNamedDeploymentAsync(IOrchestrationApi api, string name, CancellationToken cancellationToken) =>
        await LookAsync(api, name, cancellationToken) is { } deployment ? await NamedAsync(api, deployment, cancellationToken)
        : name.Contains('/') || Guid.TryParse(name, out _) ? null
        : await NamedDeploymentAsync(api, name, cancellationToken);

    private static async Task<NamedDeployment> NamedAsync(IOrchestrationApi api, Deployment deployment, CancellationToken cancellationToken) =>
        new(deployment, (await FlowNames.LoadAsync(api, [deployment.FlowId], cancellationToken)).FullName(deployment));

    /// <summary>A flow run by id or name.</summary>
    public static async Task<FlowRun> FlowRunAsync(IOrchestrationApi api, string name, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(name, out Guid id))
        {
            return await api.ReadFlowRunAsync(id, cancellationToken)
                ?? throw new CliException($"there is no flow run with id {id}. 'sluice flow-run ls' lists them");
        }
        IReadOnlyList<FlowRun> named = await api.ListFlowRunsAsync(
            new() { FlowRuns = new() { Name = new() { Any = [name] } }, Sort = "EXPECTED_START_TIME_DESC", Limit = 5 }, cancellationToken);
        if (named is [FlowRun run])
            return run;
        if (named.Count > 1)
            throw new CliException($"several flow runs are named '{name}': name one by its id, as {string.Join(" or ", named.Select(known => known.Id))}");
        IReadOnlyList<FlowRun> recent = await api.ListFlowRunsAsync(new() { Sort = "EXPECTED_START_TIME_DESC" }, cancellationToken);
        throw new CliException($"there is no flow run '{name}'.{DidYouMean.Question(name, recent.Select(known => known.Name))} 'sluice flow-run ls' lists them");
    }

    /// <summary>A work pool by name.</summary>
    public static async Task<WorkPool> WorkPoolAsync(IOrchestrationApi api, string name, CancellationToken cancellationToken)
    {
        if (await api.FindWorkPoolAsync(name, cancellationToken) is { } pool)
            return pool;
        IReadOnlyList<WorkPool> all = await api.ListWorkPoolsAsync(new(), cancellationToken);
        string known = all.Count == 0 ? "there are none" : $"there are: {string.Join(", ", all.Select(other => other.Name))}";
        throw new CliException(
            $"there is no work pool '{name}'.{DidYouMean.Question(name, all.Select(other => other.Name))} {known}; 'sluice work-pool create {name}' makes it");
    }

    /// <summary>A queue of a pool by name.</summary>
    public static async Task<WorkQueue> WorkQueueAsync(IOrchestrationApi api, string poolName, string name, CancellationToken cancellationToken)
    {
        await WorkPoolAsync(api, poolName, cancellationToken);
        if (await api.FindWorkQueueAsync(poolName, name, cancellationToken) is { } queue)
            return queue;
        IReadOnlyList<WorkQueue> all = await api.ListWorkQueuesAsync(poolName, cancellationToken);
        throw new CliException($"pool '{poolName}' has no queue '{name}'.{DidYouMean.Question(name, all.Select(other => other.Name))} "
            + $"It has: {string.Join(", ", all.Select(other => other.Name))}");
    }
}

/// <summary>A deployment and its full name.</summary>
/// <param name="Deployment">The deployment.</param>
/// <param name="FullName"><c>flow/deployment</c>.</param>
internal sealed record NamedDeployment(Deployment Deployment, string FullName);
