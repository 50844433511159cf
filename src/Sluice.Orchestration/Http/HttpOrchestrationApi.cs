using Sluice.Orchestration.Json;

namespace Sluice.Orchestration.Http;

/// <summary>
/// The HTTP client of the API: a Sluice server, or a Prefect 3 server or Cloud workspace. One instance serves any number of concurrent calls and
/// keeps its connections.
/// </summary>
/// <remarks>
/// <para>Failed requests are sent again, five times at most, with growing pauses (or as <c>Retry-After</c> says), where that is safe; see
/// <see cref="CreateDeploymentRunAsync"/> and <see cref="SetFlowRunStateAsync"/> for how creating runs and proposing states are made safe.</para>
/// <para>What the other side is, is asked once: a server that knows <c>/sluice/info</c> gets Sluice's extensions, any other plain Prefect requests.</para>
/// </remarks>
public sealed partial class HttpOrchestrationApi : IOrchestrationApi
{
    private readonly HttpTransport _transport;
    private volatile string? _product;

    /// <summary>Creates the client; nothing is sent yet.</summary>
    /// <param name="endpoint">Where the API is and what opens it.</param>
    public HttpOrchestrationApi(ApiEndpoint endpoint)
        : this(endpoint, TimeProvider.System)
    {
    }

    internal HttpOrchestrationApi(ApiEndpoint endpoint, TimeProvider time)
    {
        Time = time;
        _transport = new HttpTransport(endpoint, time);
    }

    /// <summary>Where the API is.</summary>
    public ApiEndpoint Endpoint => _transport.Endpoint;

    /// <summary>
    /// For which flow run, and under which claim (its transition id), everything is written that this client writes; null for a client of nobody's. A Sluice server
    /// refuses what an attempt writes that it has given up.
    /// </summary>
    public (Guid FlowRunId, Guid Claim)? Attempt
    {
        init => _transport.Attempt = value is var (run, claim) ? $"{run}/{claim}" : null;
    }

    private TimeProvider Time { get; }

    private static OrchestrationJson Json => OrchestrationJson.Default;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _transport.Dispose();
        return ValueTask.CompletedTask;
    }
}
