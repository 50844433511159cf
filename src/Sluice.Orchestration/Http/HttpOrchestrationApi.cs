using Sluice.Orchestration.Json;

namespace Sluice.Orchestration.Http;

/// <summary>
/// The HTTP client of the API: a Sluice server, a Prefect 3 server or Cloud workspace, or a Prefect 2 server. One instance serves any number of
/// concurrent calls and keeps its connections.
/// </summary>
/// <remarks>
/// <para>Failed requests are sent again, five times at most, with growing pauses (or as <c>Retry-After</c> says), where that is safe; see
/// <see cref="CreateDeploymentRunAsync"/> and <see cref="SetFlowRunStateAsync"/> for how creating runs and proposing states are made safe.</para>
/// <para>What the other side is, is asked once: a server that knows <c>/sluice/info</c> gets Sluice's extensions, any other plain Prefect requests of the
/// generation that its <c>/admin/version</c> says. Callers see Prefect 3's models only; what Prefect 2 cannot do is an
/// <see cref="OrchestrationErrorKind.Unsupported"/>, never a request without the part that it would refuse.</para>
/// <para>The variables that Prefect's client obeys count: PREFECT_API_REQUEST_TIMEOUT, PREFECT_CLIENT_MAX_RETRIES, PREFECT_CLIENT_RETRY_JITTER_FACTOR,
/// PREFECT_CLIENT_CUSTOM_HEADERS, PREFECT_API_SSL_CERT_FILE, PREFECT_API_TLS_INSECURE_SKIP_VERIFY; and HTTP_PROXY, HTTPS_PROXY, NO_PROXY.</para>
/// </remarks>
public sealed partial class HttpOrchestrationApi : IOrchestrationApi
{
    private readonly HttpTransport _transport;
    private readonly SemaphoreSlim _probing = new(1);
    private volatile ApiInfo? _info;

    /// <summary>Creates the client; nothing is sent yet.</summary>
    /// <param name="endpoint">Where the API is and what opens it.</param>
    /// <exception cref="OrchestrationException">Of kind Invalid: a variable of the client's settings holds what it cannot.</exception>
    public HttpOrchestrationApi(ApiEndpoint endpoint)
        : this(endpoint, TimeProvider.System)
    {
    }

    internal HttpOrchestrationApi(ApiEndpoint endpoint, TimeProvider time, ApiClientSettings? settings = null)
    {
        Time = time;
        _transport = new HttpTransport(endpoint, time, settings);
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
        _probing.Dispose();
        return ValueTask.CompletedTask;
    }
}
