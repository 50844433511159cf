using Sluice.Cli.Runs;
using Sluice.Orchestration;

namespace Sluice.Cli.Migration;

/// <summary>What a server holds, of the kinds that are asked for.</summary>
internal sealed record ServerContents
{
    private readonly Dictionary<Guid, string> _flowNames = [];

    public IReadOnlyList<Flow> Flows
    {
        get;
        init
        {
            field = value;
            _flowNames = value.ToDictionary(flow => flow.Id, flow => flow.Name);
        }
    } = [];

    public IReadOnlyList<Deployment> Deployments { get; init; } = [];

    public IReadOnlyList<Variable> Variables { get; init; } = [];

    public IReadOnlyList<GlobalConcurrencyLimit> Limits { get; init; } = [];

    public IReadOnlyList<WorkPool> Pools { get; init; } = [];

    /// <summary>By pool, by priority.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<WorkQueue>> Queues { get; init; } = new Dictionary<string, IReadOnlyList<WorkQueue>>();

    public IReadOnlyList<BlockDocument> Blocks { get; init; } = [];

    public IReadOnlyList<BlockType> BlockTypes { get; init; } = [];

    public IReadOnlyList<BlockSchema> BlockSchemas { get; init; } = [];

    /// <summary>The name of a flow.</summary>
    /// <exception cref="CliException">It was not there when the flows were read.</exception>
    public string FlowName(Guid id) => _flowNames.GetValueOrDefault(id) ?? throw new CliException($"the flow {id} of a deployment came or went while the server was read: try again when less is changing there");

    /// <summary>Reads a server, page by page.</summary>
    /// <param name="api">The server.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="kinds">What is read.</param>
    /// <param name="secrets">Whether the secrets of blocks are read too.</param>
    /// <param name="progress">Told what is being read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ServerContents> ReadAsync(
        IOrchestrationApi api, ServerKind kind, IReadOnlySet<MigrationKind> kinds, bool secrets, Action<string> progress, CancellationToken cancellationToken)
    {
        var contents = new ServerContents();
        if (kinds.Contains(MigrationKind.Limits) && !kind.IsPrefect2)
        {
            progress("concurrency limits");
            contents = contents with { Limits = await AllAsync(offset => api.ListConcurrencyLimitsAsync(new() { Limit = Pages.Size, Offset = offset }, cancellationToken), limit => limit.Id) };
        }
        if (kinds.Contains(MigrationKind.Variables))
        {
            progress("variables");
            contents = contents with { Variables = await AllAsync(offset => api.ListVariablesAsync(new() { Limit = Pages.Size, Offset = offset }, cancellationToken), variable => variable.Id) };
        }
        if (kinds.Contains(MigrationKind.Pools) || kinds.Contains(MigrationKind.Deployments))
        {
            progress("work pools");
            contents = contents with { Pools = await AllAsync(offset => api.ListWorkPoolsAsync(new() { Limit = Pages.Size, Offset = offset }, cancellationToken), pool => pool.Id) };
        }
        if (kinds.Contains(MigrationKind.Pools))
        {
            var queues = new Dictionary<string, IReadOnlyList<WorkQueue>>(StringComparer.Ordinal);
            foreach (WorkPool pool in contents.Pools)
                queues[pool.Name] = await api.ListWorkQueuesAsync(pool.Name, cancellationToken);
            contents = contents with { Queues = queues };
        }
        if (kinds.Contains(MigrationKind.Blocks))
        {
            progress("blocks");
            contents = contents with
            {
                BlockTypes = await AllAsync(offset => api.ListBlockTypesAsync(new() { Limit = Pages.Size, Offset = offset }, cancellationToken), type => type.Id),
                BlockSchemas = await AllAsync(offset => api.ListBlockSchemasAsync(new() { Limit = Pages.Size, Offset = offset }, cancellationToken), schema => schema.Id),
                Blocks = await AllAsync(offset => api.ListBlockDocumentsAsync(new() { Limit = Pages.Size, Offset = offset, IncludeSecrets = secrets }, cancellationToken), block => block.Id),
            };
        }
        if (kinds.Contains(MigrationKind.Flows) || kinds.Contains(MigrationKind.Deployments))
        {
            progress("flows");
            contents = contents with { Flows = await AllAsync(offset => api.ListFlowsAsync(new() { Sort = "NAME_ASC", Limit = Pages.Size, Offset = offset }, cancellationToken), flow => flow.Id) };
        }
        if (kinds.Contains(MigrationKind.Deployments))
        {
            progress("deployments");
            // By age, since names of deployments repeat between flows, and pages cut by a key that repeats may overlap.
            IReadOnlyList<Deployment> deployments = await AllAsync(offset => api.ListDeploymentsAsync(new() { Sort = "CREATED_DESC", Limit = Pages.Size, Offset = offset }, cancellationToken), deployment => deployment.Id);
            // A deployment of a flow that is newer than the list of flows.
            if (deployments.Any(deployment => !contents._flowNames.ContainsKey(deployment.FlowId)))
                contents = contents with { Flows = await AllAsync(offset => api.ListFlowsAsync(new() { Sort = "NAME_ASC", Limit = Pages.Size, Offset = offset }, cancellationToken), flow => flow.Id) };
            // Prefect 2 has one switch. It stands for the pause of the deployment: what is resumed there has its schedule at once.
            contents = contents with { Deployments = !kind.IsPrefect2 ? deployments : [.. deployments.Select(deployment => deployment with { Schedules = [.. deployment.Schedules.Select(schedule => schedule with { Active = true })] })] };
        }
        return contents;
    }

    /// <summary>Every page. Where one row comes twice, pages overlapped, and another row may be missing: then it is read again.</summary>
    private static async Task<IReadOnlyList<T>> AllAsync<T>(Func<int, Task<IReadOnlyList<T>>> read, Func<T, Guid> id)
    {
        for (int attempt = 1; ; attempt++)
        {
            List<T> rows = await Pages.AllAsync(read);
            if (rows.Select(id).Distinct().Count() == rows.Count)
                return rows;
            if (attempt == 3)
                throw new CliException($"the list of {typeof(T).Name.ToLowerInvariant()}s changed each time it was read: try again when less is changing there");
        }
    }
}
