using Sluice.Orchestration;

namespace Sluice.Deploy.Planning;

/// <summary>Whether the work pool of a deployment starts runs in the infrastructure that its code names.</summary>
internal static class Infrastructures
{
    /// <summary>A pool whose type starts something else.</summary>
    /// <exception cref="DeployException">The pool and the code say different things.</exception>
    public static void Check(IEnumerable<PlannedDeployment> planned, WorkPool pool)
    {
        foreach (PlannedDeployment one in planned)
        {
            bool fits = one.Declared.Infrastructure switch
            {
                null => true,
                "process" => pool.Type is "process" or "dotnet",
                { } kind => pool.Type == kind,
            };
            // Agents are told the infrastructure by a block.
            if (!fits && pool.Type != "prefect-agent")
                throw new DeployException((DeployCodes.InfrastructureDiffers, $"{one.FullName} names the infrastructure '{one.Declared.Infrastructure}', and its work pool '{pool.Name}' is of type '{pool.Type}': name a pool of that type, or leave out Infrastructure."));
        }
    }

    /// <summary>A pool that the publish would create, whose workers start processes.</summary>
    /// <exception cref="DeployException">The code names another infrastructure.</exception>
    public static void CheckNew(IEnumerable<PlannedDeployment> planned, string pool)
    {
        if (planned.FirstOrDefault(p => p.Declared.Infrastructure is not (null or "process")) is not { } one)
            return;
        string infrastructure = one.Declared.Infrastructure!;
        string type = infrastructure.Contains('/', StringComparison.Ordinal) ? "prefect-agent" : infrastructure;
        throw new DeployException((DeployCodes.InfrastructureDiffers,
            $"{one.FullName} names the infrastructure '{infrastructure}', and its work pool '{pool}' does not exist; the one that this publish would create starts processes. "
            + $"Create one of that type (sluice work-pool create {pool} --type {type}), or leave out Infrastructure."));
    }

    /// <summary>Deployments in the server's built-in pool, which agents of Prefect 2 serve, and elsewhere workers that start processes.</summary>
    /// <exception cref="DeployException">Nobody would start their runs so.</exception>
    public static async Task CheckWithoutPoolAsync(IEnumerable<PlannedDeployment> planned, IOrchestrationApi api, CancellationToken cancellationToken)
    {
        if (planned.FirstOrDefault(p => p.Declared.Infrastructure is not (null or "process")) is not { } one)
            return;
        ApiInfo info = await api.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        if (info.IsSluice || !info.Version.StartsWith("2.", StringComparison.Ordinal))
        {
            throw new DeployException((DeployCodes.InfrastructureDiffers,
                $"{one.FullName} names the infrastructure '{one.Declared.Infrastructure}' and no work pool, and without one its runs are started as processes: name a work pool of that type by WorkPool or -p:SluiceWorkPool."));
        }
    }
}
