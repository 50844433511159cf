using System.Globalization;
using Sluice.Orchestration;
using Sluice.Storage.Packages;
using Sluice.Worker.Results;

namespace Sluice.Worker.Runs;

/// <summary>The environment variables that a worker adds to a run's process. Names and meaning: Prefect's; <c>SLUICE_…</c> are ours.</summary>
internal static class RunEnvironment
{
    private const string FlowRunId = "PREFECT__FLOW_RUN_ID";

    /// <summary>Where the program of a run PUTs its persisted result.</summary>
    public static string ResultUrl(Uri apiUrl, Guid flowRunId) => $"{apiUrl.AbsoluteUri.TrimEnd('/')}/sluice/results/{flowRunId:D}";

    /// <summary>What differs from the worker's own environment. The run's own variables win, but for its id.</summary>
    /// <returns>By name; null removes a variable that the worker may have.</returns>
    public static Dictionary<string, string?> Of(FlowRun run, string? flowName, Deployment? deployment, JobVariables variables, FlowWorkerOptions options, bool isSluice, Guid? claim)
    {
        string id = run.Id.ToString("D");
        string url = options.ApiUrl.AbsoluteUri.TrimEnd('/');
        var environment = new Dictionary<string, string?>(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal)
        {
            ["PREFECT__FLOW_ID"] = run.FlowId.ToString("D"),
            ["PREFECT__FLOW_NAME"] = flowName,
            ["PREFECT__DEPLOYMENT_ID"] = run.DeploymentId?.ToString("D"),
            ["PREFECT__DEPLOYMENT_NAME"] = deployment?.Name,
            ["PREFECT__WORKER_NAME"] = options.Name,
            ["PREFECT_API_URL"] = url,
            ["SLUICE_ENTRYPOINT"] = deployment?.Entrypoint,
            ["SLUICE_LEASE_SECONDS"] = isSluice ? options.Lease.TotalSeconds.ToString(CultureInfo.InvariantCulture) : null,
            ["SLUICE_ATTEMPT"] = isSluice ? claim?.ToString("D") : null,
            [ResultPlaces.UrlVariable] = isSluice ? ResultUrl(options.ApiUrl, run.Id) : null,
            // Of a run that this worker may itself be started by.
            [ResultPlaces.KeyVariable] = null,
            [ResultPlaces.FallbackVariable] = null,
            [PullList.Variable] = null,
        };
        foreach (var (name, value) in options.ChildEnvironment)
            environment[name] = value;
        foreach (var (name, value) in variables.Env)
            environment[name] = value;
        environment[FlowRunId] = id;
        return environment;
    }
}
