namespace Sluice.Orchestration.Tests.Contract;

/// <summary>Removes from a server whatever a run of the contract suite left there: every object's name has the run's mark.</summary>
internal static class PrefectCleaning
{
    private const int PageSize = 200;

    /// <summary>Removes what has the mark; also after a failure in the middle of anything. What goes wrong is told at the end, after the rest was removed.</summary>
    public static async Task RemoveAsync(IOrchestrationApi api, string mark, CancellationToken cancellationToken)
    {
        List<string> failures = [];
        async Task TryAsync(string what, Func<Task> remove)
        {
            try
            {
                await remove();
            }
            catch (OrchestrationException error) when (error.Kind != OrchestrationErrorKind.NotFound)
            {
                failures.Add($"{what}: {error.Message}");
            }
            catch (OrchestrationException)
            {
                // Gone already.
            }
        }

        NameFilter marked = new() { Like = mark };
        while (await api.ListFlowsAsync(new() { Flows = new() { Name = marked } }, cancellationToken) is { Count: > 0 } flows)
        {
            foreach (Flow flow in flows)
            {
                FlowFilter own = new() { Id = new() { Any = [flow.Id] } };
                // First: they outlive their runs, and may have no key.
                await AllAsync((limit, offset) => api.ListArtifactsAsync(new() { Flows = own, Limit = limit, Offset = offset }, cancellationToken), artifact => TryAsync($"{artifact.Key}", () => api.DeleteArtifactAsync(artifact.Id, cancellationToken)));
                await AllAsync((limit, offset) => api.ListFlowRunsAsync(new() { Flows = own, Limit = limit, Offset = offset }, cancellationToken), run => TryAsync(run.Name, () => api.DeleteFlowRunAsync(run.Id, cancellationToken)));
                await AllAsync((limit, offset) => api.ListDeploymentsAsync(new() { Flows = own, Limit = limit, Offset = offset }, cancellationToken), deployment => TryAsync(deployment.Name, () => api.DeleteDeploymentAsync(deployment.Id, cancellationToken)));
                await TryAsync(flow.Name, () => api.DeleteFlowAsync(flow.Id, cancellationToken));
            }

            if (failures.Count > 0)
            {
                break;
            }
        }

        await AllAsync((limit, offset) => api.ListWorkPoolsAsync(new() { Limit = limit, Offset = offset }, cancellationToken), async pool =>
        {
            if (pool.Name.Contains(mark, StringComparison.Ordinal))
            {
                await TryAsync(pool.Name, () => api.DeleteWorkPoolAsync(pool.Name, cancellationToken));
                return;
            }

            foreach (WorkQueue queue in (await api.ListWorkQueuesAsync(pool.Name, cancellationToken)).Where(queue => queue.Name.Contains(mark, StringComparison.Ordinal)))
            {
                await TryAsync(queue.Name, () => api.DeleteWorkQueueAsync(pool.Name, queue.Name, cancellationToken));
            }
        });
        await AllAsync((limit, offset) => api.ListVariablesAsync(new() { Limit = limit, Offset = offset }, cancellationToken),
            variable => variable.Name.Contains(mark, StringComparison.Ordinal) ? TryAsync(variable.Name, () => api.DeleteVariableAsync(variable.Id, cancellationToken)) : Task.CompletedTask);
        await AllAsync((limit, offset) => api.ListBlockTypesAsync(new() { Limit = limit, Offset = offset }, cancellationToken), async type =>
        {
            if (type.Name.Contains(mark, StringComparison.Ordinal))
            {
                await TryAsync(type.Name, () => api.DeleteBlockTypeAsync(type.Id, cancellationToken));
            }
        });
        await AllAsync((limit, offset) => api.ListArtifactsAsync(new() { Artifacts = new() { Key = new() { Like = mark } }, Limit = limit, Offset = offset }, cancellationToken),
            artifact => TryAsync(artifact.Key!, () => api.DeleteArtifactAsync(artifact.Id, cancellationToken)));
        if (!(await api.GetInfoAsync(cancellationToken)).IsPrefect2)
        {
            await AllAsync((limit, offset) => api.ListConcurrencyLimitsAsync(new() { Limit = limit, Offset = offset }, cancellationToken),
                limit => limit.Name?.Contains(mark, StringComparison.Ordinal) == true ? TryAsync(limit.Name, () => api.DeleteConcurrencyLimitAsync(limit.Name, cancellationToken)) : Task.CompletedTask);
        }

        failures.ShouldBeEmpty($"The server keeps objects of the contract suite; their names contain {mark}.");
    }

    /// <summary>All pages, read before the first is removed.</summary>
    private static async Task AllAsync<T>(Func<int, int, Task<IReadOnlyList<T>>> pageAsync, Func<T, Task> doAsync)
    {
        List<T> all = [];
        for (IReadOnlyList<T>? page = null; page is null || page.Count == PageSize;)
        {
            page = await pageAsync(PageSize, all.Count);
            all.AddRange(page);
        }

        foreach (T item in all)
        {
            await doAsync(item);
        }
    }
}
