using Sluice.Orchestration;

namespace Sluice.Cli.Migration;

/// <summary>Plans global concurrency limits. Who occupies slots at the source does not at the target.</summary>
internal sealed class LimitPlans(ServerContents source, ServerContents target, ServerKind kind, IOrchestrationApi api)
{
    /// <summary>Prefect keeps the limits of deployments among the others, under names that begin so.</summary>
    private const string OfDeployment = "deployment:";

    public IEnumerable<MigrationItem> Plan()
    {
        Dictionary<string, GlobalConcurrencyLimit> live = target.Limits.ToDictionary(limit => limit.Name!, StringComparer.Ordinal);
        return source.Limits.Where(limit => !limit.Name!.StartsWith(OfDeployment, StringComparison.Ordinal)).OrderBy(limit => limit.Name, StringComparer.Ordinal)
            .Select(limit => Plan(limit, live.GetValueOrDefault(limit.Name!)));
    }

    private MigrationItem Plan(GlobalConcurrencyLimit limit, GlobalConcurrencyLimit? live)
    {
        if (kind.IsPrefect2)
            return new("limit", limit.Name!, MigrationAction.NotPortable) { Notes = ["Prefect 2 has no global concurrency limits"] };
        List<string> fields = [];
        if (live is not null)
        {
            if (limit.Limit != live.Limit)
                fields.Add("limit");
            if ((limit.Active ?? true) != (live.Active ?? true))
                fields.Add("active");
            if ((limit.SlotDecayPerSecond ?? 0) != (live.SlotDecayPerSecond ?? 0))
                fields.Add("slot_decay_per_second");
        }
        return MigrationItem.Of("limit", limit.Name!, live is not null, fields, cancellationToken => live is null
            ? api.CreateConcurrencyLimitAsync(new() { Name = limit.Name!, Limit = limit.Limit ?? 0, Active = limit.Active ?? true, SlotDecayPerSecond = limit.SlotDecayPerSecond ?? 0 }, cancellationToken)
            : api.UpdateConcurrencyLimitAsync(limit.Name!, new() { Limit = limit.Limit, Active = limit.Active ?? true, SlotDecayPerSecond = limit.SlotDecayPerSecond ?? 0 }, cancellationToken));
    }
}
