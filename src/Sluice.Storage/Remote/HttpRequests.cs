using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Sluice.Storage.Remote;

/// <summary>
/// Sends plain requests, as webhooks and presigned URLs want them: again after a broken connection or a "not now", when the server asks with <c>Retry-After</c>; to
/// where it redirects, without the user's headers on another host. What it answers otherwise is told with the first line of its body, secrets blotted out.
/// </summary>
/// <param name="server">Who answers, as <c>The webhook</c>.</param>
/// <param name="forbidden">What to do when it refuses, in a sentence.</param>
/// <param name="time">Counts pauses and silence.</param>
internal sealed class HttpRequests(string server, string forbidden, TimeProvider time) : IDisposable
{
    /// <summary>Tries after the first, as Prefect's webhook storage makes.</summary>
    private const int Retries = 3;

    private const int Redirects = 5;
    private const int LongestLine = 200;
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    // The environment's proxy is for other machines.
    private readonly Lazy<HttpClient> _direct = new(() => Create(useProxy: false, time));
    private readonly Lazy<HttpClient> _proxied = new(() => Create(useProxy: true, time));

    /// <summary>Sends a request until it succeeds.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">Its body, made anew for each try; null for none.</param>
    /// <param name="idempotencyKey">Sent as <c>Idempotency-Key</c>, so that a server can tell a repetition; null for none.</param>
    /// <param name="range">The bytes that are asked for; null for all.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The answer, whose body is still to be read.</returns>
    /// <exception cref="StorageException">It failed.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        ResolvedRequest request, Func<Stream>? body, string? idempotencyKey, RangeHeaderValue? range, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            StorageException failure;
            TimeSpan pause = TimeSpan.FromMilliseconds(250 << attempt);
            try
            {
                HttpResponseMessage response = await FollowAsync(request, body, idempotencyKey, range, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                    return response;
                using (response)
                {
                    failure = await RefusalAsync(request, response, cancellationToken).ConfigureAwait(false);
                    if (RetryAfter(response) is { } asked)
                        pause = asked;
                }
            }
            catch (Exception e) when (Broken(e, request) is { } broken)
            {
                failure = broken;
            }
            if (failure.Kind != StorageErrorKind.Unavailable || attempt > Retries)
                throw failure;
            if (pause > s_longestPause)
                throw new StorageException(failure.Kind, $"{failure.Message.TrimEnd('.')}. It asks to come back in {Seconds(pause)}, which is too long to wait here.", failure);
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What an exception of a request or of an answer's body means; null where it is none of the network's.</summary>
    public StorageException? Broken(Exception exception, ResolvedRequest request)
    {
        string what = $"{server} did not answer to {request.Method} {request.Shown}";
        return exception switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
                new(StorageErrorKind.Invalid, $"{what}: no secure connection ({(exception.InnerException ?? exception).Message.TrimEnd('.')}). Is its certificate one that this machine trusts?", exception),
            HttpRequestException or IOException =>
                new(StorageErrorKind.Unavailable, $"{what}: {Blot((exception.InnerException ?? exception).Message, request).TrimEnd('.')}. Is the address right, and the server up?", exception),
            _ => null,
        };
    }

    /// <summary>Opens what a request gives; the body goes on where the connection breaks, as far as the server knows lengths and ranges.</summary>
    /// <exception cref="StorageException">It failed.</exception>
    public async Task<Stream> OpenAsync(ResolvedRequest request, Func<Stream>? body, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await SendAsync(request, body, null, null, cancellationToken).ConfigureAwait(false);
        Stream first = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        // Where the length is unknown, what is missing at the end is found by the digests, and the whole is asked for again.
        return response.Content.Headers.ContentLength is not { } length
            ? new TranslatedStream(first, e => Broken(e, request))
            : new ResumingStream((offset, token) => RestAsync(request, body, response.Headers.ETag, offset, token), first, length, e => Broken(e, request), time);
    }

    public void Dispose()
    {
        foreach (Lazy<HttpClient> client in (ReadOnlySpan<Lazy<HttpClient>>)[_direct, _proxied])
        {
            if (client.IsValueCreated)
                client.Value.Dispose();
        }
    }

    private static HttpClient Create(bool useProxy, TimeProvider time) => new(new StallHandler(time)
    {
        InnerHandler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = useProxy,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            // A header's text as the user wrote it: not every server takes ASCII only.
            RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        },
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    private async Task<HttpResponseMessage> FollowAsync(
        ResolvedRequest request, Func<Stream>? body, string? idempotencyKey, RangeHeaderValue? range, CancellationToken cancellationToken)
    {
        Uri url = request.Url;
        HttpMethod method = request.Method;
        for (int redirect = 0; ; redirect++)
        {
            bool isElsewhere = Origin(url) != Origin(request.Url);
            // Not disposed, which would close the caller's body: it is sent again when a try fails.
            var message = new HttpRequestMessage(method, url);
            if (body is not null)
            {
                Stream content = body();
                message.Content = new StreamContent(content, 128 * 1024);
                message.Content.Headers.ContentLength = content.Length;
            }
            message.Headers.Range = range;
            Describe(message, request, idempotencyKey, withHeaders: !isElsewhere);
            HttpResponseMessage response = await (url.IsLoopback ? _direct : _proxied).Value.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
                return response;
            using (response)
            {
                Uri next = new(url, location);
                Refuse(request, response, url, next, redirect, carriesBody: body is not null);
                url = next;
                if (response.StatusCode == HttpStatusCode.SeeOther)
                    (method, body) = (HttpMethod.Get, null);
            }
        }
    }

    /// <summary>The rest of a broken download. A server that knows no ranges gives all of it again.</summary>
    private async Task<Stream> RestAsync(ResolvedRequest request, Func<Stream>? body, EntityTagHeaderValue? tag, long offset, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await SendAsync(request, body, null, offset > 0 ? new(offset, null) : null, cancellationToken).ConfigureAwait(false);
        if (tag is not null && response.Headers.ETag is { } now && !now.Equals(tag))
        {
            response.Dispose();
            throw new StorageException(StorageErrorKind.Damaged, $"What {request.Shown} gives changed while it was read: try again.");
        }
        Stream rest = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == offset)
            return rest;
        byte[] passed = new byte[64 * 1024];
        for (long left = offset; left > 0;)
        {
            int count = await rest.ReadAsync(passed.AsMemory(0, (int)Math.Min(left, passed.Length)), cancellationToken).ConfigureAwait(false);
            left -= count > 0 ? count : throw new IOException("the connection ended early");
        }
        return rest;
    }

    /// <summary>Puts the headers on; the user's own win over those made here.</summary>
    private static void Describe(HttpRequestMessage message, ResolvedRequest request, string? idempotencyKey, bool withHeaders)
    {
        IEnumerable<(string Name, string Value)> headers = withHeaders ? request.Headers : [];
        if (idempotencyKey is not null)
            headers = [.. headers, ("Idempotency-Key", idempotencyKey)];
        if (message.Content is not null)
            headers = [.. headers, ("Content-Type", request.Body is null ? "application/zip" : request.Body.TrimStart() is ['{' or '[', ..] ? "application/json" : "text/plain; charset=utf-8")];
        foreach ((string name, string value) in headers.DistinctBy(header => header.Name, StringComparer.OrdinalIgnoreCase))
        {
            // Headers of the body are kept apart from the others, and a request without a body needs none.
            if (!message.Headers.TryAddWithoutValidation(name, value) && message.Content?.Headers.TryAddWithoutValidation(name, value) == false)
                throw new StorageException(StorageErrorKind.Invalid, $"The header {name} for {request.Shown} cannot be sent: leave it out.");
        }
    }

    /// <summary>Refuses a redirection that loses something or gives something away.</summary>
    private void Refuse(ResolvedRequest request, HttpResponseMessage response, Uri from, Uri to, int redirect, bool carriesBody)
    {
        string status = $"{(int)response.StatusCode}";
        string target = Blot(to.GetLeftPart(UriPartial.Path), request);
        string? reason = redirect >= Redirects ? $"after {Redirects} redirections it answered with another one"
            : to.Scheme is not ("http" or "https") || (to.Scheme == "http" && (from.Scheme == "https" || !to.IsLoopback)) ? $"it redirects ({status}) to {target}, which is not https"
            : carriesBody && response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found ? $"it redirects ({status}) to {target}, and a redirection of that kind loses the body: name that address"
            : carriesBody && request.Body is not null && Origin(to) != Origin(request.Url) ? $"it redirects ({status}) to another host, {target}, which does not get the body: name that address"
            : null;
        if (reason is not null)
            throw new StorageException(StorageErrorKind.Invalid, $"{server} cannot be asked with {request.Method} {request.Shown}: {reason}.");
    }

    private async Task<StorageException> RefusalAsync(ResolvedRequest request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        int status = (int)response.StatusCode;
        StorageErrorKind kind = status switch
        {
            401 or 403 or 407 => StorageErrorKind.Forbidden,
            404 or 410 => StorageErrorKind.NotFound,
            413 or 507 => StorageErrorKind.Full,
            408 or 425 or 429 or >= 500 and not (501 or 505) => StorageErrorKind.Unavailable,
            _ => StorageErrorKind.Invalid,
        };
        string hint = kind switch
        {
            StorageErrorKind.Forbidden => " " + forbidden,
            StorageErrorKind.NotFound => " It is not there, or the address is wrong.",
            StorageErrorKind.Full => " It takes no archive of this size.",
            _ => "",
        };
        string line = await FirstLineAsync(request, response, cancellationToken).ConfigureAwait(false);
        return new(kind, $"{server} answered {status} {response.ReasonPhrase} to {request.Method} {request.Shown}{(line.Length > 0 ? $": {line.TrimEnd('.')}" : "")}.{hint}");
    }

    private static async Task<string> FirstLineAsync(ResolvedRequest request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            byte[] start = new byte[8 * 1024];
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            bound.CancelAfter(TimeSpan.FromSeconds(10));
            int count = await body.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, bound.Token).ConfigureAwait(false);
            // Blotted first: a cut must not leave the half of a secret.
            string text = Blot(Encoding.UTF8.GetString(start, 0, count), request);
            string line = text.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.Length > 0) ?? "";
            line = string.Concat(line.Where(c => !char.IsControl(c)));
            return line.Length <= LongestLine ? line : line[..LongestLine] + "…";
        }
        catch (Exception e) when (e is IOException or HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The status says enough.
            return "";
        }
    }

    private static string Blot(string text, ResolvedRequest request)
    {
        foreach (string secret in request.Secrets.Where(s => s.Length > 0).SelectMany(s => (string[])[s, Uri.EscapeDataString(s), Convert.ToBase64String(Encoding.UTF8.GetBytes(s))]).OrderByDescending(s => s.Length))
            text = text.Replace(secret, "***", StringComparison.Ordinal);
        return text;
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } after && (after.Delta ?? after.Date - time.GetUtcNow()) is { } wait ? (wait > TimeSpan.Zero ? wait : TimeSpan.Zero) : null;

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds)} s");

    private static string Origin(Uri url) => url.GetLeftPart(UriPartial.Authority);
}
