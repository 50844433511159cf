using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Blocks;
using Sluice.Storage.Secrets;

namespace Sluice.Cli.Connection;

/// <summary>What stores ask of the orchestration server: secrets that the environment lacks, and named blocks. The API is opened at the first question.</summary>
internal sealed class ServerSources : ISecretSource, IBlockSource, IAsyncDisposable
{
    private readonly Lazy<Task<IOrchestrationApi>> _api;
    private readonly bool _owned;

    private ServerSources(Func<Task<IOrchestrationApi>> open, bool owned)
    {
        _api = new(open);
        _owned = owned;
        Sources = new(new EnvironmentSecrets(this), this);
    }

    /// <summary>Secrets of the environment, then of the server; blocks of the server.</summary>
    public StorageSources Sources { get; }

    /// <summary>Over an API that somebody else closes.</summary>
    public static StorageSources Of(IOrchestrationApi api) => new ServerSources(() => Task.FromResult(api), owned: false).Sources;

    /// <summary>Over an API that is opened when it is needed, and closed here.</summary>
    public static ServerSources Opening(Func<Task<IOrchestrationApi>> open) => new(open, owned: true);

    public ValueTask<string?> FindAsync(string name, CancellationToken cancellationToken) => default;

    public ValueTask<StorageBlock?> FindAsync(string type, string name, CancellationToken cancellationToken) => default;

    public async ValueTask DisposeAsync()
    {
        if (_owned && _api.IsValueCreated && _api.Value.IsCompletedSuccessfully)
            await (await _api.Value).DisposeAsync();
    }
}
