using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Cli.Migration;

/// <summary>Plans flows.</summary>
internal sealed class FlowPlans(ServerContents source, ServerContents target, ServerKind kind, IOrchestrationApi api)
{
    public IEnumerable<MigrationItem> Plan()
    {
        Dictionary<string, Flow> live = target.Flows.ToDictionary(flow => flow.Name, StringComparer.Ordinal);
        return source.Flows.OrderBy(flow => flow.Name, StringComparer.Ordinal).Select(flow => Plan(flow, live.GetValueOrDefault(flow.Name)));
    }

    private MigrationItem Plan(Flow flow, Flow? live)
    {
        List<string> notes = [];
        if (kind.IsPrefect2 && flow.Labels.Count > 0)
            notes.Add($"Prefect 2 has no labels ({string.Join(", ", flow.Labels.Keys)})");
        else if (live is not null && flow.Labels.Any(label => !live.Labels.TryGetValue(label.Key, out JsonElement value) || !JsonElement.DeepEquals(value, label.Value)))
            notes.Add("labels of a flow are taken only when it is created: those of the target stay");
        bool differs = live is not null && !flow.Tags.ToHashSet(StringComparer.Ordinal).SetEquals(live.Tags);
        return MigrationItem.Of("flow", flow.Name, live is not null, differs ? ["tags"] : [], cancellationToken => live is null
            ? api.EnsureFlowAsync(new() { Name = flow.Name, Tags = flow.Tags, Labels = kind.IsPrefect2 || flow.Labels.Count == 0 ? null : flow.Labels }, cancellationToken)
            : api.UpdateFlowAsync(live.Id, new() { Tags = flow.Tags }, cancellationToken), notes);
    }
}
