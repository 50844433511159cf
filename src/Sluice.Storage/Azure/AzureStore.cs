using System.Runtime.CompilerServices;
using Azure;
using Sluice.Storage.Options;
using Sluice.Storage.Packages;
using Sluice.Storage.Remote;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Azure;

/// <summary>
/// A container of Azure Blob storage as a store: <c>az://container/prefix</c>. As with Prefect's Azure storage, an object that exists is replaced only with
/// <c>overwrite=true</c>; blobs by digest are exempt, since they can only be mended.
/// </summary>
internal sealed class AzureStore : IPackageStore
{
    private readonly TimeProvider _time;
    private readonly string _container;
    private readonly string _prefix;
    private readonly Lazy<Task<(AzureOptions Options, BlobService Service)>> _resolved;

    internal AzureStore(Uri location, ISecretSource secrets, TimeProvider time)
    {
        (_container, _prefix) = StoreUri.Read(location, "container", "az://container/prefix");
        StoreOptions options = StoreOptions.Read(location, AzureOptions.Known, secrets);
        _time = time;
        Location = location;
        _resolved = new(async () =>
        {
            AzureOptions resolved = await AzureOptions.ResolveAsync(options, secrets, time, CancellationToken.None).ConfigureAwait(false);
            return (resolved, new BlobService(resolved, _container));
        });
    }

    public Uri Location { get; }

    private string Shown => StoreOptions.Shown(Location);

    public Task<long?> GetSizeAsync(string key, CancellationToken cancellationToken) =>
        Try(key, $"Cannot read {key} in the store {Shown}", azure => azure.Service.FindSizeAsync(_prefix + key, cancellationToken));

    public Task PutAsync(string key, Stream content, CancellationToken cancellationToken) => Try(key, $"Cannot write {key} to the store {Shown}", async azure =>
    {
        bool createOnly = !azure.Options.Overwrite && !PackageDigest.IsBlobKey(key);
        await SendAsync(azure.Service, key, content, createOnly, orIsStored: createOnly, cancellationToken).ConfigureAwait(false);
        return true;
    });

    public Task<bool> CreateAsync(string key, Stream content, CancellationToken cancellationToken) => Try(key, $"Cannot write {key} to the store {Shown}", async azure =>
    {
        try
        {
            await SendAsync(azure.Service, key, content, createOnly: true, orIsStored: false, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (AzureErrors.IsPrecondition(e))
        {
            return false;
        }
    });

    public Task<Stream> GetAsync(string key, CancellationToken cancellationToken)
    {
        string what = $"Cannot read {key} in the store {Shown}";
        return Try<Stream>(key, what, async azure =>
        {
            (Stream body, long length, string etag) = await azure.Service.OpenAsync(_prefix + key, 0, null, cancellationToken).ConfigureAwait(false);
            return new ResumingStream(
                (offset, token) => Try(key, what, async again => (await again.Service.OpenAsync(_prefix + key, offset, etag, token).ConfigureAwait(false)).Body),
                body, length, e => AzureErrors.IsAzure(e) ? AzureErrors.Translate(e, what, _container) : null, _time);
        });
    }

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<string> names = await Try(null, $"Cannot list the store {Shown}", async azure =>
        {
            var found = new List<string>();
            string marker = "";
            do
            {
                (List<(string Name, long Size)> blobs, marker) = await azure.Service.ListAsync(_prefix + prefix, marker, null, cancellationToken).ConfigureAwait(false);
                found.AddRange(blobs.Select(blob => blob.Name));
            }
            while (marker.Length > 0);
            return found;
        }).ConfigureAwait(false);
        foreach (string key in names.Select(name => name[_prefix.Length..]).Where(key => StoreKey.Refuse(key) is null).Order(StringComparer.Ordinal))
            yield return key;
    }

    public Task<StoredSizes?> ListSizesAsync(string prefix, int most, CancellationToken cancellationToken) => Try<StoredSizes?>(null, $"Cannot list the store {Shown}", async azure =>
    {
        (List<(string Name, long Size)> blobs, string marker) = await azure.Service.ListAsync(_prefix + prefix, "", most, cancellationToken).ConfigureAwait(false);
        // A page may be short, and even empty, although more follow.
        return new(blobs.ToDictionary(blob => blob.Name[_prefix.Length..], blob => blob.Size, StringComparer.Ordinal), marker.Length == 0 ? null : blobs.Count > 0 ? blobs[^1].Name[_prefix.Length..] : "");
    });

    public Task<bool> DeleteAsync(string key, CancellationToken cancellationToken) =>
        Try(key, $"Cannot delete {key} in the store {Shown}", azure => azure.Service.DeleteAsync(_prefix + key, cancellationToken));

    public Task<Uri?> PresignAsync(string key, PresignedUse use, TimeSpan lifetime, CancellationToken cancellationToken) =>
        Try(key, $"Cannot sign a URL for {key} in the store {Shown}", azure => Task.FromResult(azure.Service.Sign(_prefix + key, use, _time.GetUtcNow() + lifetime)));

    public async ValueTask DisposeAsync()
    {
        if (_resolved.IsValueCreated && _resolved.Value.IsCompletedSuccessfully)
            (await _resolved.Value.ConfigureAwait(false)).Options.Http.Dispose();
    }

    // The answer to a request that arrived may be lost, and the next attempt then finds what the first one stored: with orIsStored that is no refusal.
    private Task SendAsync(BlobService service, string key, Stream content, bool createOnly, bool orIsStored, CancellationToken cancellationToken) => Parts.SendAsync(
        content,
        (bytes, token) => UnlessAsync(orIsStored, () => HoldsAsync(key, bytes, token), () => service.PutAsync(_prefix + key, bytes, createOnly, token)),
        static _ => Task.FromResult(Guid.NewGuid()),
        (upload, number, bytes, token) => service.PutBlockAsync(_prefix + key, upload, number, bytes, token),
        (_, blocks, token) => UnlessAsync(orIsStored, () => service.IsMadeOfAsync(_prefix + key, blocks, token), () => service.PutBlockListAsync(_prefix + key, blocks, createOnly, token)),
        // Blocks without a list are invisible, and the service removes them after a week.
        static _ => Task.CompletedTask,
        cancellationToken);

    private static async Task UnlessAsync(bool asked, Func<Task<bool>> isStored, Func<Task> send)
    {
        try
        {
            await send().ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (asked && AzureErrors.IsPrecondition(e))
        {
            if (!await isStored().ConfigureAwait(false))
                throw;
        }
    }

    private async Task<bool> HoldsAsync(string key, ArraySegment<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await using Stream stored = await GetAsync(key, cancellationToken).ConfigureAwait(false);
            byte[] there = new byte[bytes.Count + 1];
            int count = await stored.ReadAtLeastAsync(there, there.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return there.AsSpan(0, count).SequenceEqual(bytes);
        }
        catch (StorageException e) when (e.Kind is StorageErrorKind.NotFound or StorageErrorKind.Forbidden)
        {
            // Who may not read cannot tell, and is told that it exists.
            return false;
        }
    }

    private async Task<T> Try<T>(string? key, string what, Func<(AzureOptions Options, BlobService Service), Task<T>> work)
    {
        if (key is not null)
            StoreKey.Check(key);
        try
        {
            return await work(await _resolved.Value.ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) when (AzureErrors.IsAzure(e))
        {
            throw AzureErrors.Translate(e, what, _container);
        }
    }
}
