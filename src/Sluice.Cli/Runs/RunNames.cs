using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Cli.Output;
using Sluice.Orchestration;
using Sluice.Schemas;

namespace Sluice.Cli.Runs;

/// <summary>The names of the flows and deployments that runs belong to.</summary>
internal sealed class RunNames
{
    private readonly FlowNames _flows;
    private readonly Dictionary<Guid, string> _deployments = [];
    private readonly Dictionary<Guid, ParameterSchema> _secretive = [];

    private RunNames(FlowNames flows) => _flows = flows;

    public static async Task<RunNames> LoadAsync(IOrchestrationApi api, IReadOnlyList<FlowRun> runs, CancellationToken cancellationToken)
    {
        var names = new RunNames(await FlowNames.LoadAsync(api, runs.Select(run => run.FlowId), cancellationToken));
        foreach (Guid[] ids in runs.Where(run => run.DeploymentId is not null).Select(run => run.DeploymentId!.Value).Distinct().Chunk(Pages.Size))
        {
            foreach (Deployment deployment in await api.ListDeploymentsAsync(new() { Deployments = new() { Id = new() { Any = ids } } }, cancellationToken))
            {
                names._deployments[deployment.Id] = deployment.Name;
                if (Secrets.Schema(deployment) is { } schema)
                    names._secretive[deployment.Id] = schema;
            }
        }
        return names;
    }

    /// <summary><c>flow/deployment</c>; the flow alone where the run has no deployment, or it was deleted.</summary>
    public string FullName(FlowRun run) =>
        run.DeploymentId is { } id && _deployments.TryGetValue(id, out string? deployment) ? $"{_flows[run.FlowId]}/{deployment}" : _flows[run.FlowId];

    /// <summary>The run's parameters, secrets hidden.</summary>
    public IReadOnlyDictionary<string, JsonElement> Parameters(FlowRun run) =>
        run.DeploymentId is { } id && _secretive.TryGetValue(id, out ParameterSchema? schema) ? schema.Mask(run.Parameters) : run.Parameters;

    public JsonObject ToJson(FlowRun run)
    {
        JsonObject json = Json.Object(run with { Parameters = Parameters(run) });
        json["flow_name"] = _flows[run.FlowId];
        json["full_name"] = run.DeploymentId is { } id && _deployments.ContainsKey(id) ? FullName(run) : null;
        return json;
    }
}
