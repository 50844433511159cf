using Sluice.Orchestration;

namespace Sluice.Deploy.Planning;

/// <summary>Whether the work pool of a deployment starts runs in the infrastructure that its code names.</summary>
internal static class Infrastructures
{
    /// <summary>Whether somebody moved it to its pool on the server, where it stays: what its code says of the infrastructure was for another pool.</summary>
    public static bool IsKept(PlannedDeployment planned) => planned.Merged?.KeptOnServer.Any(field => field.Path == "work_pool_name") == true;

    /// <summary>Those that a pool of this type would start otherwise than their code says.</summary>
    public static IEnumerable<(string Code, string Message)> Of(IEnumerable<PlannedDeployment> planned, WorkPool pool) =>
        from one in planned
        where !Fits(one, pool)
        select (DeployCodes.InfrastructureDiffers, $"{one.FullName} names the infrastructure '{one.Declared.Infrastructure}', and its work pool '{pool.Name}' is of type '{pool.Type}': name a pool of that type, or leave out Infrastructure.");

    /// <summary>Those that somebody moved to a pool of another type than their code says. That is theirs to say, and they are told.</summary>
    public static IEnumerable<(string Code, string Message)> Kept(IEnumerable<PlannedDeployment> planned, WorkPool pool) =>
        from one in planned
        where IsKept(one) && !Fits(one, pool)
        select Kept(one, $"is of type '{pool.Type}'");

    /// <summary>Those that somebody moved to the server's built-in pool, as <see cref="WithoutPool"/>.</summary>
    public static IEnumerable<(string Code, string Message)> KeptWithoutPool(IEnumerable<PlannedDeployment> planned, ApiInfo? server) => server is { IsPrefect2: true } ? [] :
        from one in planned
        where IsKept(one) && one.Declared.Infrastructure is not (null or "process")
        select Kept(one, "starts processes");

    private static (string Code, string Message) Kept(PlannedDeployment one, string what) => (DeployCodes.InfrastructureDiffers,
        $"{one.FullName} names the infrastructure '{one.Declared.Infrastructure}', and the work pool '{one.Desired!.WorkPoolName}', to which it was moved on the server and where it stays, {what}: move it back there, or leave out Infrastructure.");

    private static bool Fits(PlannedDeployment one, WorkPool pool) => one.Declared.Infrastructure switch
    {
        null => true,
        // Agents are told the infrastructure by a block.
        _ when pool.Type == "prefect-agent" => true,
        "process" => pool.Type is "process" or "dotnet",
        { } kind => pool.Type == kind,
    };

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
