using System.Net;
using System.Text.Json;
using Sluice.Orchestration.Http.Prefect2;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http.Applying;

/// <summary>Reads deployments of a Prefect server whole, many in one request.</summary>
internal sealed class PrefectReads(HttpTransport transport, HttpOrchestrationApi api, PrefectGeneration server)
{
    /// <summary>How many Prefect answers at most.</summary>
    private const int PageSize = 200;

    public async Task<PrefectState?> FindAsync(string flow, string name, CancellationToken cancellationToken) =>
        await FindAsync(Get($"/deployments/name/{Segment(flow)}/{Segment(name)}"), cancellationToken).ConfigureAwait(false);

    public async Task<PrefectState?> FindAsync(Guid id, CancellationToken cancellationToken) => await FindAsync(Get($"/deployments/{id}"), cancellationToken).ConfigureAwait(false);

    /// <summary>Flows by name, those that exist.</summary>
    public async Task<Dictionary<string, Guid>> FlowsAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        Dictionary<string, Guid> found = new(StringComparer.Ordinal);
        foreach (string[] some in names.Distinct(StringComparer.Ordinal).Chunk(PageSize))
        {
            foreach (Flow flow in await api.ListFlowsAsync(new() { Flows = new() { Name = new() { Any = some } } }, cancellationToken).ConfigureAwait(false))
                found[flow.Name] = flow.Id;
        }

        return found;
    }

    /// <summary>Names of flows by id.</summary>
    public async Task<Dictionary<Guid, string>> FlowNamesAsync(IEnumerable<Guid> ids, CancellationToken cancellationToken)
    {
        Dictionary<Guid, string> found = [];
        foreach (Guid[] some in ids.Distinct().Chunk(PageSize))
        {
            foreach (Flow flow in await api.ListFlowsAsync(new() { Flows = new() { Id = new() { Any = some } } }, cancellationToken).ConfigureAwait(false))
                found[flow.Id] = flow.Name;
        }

        return found;
    }

    /// <summary>Deployments by id, those that exist.</summary>
    public async Task<List<PrefectState>> DeploymentsAsync(IEnumerable<Guid> ids, CancellationToken cancellationToken)
    {
        List<PrefectState> found = [];
        foreach (Guid[] some in ids.Distinct().Chunk(PageSize))
            found.AddRange(await ListAsync(new() { Deployments = new() { Id = new() { Any = some } } }, cancellationToken).ConfigureAwait(false));
        return found;
    }

    /// <summary>Deployments by the ids of their flows and by name, those that exist.</summary>
    public async Task<Dictionary<(Guid Flow, string Name), PrefectState>> DeploymentsAsync(IEnumerable<(Guid Flow, string Name)> wanted, CancellationToken cancellationToken)
    {
        Dictionary<(Guid, string), PrefectState> found = [];
        foreach ((Guid Flow, string Name)[] some in wanted.Distinct().Chunk(PageSize))
        {
            DeploymentsQuery query = new()
            {
                Flows = new() { Id = new() { Any = [.. some.Select(one => one.Flow).Distinct()] } },
                Deployments = new() { Name = new() { Any = [.. some.Select(one => one.Name).Distinct(StringComparer.Ordinal)] } },
            };
            foreach (PrefectState state in await ListAsync(query, cancellationToken).ConfigureAwait(false))
                found[(state.FlowId, state.Answer.GetProperty("name").GetString()!)] = state;
        }

        return found;
    }

    private async Task<List<PrefectState>> ListAsync(DeploymentsQuery query, CancellationToken cancellationToken)
    {
        List<PrefectState> found = [];
        while (true)
        {
            DeploymentsQuery page = query with { Limit = PageSize, Offset = found.Count, Sort = "NAME_ASC" };
            ApiCall call = server.IsPrefect2
                ? Post("/deployments/filter", Prefect2Dialect.Query(page), Prefect2Json.Default.Prefect2Query)
                : Post("/deployments/filter", page, Sluice.Orchestration.Json.OrchestrationJson.Default.DeploymentsQuery);
            IReadOnlyList<JsonElement> answers = await transport.SendAsync(call, ApplyJson.Default.IReadOnlyListJsonElement, cancellationToken).ConfigureAwait(false);
            found.AddRange(answers.Select(server.StateOf));
            if (answers.Count < PageSize)
                return found;
        }
    }

    private async Task<PrefectState?> FindAsync(ApiCall call, CancellationToken cancellationToken)
    {
        ApiAnswer answer = await transport.ExchangeAsync(call, cancellationToken).ConfigureAwait(false);
        return ApiErrors.SaysMissing(answer) ? null : server.StateOf(transport.Read(call, transport.Check(call, answer), ApplyJson.Default.JsonElement));
    }
}
