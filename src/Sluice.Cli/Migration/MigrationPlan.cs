using Sluice.Orchestration;

namespace Sluice.Cli.Migration;

/// <summary>What a migration does, in the order in which it does it. Making it writes nothing.</summary>
internal sealed record MigrationPlan(IReadOnlyList<MigrationItem> Items)
{
    /// <summary>Whether anything is written.</summary>
    public bool HasWrites => Items.Any(item => item.IsWrite);

    /// <summary>Compares two servers. The source is only ever read.</summary>
    /// <param name="from">The source.</param>
    /// <param name="to">The target.</param>
    /// <param name="options">What and how.</param>
    /// <param name="progress">Told what is being read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<MigrationPlan> MakeAsync(MigrationSide from, MigrationSide to, MigrationOptions options, Action<string> progress, CancellationToken cancellationToken)
    {
        IReadOnlySet<MigrationKind> kinds = options.Kinds;
        IReadOnlySet<MigrationKind> read = options.IsSelective ? kinds : kinds.Append(MigrationKind.Blocks).ToHashSet();
        ServerContents source = await ServerContents.ReadAsync(from.Api, from.Kind, read, options.WithSecrets, what => progress($"Reading {what} of {from.Where}"), cancellationToken);
        ServerContents target = await ServerContents.ReadAsync(to.Api, to.Kind, read, options.WithSecrets, what => progress($"Reading {what} of {to.Where}"), cancellationToken);
        progress("Comparing");
        List<MigrationItem> items = [];
        HashSet<string> pools = [.. target.Pools.Select(pool => pool.Name)];
        // Every Prefect server makes this one by itself when a queue without a pool is used first.
        if (!to.Kind.IsSluice)
            pools.Add("default-agent-pool");
        if (kinds.Contains(MigrationKind.Limits))
            items.AddRange(new LimitPlans(source, target, to.Kind, to.Api).Plan());
        if (kinds.Contains(MigrationKind.Variables))
            items.AddRange(new VariablePlans(source, target, to.Kind, to.Api).Plan());
        if (kinds.Contains(MigrationKind.Pools))
        {
            items.AddRange(new PoolPlans(source, target, to.Api).Plan());
            pools.UnionWith(source.Pools.Select(pool => pool.Name).Where(name => !PoolPlans.IsReserved(name)));
        }
        if (read.Contains(MigrationKind.Blocks))
            items.AddRange(new BlockPlans(source, target, to.Api, kinds.Contains(MigrationKind.Blocks), options.WithSecrets).Plan());
        if (kinds.Contains(MigrationKind.Flows))
            items.AddRange(new FlowPlans(source, target, to.Kind, to.Api).Plan());
        if (kinds.Contains(MigrationKind.Deployments))
            items.AddRange(new DeploymentPlans(source, target, to.Kind, pools, options.Activate).Plan());
        return new(items);
    }
}
