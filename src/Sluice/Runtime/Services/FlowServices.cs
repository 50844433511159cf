using Microsoft.Extensions.Logging;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Runtime.Orchestrated;

namespace Sluice.Runtime.Services;

/// <summary>How flow code reaches its server: the run's own, or in a local run the one that the environment or a running server of the home names.</summary>
internal sealed class FlowServices
{
    private readonly Lazy<Task<IOrchestrationApi?>> _api;
    private readonly Patience _patience;

    /// <summary>Of a run that a server knows.</summary>
    public FlowServices(IOrchestrationApi api, ILogger logger, TimeProvider time)
        : this(() => Task.FromResult<IOrchestrationApi?>(api), logger, time)
    {
    }

    private FlowServices(Func<Task<IOrchestrationApi?>> open, ILogger logger, TimeProvider time)
    {
        _api = new(open);
        _patience = new(time);
        (Logger, Time) = (logger, time);
    }

    /// <summary>The run's log.</summary>
    public ILogger Logger { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Of a local run. Nothing is asked before flow code asks.</summary>
    public static FlowServices Local(ILogger logger, TimeProvider time) => new(
        async () => await ApiEndpoint.ResolveAsync(SluiceHome.FromEnvironment(), null, CancellationToken.None).ConfigureAwait(false) is { } endpoint ? new HttpOrchestrationApi(endpoint) : null,
        logger, time);

    /// <summary>The server; null in a local run without one.</summary>
    public Task<IOrchestrationApi?> FindApiAsync() => _api.Value;

    /// <summary>The server.</summary>
    /// <exception cref="OrchestrationException">Of kind Unreachable: a local run without one.</exception>
    public async Task<IOrchestrationApi> ApiAsync(string what) =>
        await FindApiAsync().ConfigureAwait(false)
        ?? throw new OrchestrationException(OrchestrationErrorKind.Unreachable, $"{what} needs a server, and this local run has none: start one with `sluice dev`, or set {ApiEndpoint.UrlVariable}.");

    /// <summary>Asks the server, again for two minutes while it cannot answer. The question must do nothing twice when it is asked twice.</summary>
    /// <exception cref="OrchestrationException">The last answer.</exception>
    public Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken) => _patience.AskAsync(ask, null, cancellationToken);

    /// <inheritdoc cref="AskAsync{T}"/>
    public Task AskAsync(Func<CancellationToken, Task> ask, CancellationToken cancellationToken) => _patience.AskAsync(ask, null, cancellationToken);
}
