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
/// worker gave; without such a URL a large one is not kept.
/// </summary>
/// <param name="url">Where results are put: presigned, or of the API's own server; null for nowhere.</param>
/// <param name="endpoint">The API. Its credentials go to URLs below it only.</param>
internal sealed class ResultKeeper(Uri? url, ApiEndpoint endpoint)
{
    private const int Attempts = 4;

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

    private async Task<string?> PutAsync(ReadOnlyMemory<byte> json, ILogger logger, CancellationToken cancellationToken)
    {
        string size = json.Length.ToString("N0", CultureInfo.InvariantCulture);
        if (url is null)
        {
            logger.LogWarning("The result ({Size} bytes) was not persisted: the worker gave no place for it.", size);
            return null;
        }

        using HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = !url.IsLoopback });
        string problem = "it took too long";
        for (int attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                using HttpRequestMessage request = new(HttpMethod.Put, url) { Content = new ReadOnlyMemoryContent(json) };
                request.Content.Headers.ContentType = new("application/json");
                request.Headers.Authorization = Authorization(url);
                using HttpResponseMessage response = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    return StorageKey(url);
                }

                problem = $"HTTP {(int)response.StatusCode}";
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
        logger.LogWarning("The result ({Size} bytes) could not be put to {Url}: {Problem}", size, url.GetLeftPart(UriPartial.Path), problem);
        return null;
    }

    /// <summary>What a reader finds it by: below the API its path there, since the API may be elsewhere tomorrow; else the URL without its secrets.</summary>
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
