using System.Text.Json;
using Sluice.Storage.Remote;
using Sluice.Storage.Trust;

namespace Sluice.Storage.Packages;

/// <summary>A package as a pull list gives it: its folder and its store in one, to be read and nothing else.</summary>
internal sealed class PullListStore : IPackageStore
{
    private readonly HttpRequests _client;
    private readonly PullUrls _urls;

    private PullListStore(Uri location, HttpRequests client, PullUrls urls) => (Location, _client, _urls) = (location, client, urls);

    public Uri Location { get; }

    /// <summary>Reads the list.</summary>
    /// <exception cref="StorageException">It has lapsed, or is no list.</exception>
    public static async Task<PullListStore> OpenAsync(Uri list, PackageReference package, CancellationToken cancellationToken)
    {
        var client = new HttpRequests("The store", "The URL that the worker signed has lapsed, or the worker may not read this itself: run the flow again.", TimeProvider.System);
        try
        {
            await using Stream json = await OpenAsync(client, list, cancellationToken).ConfigureAwait(false);
            return new(package.Location, client, await JsonSerializer.DeserializeAsync(json, PackageJson.Default.PullUrls, cancellationToken).ConfigureAwait(false) ?? throw new JsonException("It is null."));
        }
        catch (JsonException e)
        {
            client.Dispose();
            throw new StorageException(StorageErrorKind.Damaged, $"The pull list of {package.Location} ({PullList.Variable}) cannot be read: run the flow again.", e);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    public Task<Stream> GetAsync(string key, CancellationToken cancellationToken) => UrlOf(key) is { } url
        ? OpenAsync(_client, url, cancellationToken)
        : throw new StorageException(StorageErrorKind.NotFound, $"The pull list of {Location} has no {key}.");

    // Only asked for what a list does not have: it names the manifest of its own package.
    public Task<long?> GetSizeAsync(string key, CancellationToken cancellationToken) => Task.FromResult<long?>(null);

    public Task PutAsync(string key, Stream content, CancellationToken cancellationToken) => throw ReadOnly();

    public Task<bool> CreateAsync(string key, Stream content, CancellationToken cancellationToken) => throw ReadOnly();

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) => throw ReadOnly();

    public Task<bool> DeleteAsync(string key, CancellationToken cancellationToken) => throw ReadOnly();

    public Task<Uri?> PresignAsync(string key, PresignedUse use, TimeSpan lifetime, CancellationToken cancellationToken) => Task.FromResult(use == PresignedUse.Read ? UrlOf(key) : null);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Task<Stream> OpenAsync(HttpRequests client, Uri url, CancellationToken cancellationToken) =>
        client.OpenAsync(new(HttpMethod.Get, url, url.GetLeftPart(UriPartial.Path), [], null, [url.Query]), null, cancellationToken);

    private Uri? UrlOf(string key) => key == PackageWriter.ManifestName ? _urls.Manifest : key.StartsWith(PackageSignature.Folder + "/", StringComparison.Ordinal) ? _urls.Signature : _urls.Blobs.GetValueOrDefault(key.Split('/')[^1]);

    private StorageException ReadOnly() => new(StorageErrorKind.Forbidden, $"{Location} is read by presigned URLs, which allow nothing else.");
}
