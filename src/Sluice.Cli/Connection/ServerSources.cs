using System.Text.Json;
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

    public async ValueTask<string?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (SecretBlocks.NameOf(name) is not { } block || await ReadAsync(BlockKinds.Secret, block, $"the secret {name}", cancellationToken) is not { } document)
            return null;
        return document.Data.TryGetValue("value", out JsonElement value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()
            : null;
    }

    public async ValueTask<StorageBlock?> FindAsync(string type, string name, CancellationToken cancellationToken) =>
        await ReadAsync(type, name, $"the block {type}/{name}", cancellationToken) is { } document ? new(type, name, document.Data) : null;

    public async ValueTask DisposeAsync()
    {
        if (_owned && _api.IsValueCreated && _api.Value.IsCompletedSuccessfully)
            await (await _api.Value).DisposeAsync();
    }

    /// <summary>What stores know of failures are <see cref="StorageException"/>s; those that may pass are asked again by whoever asks stores again.</summary>
    private async Task<BlockDocument?> ReadAsync(string type, string name, string what, CancellationToken cancellationToken)
    {
        try
        {
            return await (await _api.Value).FindBlockDocumentAsync(type, name, includeSecrets: true, cancellationToken);
        }
        catch (OrchestrationException e)
        {
            StorageErrorKind kind = e.Kind switch
            {
                // A database that cannot be used may be in use again in a moment, as for every other call of a worker.
                OrchestrationErrorKind.Unavailable or OrchestrationErrorKind.Unreachable or OrchestrationErrorKind.Storage => StorageErrorKind.Unavailable,
                OrchestrationErrorKind.Unauthorized or OrchestrationErrorKind.Forbidden => StorageErrorKind.Forbidden,
                _ => StorageErrorKind.Invalid,
            };
            throw new StorageException(kind, $"Cannot ask for {what}: {e.Message}", e);
        }
    }
}
