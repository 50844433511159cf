using Sluice.Cli.Connection;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Results;

namespace Sluice.Cli.Services;

/// <summary>
/// Results in stores, which a server reads for programs that have no cloud's SDK, with its own credentials. Whoever may write a state may write what it names: only
/// results of the stores that the server's owner names are read.
/// </summary>
internal sealed class StoredResults
{
    /// <summary>The environment variable that names the stores, with spaces between them.</summary>
    public const string Variable = "SLUICE_RESULTS";

    private readonly IOrchestrationApi _api;
    private readonly Uri[] _stores;

    private StoredResults(IOrchestrationApi api, Uri[] stores) => (_api, _stores) = (api, stores);

    /// <summary>The reader for a server of an API; null where no store is named.</summary>
    /// <exception cref="CliException">One of the stores is none.</exception>
    public static Func<string, Stream, CancellationToken, Task<bool>>? Of(IOrchestrationApi api)
    {
        Uri[] stores = [.. (Environment.GetEnvironmentVariable(Variable) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Store)];
        return stores.Length == 0 ? null : new StoredResults(api, stores).CopyAsync;
    }

    private static Uri Store(string text) => StorageLocation.TryParse(text) is { Scheme: "s3" or "gs" or "az" or "rclone" or "smb" or "block" } store ? store
        : throw CliException.BadUsage($"{Variable} names a text that is no store of results: write s3, gs, az, rclone or smb URIs, or named blocks, with spaces between them (%20 within one)");

    private async Task<bool> CopyAsync(string place, Stream target, CancellationToken cancellationToken)
    {
        if (ResultLocation.TryParse(place) is not { } result || Array.Find(_stores, store => Text(store) == Text(result.Store)) is not { } named)
            return false;
        try
        {
            await using IPackageStore store = PackageStores.Open(named, ServerSources.Of(_api));
            await using Stream content = await store.GetAsync(result.Key, cancellationToken);
            await content.CopyToAsync(target, cancellationToken);
            return true;
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            return false;
        }
        catch (StorageException e)
        {
            throw new OrchestrationException(e.Kind == StorageErrorKind.Unavailable ? OrchestrationErrorKind.Unavailable : OrchestrationErrorKind.Storage, $"The result cannot be read: {e.Message}", e);
        }
    }

    private static string Text(Uri store) => Uri.UnescapeDataString(store.GetLeftPart(UriPartial.Path).TrimEnd('/') + store.Query);
}
