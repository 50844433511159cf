using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;

namespace Sluice.Runtime.Orchestrated;

/// <summary>
/// Decides what becomes of a result: at most 64 KiB travels in the state; a larger one, and one that the flow persists, is put to the URL that the
/// worker gave, or to a second one where the first does not take it; without such a URL a large one is not kept.
/// </summary>
/// <param name="url">Where results are put: presigned, of the worker, of the API's own server, or a file of a local store; null for nowhere.</param>
/// <param name="endpoint">The API. Its credentials go to URLs below it only.</param>
/// <param name="reference">What readers find it by at that URL, where the worker says so.</param>
/// <param name="fallback">Where results are put that the first URL does not take, as of a worker that was killed or may only read its store; null for nowhere.</param>
internal sealed class ResultKeeper(Uri? url, ApiEndpoint endpoint, string? reference = null, Uri? fallback = null)
{
    private const int Attempts = 4;
    private const int LongestReason = 1000;

    // Besides what any server takes to answer: time for the slowest connection that is of use.
    private const int BytesASecond = 64 * 1024;

    /// <summary>Keeps a result. One that cannot be kept is told of in the log; the run completes all the same.</summary>
    public async Task<ResultData> KeepAsync(ReadOnlyMemory<byte> json, bool persist, ILogger logger, CancellationToken cancellationToken)
    {
        bool small = json.Length <= ResultData.MaxInlineBytes;
        string? key = null;
        if (persist || !small)
        {
            key = await PutAsync(json, logger, cancellationToken).ConfigureAwait(false);
        }

        return small
            ? new() { Type = "inline", Value = Parse(json), Size = json.Length, StorageKey = key }
            : new() { Type = key is null ? "unpersisted" : "reference", Size = json.Length, StorageKey = key };
    }

    /// <summary>Puts it to the first place that takes it; answers what readers find it by there.</summary>
    private async Task<string?> PutAsync(ReadOnlyMemory<byte> json, ILogger logger, CancellationToken cancellationToken)
    {
        if (url is null)
        {
            logger.LogWarning("The result ({Size} bytes) was not persisted: its worker has no place for it. Results go beside packages in a folder, S3, Google Cloud Storage or Azure, else to Sluice's own server.", json.Length.ToString("N0", CultureInfo.InvariantCulture));
            return null;
        }

        if (await PutAsync(url, json, logger, cancellationToken).ConfigureAwait(false))
        {
            return reference ?? StorageKey(url);
        }

        if (fallback is null || fallback == url || cancellationToken.IsCancellationRequested || !await PutAsync(fallback, json, logger, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        string key = StorageKey(fallback);
        logger.LogInformation("The result is kept as {Key} instead.", key);
        return key;
    }

    private async Task<bool> PutAsync(Uri place, ReadOnlyMemory<byte> json, ILogger logger, CancellationToken cancellationToken)
    {
        string size = json.Length.ToString("N0", CultureInfo.InvariantCulture);
        if (place.IsFile)
        {
            return await WriteAsync(place.LocalPath, json, logger, cancellationToken).ConfigureAwait(false);
        }

        using HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = !place.IsLoopback });
        client.Timeout += TimeSpan.FromSeconds(json.Length / BytesASecond);
        string problem = "it took too long";
        for (int attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                using HttpRequestMessage request = new(HttpMethod.Put, place) { Content = new ReadOnlyMemoryContent(json) };
                request.Content.Headers.ContentType = new("application/json");
                request.Headers.Authorization = Authorization(place);
                // Azure takes no blob without it, and nobody else looks at it.
                request.Headers.TryAddWithoutValidation("x-ms-blob-type", "BlockBlob");
                using HttpResponseMessage response = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    return true;
                }

                problem = $"HTTP {(int)response.StatusCode}{await ReasonAsync(response, cancellationToken).ConfigureAwait(false)}";
                if ((int)response.StatusCode is < 500 and not 408 and not 429)
                {
                    break;
                }
            }
            catch (HttpRequestException exception)
            {
                problem = exception.Message;
            }
            catch (OperationCanceledException)
            {
                break;
            }

            if (attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        // The URL may be presigned: its query is a secret.
        logger.LogWarning("The result ({Size} bytes) could not be put to {Url}: {Problem}", size, place.GetLeftPart(UriPartial.Path), problem);
        return false;
    }

    /// <summary>What the worker's receiver says in words; others answer with pages and documents.</summary>
    private static async Task<string> ReasonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers is not { ContentType.MediaType: "text/plain", ContentLength: > 0 and < LongestReason })
        {
            return "";
        }

        return ": " + await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes into the local store that the package lies in, as that store writes: under <c>.uploads/</c> at its root, flushed, and renamed. The file is
    /// <c>results/SLUG/NAME</c> below the root.
    /// </summary>
    private static async Task<bool> WriteAsync(string path, ReadOnlyMemory<byte> json, ILogger logger, CancellationToken cancellationToken)
    {
        string folder = Path.GetDirectoryName(path)!;
        string uploads = Path.Combine(folder, "..", "..", ".uploads");
        string upload = Path.Combine(uploads, $"{Environment.ProcessId}-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
            Directory.CreateDirectory(uploads);
            try
            {
                FileStream file = new(upload, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.Asynchronous);
                await using (file.ConfigureAwait(false))
                {
                    await file.WriteAsync(json, cancellationToken).ConfigureAwait(false);
                    file.Flush(flushToDisk: true);
                }

                File.Move(upload, path, overwrite: true);
                return true;
            }
            finally
            {
                File.Delete(upload);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            string problem = exception is OperationCanceledException ? "it took too long" : exception.Message;
            logger.LogWarning("The result ({Size} bytes) could not be written to {Path}: {Problem}", json.Length.ToString("N0", CultureInfo.InvariantCulture), path, problem);
            return false;
        }
    }

    /// <summary>What a reader finds it by where the worker says nothing: below the API its path there, since the API may be elsewhere tomorrow; else the URL without its secrets.</summary>
    private string StorageKey(Uri place) =>
        IsBelowApi(place) ? place.AbsoluteUri[(endpoint.Url.Length + 1)..] : place.GetLeftPart(UriPartial.Path);

    private AuthenticationHeaderValue? Authorization(Uri place) =>
        !IsBelowApi(place) ? null
        : endpoint.AuthString is { } authString ? new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(authString)))
        : endpoint.ApiKey is { } key ? new("Bearer", key)
        : null;

    private bool IsBelowApi(Uri place) => place.AbsoluteUri.StartsWith(endpoint.Url + "/", StringComparison.OrdinalIgnoreCase);

    private static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
