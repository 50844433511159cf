using System.Net;
using Sluice.Storage;
using Sluice.Storage.Packages;
using Sluice.Storage.Results;
using Sluice.Worker.Launch;

namespace Sluice.Worker.Results;

/// <summary>
/// Gives runs a place for their results beside their packages: the file itself where the package lies on a disk, else this worker's receiver, which streams into the
/// store with the worker's credentials.
/// </summary>
/// <param name="sources">Gives the secrets and blocks of stores.</param>
/// <param name="log">Takes what the worker has to say.</param>
internal sealed class ResultPlaces(StorageSources sources, Action<string> log) : IAsyncDisposable
{
    /// <summary>Where a run's program puts its result (PUT, or a file).</summary>
    public const string UrlVariable = "SLUICE_RESULT_URL";

    /// <summary>What readers find the result by.</summary>
    public const string KeyVariable = "SLUICE_RESULT_KEY";

    /// <summary>Where the program puts it when that place does not take it: the Sluice server that the run was given before.</summary>
    public const string FallbackVariable = "SLUICE_RESULT_FALLBACK_URL";

    /// <summary>What a presigned URL is good for at most in every system.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(7);

    private readonly Lock _lock = new();
    private ResultReceiver? _receiver;

    /// <summary>Tells a run where its result goes.</summary>
    /// <returns>To be disposed when the run has ended; null where there is no place beside its package.</returns>
    /// <exception cref="LaunchException">The worker cannot listen for results.</exception>
    public IAsyncDisposable? Open(CachedPackage package, Guid flowRunId, IDictionary<string, string?> environment)
    {
        if (package.Results is not { } folder)
            return null;
        ResultLocation location = ResultLocation.Next(folder, flowRunId);
        if (location.Store.IsFile)
        {
            Set(environment, location.ToString(), location);
            return null;
        }
        ResultReceiver receiver;
        try
        {
            lock (_lock)
                receiver = _receiver ??= ResultReceiver.Start(sources, log);
        }
        catch (HttpListenerException e)
        {
            throw new LaunchException($"the worker cannot listen on this machine for the result that its flow keeps: {e.Message}", e);
        }
        (Uri url, IAsyncDisposable end) = receiver.Open(location);
        Set(environment, url.AbsoluteUri, location);
        return end;
    }

    /// <summary>Tells a run that outlives this process, or is out of its reach, where its result goes: a file, or a presigned URL.</summary>
    /// <returns>Why there is none; null where there is one.</returns>
    public static async Task<string?> PresignAsync(Uri? folder, Guid flowRunId, StorageSources sources, IDictionary<string, string?> environment, CancellationToken cancellationToken)
    {
        if (folder is null)
            return "results do not go where its program is";
        ResultLocation location = ResultLocation.Next(folder, flowRunId);
        Uri? url;
        try
        {
            await using IPackageStore store = PackageStores.Open(location.Store, sources);
            url = location.Store.IsFile ? new(location.ToString()) : await store.PresignAsync(location.Key, PresignedUse.Write, s_longest, cancellationToken);
        }
        catch (StorageException exception)
        {
            return exception.Message.TrimEnd('.');
        }
        if (url is null)
            return $"the store {StorageLocation.Shown(location.Store)} makes no presigned URLs as it is signed in to";
        Set(environment, url.AbsoluteUri, location);
        return null;
    }

    /// <summary>The place beside the package comes first; what the run was given before stays as the second.</summary>
    private static void Set(IDictionary<string, string?> environment, string url, ResultLocation location)
    {
        if (environment.TryGetValue(UrlVariable, out string? before) && before is not null)
            environment[FallbackVariable] = before;
        (environment[UrlVariable], environment[KeyVariable]) = (url, location.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        if (_receiver is not null)
            await _receiver.DisposeAsync();
    }
}
