using System.Globalization;
using Microsoft.Extensions.Logging;
using Sluice.Runtime.Logs;

namespace Sluice.Runtime.Orchestrated;

/// <summary>What the environment of a worker's child says about its run.</summary>
internal sealed record RunEnvironment
{
    /// <summary>Names the run: a UUID, with dashes from Prefect 3, without from Prefect 2.</summary>
    public const string FlowRunIdVariable = "PREFECT__FLOW_RUN_ID";

    private static readonly TimeSpan ShortestHeartbeat = TimeSpan.FromSeconds(30);

    /// <summary>The run.</summary>
    public required Guid FlowRunId { get; init; }

    /// <summary>Which flow of the program, as the worker says (<c>SLUICE_ENTRYPOINT</c>).</summary>
    public string? Entrypoint { get; init; }

    /// <summary>The flow's name, as Prefect 3.6 and later say.</summary>
    public string? FlowName { get; init; }

    /// <summary>The deployment's name, as Prefect 3.6 and later say.</summary>
    public string? DeploymentName { get; init; }

    /// <summary>The lease that the program renews on a Sluice server, whoever started it (<c>SLUICE_LEASE_SECONDS</c>, by default 30).</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The claim under which the program runs (<c>SLUICE_ATTEMPT</c>): what it writes is refused once the server gave that up. Null for none.</summary>
    public Guid? Attempt { get; init; }

    /// <summary>Where a result is put (<c>SLUICE_RESULT_URL</c>).</summary>
    public Uri? ResultUrl { get; init; }

    /// <summary>What readers find the result by when it was put there (<c>SLUICE_RESULT_KEY</c>).</summary>
    public string? ResultKey { get; init; }

    /// <summary>Where a result is put when that place does not take it (<c>SLUICE_RESULT_FALLBACK_URL</c>).</summary>
    public Uri? ResultFallbackUrl { get; init; }

    /// <summary>Time between heartbeat events (<c>PREFECT_FLOWS_HEARTBEAT_FREQUENCY</c>; Prefect's default is 180 seconds, its least 30).</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(180);

    /// <summary>Whether SIGTERM puts the run back (<c>PREFECT_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR=reschedule</c>, as Prefect's Kubernetes worker sets).</summary>
    public bool ReschedulesOnTermination { get; init; }

    /// <summary>The least level of log records that are kept.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Reads the environment.</summary>
    /// <param name="variable">Gives a variable's value.</param>
    /// <returns>Null when it names no run, or when what it names is no UUID.</returns>
    public static RunEnvironment? Read(Func<string, string?> variable) =>
        !Guid.TryParse(variable(FlowRunIdVariable), out Guid id) ? null : new()
        {
            FlowRunId = id,
            Entrypoint = Given(variable("SLUICE_ENTRYPOINT")),
            FlowName = Given(variable("PREFECT__FLOW_NAME")),
            DeploymentName = Given(variable("PREFECT__DEPLOYMENT_NAME")),
            Lease = Seconds(variable("SLUICE_LEASE_SECONDS")) ?? TimeSpan.FromSeconds(30),
            Attempt = Guid.TryParse(variable("SLUICE_ATTEMPT"), out Guid attempt) ? attempt : null,
            ResultUrl = Place(variable("SLUICE_RESULT_URL")),
            ResultKey = Given(variable("SLUICE_RESULT_KEY")),
            ResultFallbackUrl = Place(variable("SLUICE_RESULT_FALLBACK_URL")),
            Heartbeat = Seconds(variable("PREFECT_FLOWS_HEARTBEAT_FREQUENCY")) is { } often
                ? (often > ShortestHeartbeat ? often : ShortestHeartbeat)
                : TimeSpan.FromSeconds(180),
            ReschedulesOnTermination = string.Equals(variable("PREFECT_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR"), "reschedule", StringComparison.OrdinalIgnoreCase),
            LogLevel = LogLevels.FromSetting(variable(LogLevels.Variable)),
        };

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static Uri? Place(string? text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" or "file" ? url : null;

    private static TimeSpan? Seconds(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and < 1e6 ? TimeSpan.FromSeconds(seconds) : null;
}
