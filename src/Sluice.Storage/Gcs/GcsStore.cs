using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Sluice.Storage.Options;
using Sluice.Storage.Remote;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Gcs;

/// <summary>A bucket of Google Cloud Storage as a store: <c>gs://bucket/prefix</c>. Rule: Cloud Storage's JSON API, v1.</summary>
internal sealed class GcsStore : IPackageStore
{
    private readonly TimeProvider _time;
    private readonly string _bucket;
    private readonly string _prefix;
    private readonly Lazy<Task<GcsOptions>> _resolved;

    internal GcsStore(Uri location, ISecretSource secrets, TimeProvider time)
    {
        (_bucket, _prefix) = StoreUri.Read(location, "bucket", "gs://bucket/prefix");
        StoreOptions options = StoreOptions.Read(location, GcsOptions.Known, secrets);
        _time = time;
        Location = location;
        _resolved = new(() => GcsOptions.ResolveAsync(options, time, CancellationToken.None));
    }

    public Uri Location { get; }

    private string Shown => StoreOptions.Shown(Location);

    public Task<long?> GetSizeAsync(string key, CancellationToken cancellationToken) => Try(key, $"Cannot read {key} in the store {Shown}", cancellationToken, async gcs =>
    {
        using HttpResponseMessage response = await gcs.Http.GetAsync(Object(gcs, key, "fields=size"), cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        using JsonDocument json = await JsonAsync(response, cancellationToken).ConfigureAwait(false);
        return (long?)long.Parse(json.RootElement.GetProperty("size").GetString()!, CultureInfo.InvariantCulture);
    });

    public Task PutAsync(string key, Stream content, CancellationToken cancellationToken) => Try(key, $"Cannot write {key} to the store {Shown}", cancellationToken, async gcs =>
    {
        await SendAsync(gcs, key, content, null, cancellationToken).ConfigureAwait(false);
        return true;
    });

    public Task<bool> CreateAsync(string key, Stream content, CancellationToken cancellationToken) => Try(key, $"Cannot write {key} to the store {Shown}", cancellationToken, async gcs =>
    {
        try
        {
            await SendAsync(gcs, key, content, "ifGenerationMatch=0", cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (GcsException e) when (e.Status == HttpStatusCode.PreconditionFailed)
        {
            return false;
        }
        catch (Google.GoogleApiException e) when (e.HttpStatusCode == HttpStatusCode.PreconditionFailed)
        {
            return false;
        }
    });

    public Task<Stream> GetAsync(string key, CancellationToken cancellationToken)
    {
        string what = $"Cannot read {key} in the store {Shown}";
        return Try<Stream>(key, what, cancellationToken, async gcs =>
        {
            HttpResponseMessage whole = await OpenAsync(gcs, key, 0, null, cancellationToken).ConfigureAwait(false);
            string? generation = whole.Headers.TryGetValues("x-goog-generation", out IEnumerable<string>? values) ? values.First() : null;
            return new ResumingStream(
                (offset, token) => Try(key, what, token, async again => await (await OpenAsync(again, key, offset, generation, token).ConfigureAwait(false)).Content.ReadAsStreamAsync(token).ConfigureAwait(false)),
                await whole.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), whole.Content.Headers.ContentLength ?? 0,
                e => GcsErrors.IsGcs(e, cancellationToken) ? GcsErrors.Translate(e, what, _bucket) : null, _time);
        });
    }

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<string> names = await Try(null, $"Cannot list the store {Shown}", cancellationToken, async gcs =>
        {
            var found = new List<string>();
            string? page = null;
            do
            {
                string query = $"prefix={Uri.EscapeDataString(_prefix + prefix)}&fields=nextPageToken,items/name{(page is null ? "" : $"&pageToken={Uri.EscapeDataString(page)}")}";
                using HttpResponseMessage response = await gcs.Http.GetAsync(Address(gcs, $"/storage/v1/b/{_bucket}/o", query), cancellationToken).ConfigureAwait(false);
                using JsonDocument json = await JsonAsync(response, cancellationToken).ConfigureAwait(false);
                if (json.RootElement.TryGetProperty("items", out JsonElement items))
                    found.AddRange(items.EnumerateArray().Select(item => item.GetProperty("name").GetString()![_prefix.Length..]).Where(key => StoreKey.Refuse(key) is null));
                page = json.RootElement.TryGetProperty("nextPageToken", out JsonElement next) ? next.GetString() : null;
            }
            while (page is not null);
            return found;
        }).ConfigureAwait(false);
        foreach (string key in names.Order(StringComparer.Ordinal))
            yield return key;
    }

    public Task<StoredSizes?> ListSizesAsync(string prefix, int most, CancellationToken cancellationToken) => Try<StoredSizes?>(null, $"Cannot list the store {Shown}", cancellationToken, async gcs =>
    {
        string query = $"prefix={Uri.EscapeDataString(_prefix + prefix)}&maxResults={most.ToString(CultureInfo.InvariantCulture)}&fields=nextPageToken,items(name,size)";
        using HttpResponseMessage response = await gcs.Http.GetAsync(Address(gcs, $"/storage/v1/b/{_bucket}/o", query), cancellationToken).ConfigureAwait(false);
        using JsonDocument json = await JsonAsync(response, cancellationToken).ConfigureAwait(false);
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        string last = "";
        if (json.RootElement.TryGetProperty("items", out JsonElement items))
            foreach (JsonElement item in items.EnumerateArray())
                sizes[last = item.GetProperty("name").GetString()![_prefix.Length..]] = long.Parse(item.GetProperty("size").GetString()!, CultureInfo.InvariantCulture);
        return new(sizes, json.RootElement.TryGetProperty("nextPageToken", out _) ? last : null);
    });

    public Task<bool> DeleteAsync(string key, CancellationToken cancellationToken) => Try(key, $"Cannot delete {key} in the store {Shown}", cancellationToken, async gcs =>
    {
        using HttpResponseMessage response = await gcs.Http.DeleteAsync(Object(gcs, key), cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
            return true;
        GcsException failed = await GcsException.OfAsync(response, cancellationToken).ConfigureAwait(false);
        return response.StatusCode == HttpStatusCode.NotFound && !failed.Message.Contains("bucket", StringComparison.OrdinalIgnoreCase) ? false : throw failed;
    });

    public Task<Uri?> PresignAsync(string key, PresignedUse use, TimeSpan lifetime, CancellationToken cancellationToken) => Try(key, $"Cannot sign a URL for {key} in the store {Shown}", cancellationToken, gcs =>
        Task.FromResult(gcs.Signer is { } signer
            ? GcsSigner.Sign(signer, gcs.Endpoint, _bucket, _prefix + key, use == PresignedUse.Read ? HttpMethod.Get : HttpMethod.Put, _time.GetUtcNow(), lifetime)
            : null));

    public async ValueTask DisposeAsync()
    {
        if (_resolved.IsValueCreated && _resolved.Value.IsCompletedSuccessfully)
            (await _resolved.Value.ConfigureAwait(false)).Http.Dispose();
    }

    private async Task SendAsync(GcsOptions gcs, string key, Stream content, string? condition, CancellationToken cancellationToken)
    {
        string name = $"name={Uri.EscapeDataString(_prefix + key)}{(condition is null ? "" : "&" + condition)}";
        string path = $"/upload/storage/v1/b/{_bucket}/o";
        string? theirs, ours;
        ArraySegment<byte> start = await Parts.ReadFirstAsync(content, cancellationToken).ConfigureAwait(false);
        try
        {
            if (start.Count < Parts.Size)
            {
                using HttpResponseMessage response = await gcs.Http.PostAsync(Address(gcs, path, "uploadType=media&" + name), Bytes(start), cancellationToken).ConfigureAwait(false);
                using JsonDocument json = await JsonAsync(response, cancellationToken).ConfigureAwait(false);
                theirs = json.RootElement.TryGetProperty("md5Hash", out JsonElement md5) ? md5.GetString() : null;
#pragma warning disable CA5351 // To find transfer errors; nothing is protected by it.
                ours = Convert.ToBase64String(MD5.HashData(start));
#pragma warning restore CA5351
            }
            else
            {
                await using var hashed = new Md5Stream(new JoinedStream(start, content));
                theirs = await new GcsUpload(gcs, Address(gcs, path, "uploadType=resumable&" + name), hashed).SendAsync(cancellationToken).ConfigureAwait(false);
                ours = hashed.Base64;
            }
        }
        finally
        {
            Parts.Return(start);
        }
        if (theirs is not null && theirs != ours)
        {
            await DeleteAsync(key, cancellationToken).ConfigureAwait(false);
            throw new StorageException(StorageErrorKind.Damaged, $"Cannot write {key} to the store {Shown}: what arrived there is not what was sent. Try again.");
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(GcsOptions gcs, string key, long offset, string? generation, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Object(gcs, key, $"alt=media{(generation is null ? "" : $"&generation={generation}")}"));
        if (offset > 0)
            request.Headers.Range = new RangeHeaderValue(offset, null);
        HttpResponseMessage response = await gcs.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await GcsException.OfAsync(response, cancellationToken).ConfigureAwait(false);
    }

    private Uri Object(GcsOptions gcs, string key, string? query = null) => Address(gcs, $"/storage/v1/b/{_bucket}/o/{Uri.EscapeDataString(_prefix + key)}", query);

    private static Uri Address(GcsOptions gcs, string path, string? query)
    {
        string all = string.Join('&', ((string?[])[query, gcs.Project is null ? null : $"userProject={Uri.EscapeDataString(gcs.Project)}"]).Where(part => part is not null));
        return new($"{gcs.Endpoint.GetLeftPart(UriPartial.Authority)}{path}{(all.Length > 0 ? "?" + all : "")}");
    }

    private static ByteArrayContent Bytes(ArraySegment<byte> bytes)
    {
        var content = new ByteArrayContent(bytes.Array!, bytes.Offset, bytes.Count);
        content.Headers.ContentType = new("application/octet-stream");
        return content;
    }

    private static async Task<JsonDocument> JsonAsync(HttpResponseMessage response, CancellationToken cancellationToken) => response.IsSuccessStatusCode
        ? await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), cancellationToken: cancellationToken).ConfigureAwait(false)
        : throw await GcsException.OfAsync(response, cancellationToken).ConfigureAwait(false);

    private async Task<T> Try<T>(string? key, string what, CancellationToken cancellationToken, Func<GcsOptions, Task<T>> work)
    {
        if (key is not null)
            StoreKey.Check(key);
        try
        {
            return await work(await _resolved.Value.ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) when (GcsErrors.IsGcs(e, cancellationToken))
        {
            throw GcsErrors.Translate(e, what, _bucket);
        }
    }
}
