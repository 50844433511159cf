using System.Text.Json;
using Sluice.Deploy.Planning.Merge;
using Sluice.Orchestration;
using Sluice.Schemas;

namespace Sluice.Deploy.Planning;

/// <summary>
/// Holds a whole plan, merged with what people keep on the server, against the server before anything is stored or sent: pools, infrastructures, job
/// variables, what a generation of Prefect cannot have, and schemas that refuse what the live ones accept. Finds all faults, not the first.
/// </summary>
/// <param name="request">What the publish says for all deployments.</param>
/// <param name="source">Says what the code declares.</param>
/// <param name="target">The API.</param>
/// <param name="server">What it is; null for Sluice's own.</param>
internal sealed class DeployValidation(DeployRequest request, IDeploySource source, DeployTarget target, ApiInfo? server)
{
    private const int PoolsInMessage = 20;

    private readonly IOrchestrationApi _api = target.Api;

    /// <summary>Checks them all.</summary>
    /// <param name="planned">The deployments, merged with their live ones. One with an undecided conflict goes to no pool that is known yet.</param>
    /// <param name="warnings">Are added to.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The names of the pools that are to be created.</returns>
    /// <exception cref="DeployException">Something does not fit.</exception>
    public async Task<IReadOnlyList<string>> CheckAsync(PlannedDeployment[] planned, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        PlannedDeployment[] decided = [.. planned.Where(p => p.Merged is not { IsUndecided: true })];
        IGrouping<string, PlannedDeployment>[] pools = [.. decided.Where(p => PoolOf(p) is not null and not DeploymentDesign.DefaultPool).GroupBy(p => PoolOf(p)!)];
        Task<Dictionary<string, WorkPool>> reading = FindPoolsAsync([.. pools.Select(pool => pool.Key)], cancellationToken);
        Task<IReadOnlyList<(string Code, string Message)>> comparing = BreakingChanges.FindAsync(planned, _api, source.ConflictWords, cancellationToken);
        await Task.WhenAll(reading, comparing).ConfigureAwait(false);
        Dictionary<string, WorkPool> found = await reading.ConfigureAwait(false);

        var errors = new List<(string, string)>();
        (request.AllowBreakingChanges ? warnings : errors).AddRange(await comparing.ConfigureAwait(false));
        if (server is { IsPrefect2: true })
        {
            errors.AddRange(Prefect2Limits.Errors(planned, target.Description));
            if (request.QueueLimit is null)
                warnings.AddRange(Prefect2Limits.Warnings(planned, target.Description));
        }
        errors.AddRange(ManifestValidator.CheckPlaces(request.WorkPool, request.WorkQueue));
        errors.AddRange(Infrastructures.WithoutPool(decided.Where(p => PoolOf(p) is null or DeploymentDesign.DefaultPool && !Infrastructures.IsKept(p)), server));
        warnings.AddRange(Infrastructures.KeptWithoutPool(decided.Where(p => PoolOf(p) is DeploymentDesign.DefaultPool), server));
        var missing = new List<string>();
        foreach (IGrouping<string, PlannedDeployment> pool in pools)
        {
            if (found.TryGetValue(pool.Key, out WorkPool? there))
            {
                errors.AddRange(Infrastructures.Of(pool.Where(p => !Infrastructures.IsKept(p)), there));
                warnings.AddRange(Infrastructures.Kept(pool, there));
                errors.AddRange(JobVariables(pool, pool.Key, there.BaseJobTemplate));
            }
            else if (request.CreateWorkPool)
            {
                errors.AddRange(Infrastructures.OfNew(pool, pool.Key));
                errors.AddRange(JobVariables(pool, pool.Key, DotnetPool.BaseJobTemplate));
                if (pool.Key.StartsWith("prefect", StringComparison.OrdinalIgnoreCase))
                    errors.Add((DeployCodes.DeclarationInvalid, $"The work pool '{pool.Key}' of {Names(pool)} does not exist and cannot be created: names that begin with 'prefect' are reserved. Name another one."));
                missing.Add(pool.Key);
            }
            else
            {
                missing.Add(pool.Key);
            }
        }
        if (missing.Count > 0 && !request.CreateWorkPool)
        {
            string there = Words(await _api.ListWorkPoolsAsync(new(), cancellationToken).ConfigureAwait(false));
            errors.AddRange(pools.Where(pool => missing.Contains(pool.Key)).Select(pool => (DeployCodes.WorkPoolMissing,
                $"The work pool '{pool.Key}' of {Names(pool)} does not exist. {there}create it (sluice work-pool create {pool.Key}){(source.ConflictWords.CreatePool is { } option ? $", or {option}" : "")}.")));
        }
        return errors.Count > 0 ? throw new DeployException(errors) : missing;
    }

    // Pool and queue that are both not said stay as they are; a queue alone is in the built-in pool.
    private static string? PoolOf(PlannedDeployment planned) => planned.Desired!.WorkPoolName ?? (planned.Desired.WorkQueueName is null ? planned.Live?.WorkPoolName : null);

    private async Task<Dictionary<string, WorkPool>> FindPoolsAsync(string[] names, CancellationToken cancellationToken)
    {
        WorkPool?[] found = await Task.WhenAll(names.Select(name => _api.FindWorkPoolAsync(name, cancellationToken))).ConfigureAwait(false);
        return found.OfType<WorkPool>().ToDictionary(pool => pool.Name);
    }

    /// <summary>Job variables that the pool's template refuses, as the server would when they are applied.</summary>
    private IEnumerable<(string Code, string Message)> JobVariables(IEnumerable<PlannedDeployment> planned, string pool, JsonElement template)
    {
        if (template.ValueKind != JsonValueKind.Object || !template.TryGetProperty("variables", out JsonElement variables) || variables.ValueKind != JsonValueKind.Object)
            yield break;
        ParameterSchema schema;
        try
        {
            schema = ParameterSchema.Parse(variables);
        }
        catch (ArgumentException)
        {
            // What the pool's server made of it, it judges itself.
            yield break;
        }
        foreach (PlannedDeployment one in planned)
        {
            IReadOnlyDictionary<string, JsonElement> given = one.Desired!.JobVariables!;
            string[] misfits = [.. Misfits(schema, given), .. Lacking(variables, given)];
            if (misfits.Length > 0)
                yield return (DeployCodes.JobVariablesDoNotFit, $"{one.FullName}: its job variables do not fit the work pool '{pool}': {string.Join("; ", misfits)}. {KeptWords(one)}Mend JobVariables, or name another pool.");
        }
    }

    // What people keep on the server may be a secret: of those only the name is told.
    private static IEnumerable<string> Misfits(ParameterSchema schema, IReadOnlyDictionary<string, JsonElement> given)
    {
        SchemaViolation[] misfits = [.. schema.Validate(given, ignoreRequired: true)];
        if (misfits.Length == 0)
            return [];
        var mask = new FieldMask();
        HashSet<SchemaViolation> masked = [.. schema.Validate(given.ToDictionary(one => one.Key, one => mask.Of(new(FieldPath.JobVariables, one.Key), one.Value)!.Value), ignoreRequired: true)];
        return misfits.Select(misfit => $"{misfit.Path} {(masked.Contains(misfit) ? misfit.Message : "does not fit")}");
    }

    /// <summary>What of it the code cannot mend.</summary>
    private static string KeptWords(PlannedDeployment planned)
    {
        string[] kept = [.. planned.Merged?.KeptOnServer.Where(field => field.Path == "work_pool_name" || field.Path.StartsWith("job_variables.", StringComparison.Ordinal)).Select(field => field.Path) ?? []];
        return kept.Length == 0 ? "" : $"Kept as changed on the server: {string.Join(", ", kept)}. Change that there, or: ";
    }

    /// <summary>Prefect 2 alone asks for what a template requires when a deployment is applied, but not for what has a default.</summary>
    private IEnumerable<string> Lacking(JsonElement variables, IReadOnlyDictionary<string, JsonElement> given)
    {
        if (server is not { IsPrefect2: true } || !variables.TryGetProperty("required", out JsonElement required) || required.ValueKind != JsonValueKind.Array)
            return [];
        JsonElement properties = variables.TryGetProperty("properties", out JsonElement all) ? all : default;
        return required.EnumerateArray().Select(name => name.GetString()!)
            .Where(name => !given.ContainsKey(name) && !(properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(name, out JsonElement property) && property.TryGetProperty("default", out _)))
            .Select(name => $"$.{name} is required");
    }

    private static string Names(IEnumerable<PlannedDeployment> planned) => string.Join(", ", planned.Select(p => p.FullName));

    private static string Words(IReadOnlyList<WorkPool> pools) => pools.Count == 0
        ? "There are none: "
        : $"There are: {string.Join(", ", pools.Take(PoolsInMessage).Select(p => p.Name))}{(pools.Count > PoolsInMessage ? ", …" : "")}. Name one of them, ";
}
