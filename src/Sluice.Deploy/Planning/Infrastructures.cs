using Sluice.Orchestration;

namespace Sluice.Deploy.Planning;

/// <summary>Whether the work pool of a deployment starts runs in the infrastructure that its code names.</summary>
internal static class Infrastructures
{
    /// <summary>Those that a pool of this type would start otherwise than their code says.</summary>
    public static IEnumerable<(string Code, string Message)> Of(IEnumerable<PlannedDeployment> planned, WorkPool pool) =>
        from one in planned
        let fits = one.Declared.Infrastructure switch
        {
            null => true,
            "process" => pool.Type is "process" or "dotnet",
            { } kind => pool.Type == kind,
        }
        // Agents are told the infrastructure by a block.
        where !fits && pool.Type != "prefect-agent"
        select (DeployCodes.InfrastructureDiffers, $"{one.FullName} names the infrastructure '{one.Declared.Infrastructure}', and its work pool '{pool.Name}' is of type '{pool.Type}': name a pool of that type, or leave out Infrastructure.");

    /// <summary>Those whose code names another infrastructure than a pool that the publish would create, whose workers start processes.</summary>
    public static IEnumerable<(string Code, string Message)> OfNew(IEnumerable<PlannedDeployment> planned, string pool) =>
        from one in planned
        let infrastructure = one.Declared.Infrastructure
        where infrastructure is not (null or "process")
        let type = infrastructure.Contains('/', StringComparison.Ordinal) ? "prefect-agent" : infrastructure
        select (DeployCodes.InfrastructureDiffers,
            $"{one.FullName} names the infrastructure '{infrastructure}', and its work pool '{pool}' does not exist; the one that this publish would create starts processes. "
            + $"Create one of that type (sluice work-pool create {pool} --type {type}), or leave out Infrastructure.");

    /// <summary>Those in the server's built-in pool, which agents of Prefect 2 serve, and elsewhere workers that start processes: nobody would start their runs so.</summary>
    /// <param name="planned">The deployments.</param>
    /// <param name="server">Where they go; null for Sluice's own.</param>
    public static IEnumerable<(string Code, string Message)> WithoutPool(IEnumerable<PlannedDeployment> planned, ApiInfo? server) => server is { IsPrefect2: true } ? [] :
        from one in planned
        where one.Declared.Infrastructure is not (null or "process")
        select (DeployCodes.InfrastructureDiffers,
            $"{one.FullName} names the infrastructure '{one.Declared.Infrastructure}' and no work pool, and without one its runs are started as processes: name a work pool of that type by WorkPool or -p:SluiceWorkPool.");
}
