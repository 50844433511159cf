using System.ComponentModel;
using System.Text.Json;

namespace Sluice.Runtime;

/// <summary>What the generated <c>Deployments.…RunAsync</c> methods call.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DeploymentRuns
{
    /// <summary>Creates a run of a deployment.</summary>
    /// <param name="flowName">The flow's name.</param>
    /// <param name="deploymentName">The deployment's name.</param>
    /// <param name="writeParameters">Writes the members of the parameters' JSON object: names and values, without the braces.</param>
    /// <param name="options">How it is started; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="Orchestration.OrchestrationException">No API answers, it knows no such deployment, or it refuses the parameters.</exception>
    public static Task<DeploymentRun> StartAsync(
        string flowName, string deploymentName, Action<Utf8JsonWriter> writeParameters, DeploymentRunOptions? options, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
