using Sluice.Orchestration;

namespace Sluice.Runtime.Orchestrated;

/// <summary>Finds the flow of the program that a run is about.</summary>
internal static class FlowSelection
{
    /// <summary>
    /// By the entrypoint the worker named, else by the flow's name it named, else by the deployment's entrypoint, else by the flow's name; a program
    /// with one flow runs that one where nothing is known. What the worker names saves the questions.
    /// </summary>
    /// <returns>The flow, or one line that says why there is none.</returns>
    public static async Task<(FlowDefinition? Flow, string? Problem)> FindAsync(
        IReadOnlyList<FlowDefinition> flows, RunEnvironment environment, FlowRun run, IOrchestrationApi api, Patience patience, CancellationToken cancellationToken)
    {
        if (environment.Entrypoint is { } named)
        {
            return Answer(flows, ByEntrypoint(flows, named), $"entrypoint '{named}'");
        }

        if (environment.FlowName is { } told && ByName(flows, told) is { } known)
        {
            return (known, null);
        }

        Deployment? deployment = run.DeploymentId is { } deploymentId
            ? await patience.AskAsync(token => api.ReadDeploymentAsync(deploymentId, token), null, cancellationToken).ConfigureAwait(false)
            : null;
        if (deployment?.Entrypoint is { Length: > 0 } entrypoint)
        {
            return Answer(flows, ByEntrypoint(flows, entrypoint), $"entrypoint '{entrypoint}'");
        }

        Flow? flow = await patience.AskAsync(token => api.ReadFlowAsync(run.FlowId, token), null, cancellationToken).ConfigureAwait(false);
        return flow is null
            ? Answer(flows, flows.Count == 1 ? flows[0] : null, "flow (the server does not know its name)")
            : Answer(flows, ByName(flows, flow.Name), $"flow '{flow.Name}'");
    }

    private static (FlowDefinition?, string?) Answer(IReadOnlyList<FlowDefinition> flows, FlowDefinition? found, string wanted) => found is not null
        ? (found, null)
        : (null, $"This program has no {wanted}; it has {(flows.Count == 0 ? "no flows" : string.Join(", ", flows.Select(flow => $"'{flow.Name}' ({flow.Entrypoint})")))}. Publish it again, or mend the deployment's entrypoint.");

    /// <summary>Exactly, else by what follows the assembly's name: a program may have been renamed since.</summary>
    private static FlowDefinition? ByEntrypoint(IReadOnlyList<FlowDefinition> flows, string entrypoint) =>
        flows.FirstOrDefault(flow => flow.Entrypoint == entrypoint)
        ?? flows.FirstOrDefault(flow => Member(flow.Entrypoint) == Member(entrypoint));

    private static FlowDefinition? ByName(IReadOnlyList<FlowDefinition> flows, string name) => flows.FirstOrDefault(flow => flow.Name == name);

    private static string Member(string entrypoint) => entrypoint[(entrypoint.IndexOf('!') + 1)..];
}
