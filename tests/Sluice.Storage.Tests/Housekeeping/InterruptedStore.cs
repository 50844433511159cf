namespace Sluice.Storage.Tests.Housekeeping;

/// <summary>A store that lets a test do something before a call: what another process could do at that moment.</summary>
internal sealed class InterruptedStore(IPackageStore inner, Func<string, string, Task> before) : IPackageStore
{
    public Uri Location => inner.Location;

    public async Task<long?> GetSizeAsync(string key, CancellationToken cancellationToken)
    {
        await before("size", key);
        return await inner.GetSizeAsync(key, cancellationToken);
    }

    public async Task PutAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        await before("put", key);
        await inner.PutAsync(key, content, cancellationToken);
    }

    public async Task<bool> CreateAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        await before("create", key);
        return await inner.CreateAsync(key, content, cancellationToken);
    }

    public async Task<Stream> GetAsync(string key, CancellationToken cancellationToken)
    {
        await before("get", key);
        return await inner.GetAsync(key, cancellationToken);
    }

    public async IAsyncEnumerable<string> ListAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await before("list", prefix);
        await foreach (string key in inner.ListAsync(prefix, cancellationToken))
            yield return key;
    }

    public async Task<StoredSizes?> ListSizesAsync(string prefix, int most, CancellationToken cancellationToken)
    {
        await before("sizes", prefix);
        return await inner.ListSizesAsync(prefix, most, cancellationToken);
    }

    public async Task<bool> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        await before("delete", key);
        return await inner.DeleteAsync(key, cancellationToken);
    }

    public Task<Uri?> PresignAsync(string key, PresignedUse use, TimeSpan lifetime, CancellationToken cancellationToken) => inner.PresignAsync(key, use, lifetime, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
