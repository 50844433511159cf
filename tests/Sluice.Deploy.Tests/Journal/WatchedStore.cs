using Sluice.Storage;

namespace Sluice.Deploy.Tests.Journal;

/// <summary>A real store with something that happens just before each call: what others do at that moment, or what goes wrong.</summary>
internal sealed class WatchedStore(IPackageStore inner) : IPackageStore
{
    /// <summary>Happens before a call; is told the method's name, as <c>DeleteAsync</c>, and the key.</summary>
    public Func<string, string, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    public Uri Location => inner.Location;

    public async Task<long?> GetSizeAsync(string key, CancellationToken cancellationToken)
    {
        await Before(nameof(GetSizeAsync), key);
        return await inner.GetSizeAsync(key, cancellationToken);
    }

    public async Task PutAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        await Before(nameof(PutAsync), key);
        await inner.PutAsync(key, content, cancellationToken);
    }

    public async Task<bool> CreateAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        await Before(nameof(CreateAsync), key);
        return await inner.CreateAsync(key, content, cancellationToken);
    }

    public async Task<Stream> GetAsync(string key, CancellationToken cancellationToken)
    {
        await Before(nameof(GetAsync), key);
        return await inner.GetAsync(key, cancellationToken);
    }

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    public async Task<bool> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        await Before(nameof(DeleteAsync), key);
        return await inner.DeleteAsync(key, cancellationToken);
    }

    public Task<Uri?> PresignAsync(string key, PresignedUse use, TimeSpan lifetime, CancellationToken cancellationToken) => inner.PresignAsync(key, use, lifetime, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
