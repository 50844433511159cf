using System.Text.Json.Nodes;
using Sluice.Cli.Output;
using Sluice.Orchestration;

namespace Sluice.Cli.Runs;

/// <summary>Names of flows by id, and the objects of <c>--output json</c> that carry them.</summary>
internal sealed class FlowNames
{
    private readonly Dictionary<Guid, string> _names = [];

    public string this[Guid flowId] => _names.TryGetValue(flowId, out string? name) ? name : flowId.ToString();

    public static async Task<FlowNames> LoadAsync(IOrchestrationApi api, IEnumerable<Guid> flowIds, CancellationToken cancellationToken)
    {
        var names = new FlowNames();
        foreach (Guid[] ids in flowIds.Distinct().Chunk(Pages.Size))
        {
            foreach (Flow flow in await api.ListFlowsAsync(new() { Flows = new() { Id = new() { Any = ids } } }, cancellationToken))
                names._names[flow.Id] = flow.Name;
        }
        return names;
    }

    public string FullName(Deployment deployment) => $"{this[deployment.FlowId]}/{deployment.Name}";

    public JsonObject ToJson(Deployment deployment)
    {
        JsonObject json = Json.Object(Secrets.Hide(deployment));
        json["flow_name"] = this[deployment.FlowId];
        json["full_name"] = FullName(deployment);
        return json;
    }
}

/// <summary>Reads lists that may be longer than one page.</summary>
internal static class Pages
{
    public const int Size = 200;

    public static async Task<List<T>> AllAsync<T>(Func<int, Task<IReadOnlyList<T>>> read)
    {
        var all = new List<T>();
        await EachAsync<T>(read, page =>
        {
            all.AddRange(page);
            return Task.CompletedTask;
        });
        return all;
    }

    /// <summary>Reads page after page and keeps none; answers how many rows there were.</summary>
    public static async Task<int> EachAsync<T>(Func<int, Task<IReadOnlyList<T>>> read, Func<IReadOnlyList<T>, Task> use)
    {
        for (int count = 0; ;)
        {
            IReadOnlyList<T> page = await read(count);
            await use(page);
            count += page.Count;
            if (page.Count < Size)
                return count;
        }
    }
}
