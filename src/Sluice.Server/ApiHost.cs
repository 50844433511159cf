using Sluice.Orchestration;

namespace Sluice.Server;

/// <summary>The HTTP endpoints over an API, in Prefect 3's wire shape, under <c>/api</c>.</summary>
public sealed class ApiHost : IAsyncDisposable
{
    private ApiHost(Uri url) => Url = url;

    /// <summary>The API's URL, as <c>http://127.0.0.1:4200/api</c>: what <c>PREFECT_API_URL</c> takes.</summary>
    public Uri Url { get; }

    /// <summary>Starts listening.</summary>
    /// <exception cref="OrchestrationException">Of kind Unavailable: the address is taken or not allowed.</exception>
    public static Task<ApiHost> StartAsync(IOrchestrationApi api, ApiHostOptions options, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>Where and for whom a server listens.</summary>
public sealed record ApiHostOptions
{
    /// <summary>The address.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>When set, every request but <c>GET /api/health</c> needs <c>Authorization: Bearer</c> with this token (what <c>PREFECT_API_KEY</c> sends).</summary>
    public string? Token { get; init; }

    /// <summary>When set, <c>user:password</c> that requests need as <c>Authorization: Basic</c> (what <c>PREFECT_API_AUTH_STRING</c> sends).</summary>
    public string? AuthString { get; init; }

    /// <summary>Where <c>PUT /api/sluice/results/{flow_run_id}</c> stores results; null refuses them.</summary>
    public string? ResultsFolder { get; init; }
}
