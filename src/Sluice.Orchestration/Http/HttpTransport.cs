using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Sluice.Orchestration.Http;

/// <summary>
/// Sends requests, again where that is safe: after 408, 429 and 503, which say that nothing was done, always; after 502, 504, a broken connection
/// or a timeout only when the call is repeatable; after a refused connection only once the server has answered before (it restarts), as Prefect's
/// own client does.
/// </summary>
internal sealed class HttpTransport : IDisposable
{
    /// <summary>The API version that Prefect 2.10 and 3.x both speak.</summary>
    public const string ApiVersion = "0.8.4";

    /// <summary>How long the lease is that a proposed state gives to its run.</summary>
    public const string LeaseHeader = "Sluice-Lease-Seconds";

    /// <summary>For which flow run, and under which claim, a program writes: <c>run/claim</c>.</summary>
    public const string AttemptHeader = "Sluice-Attempt";

    /// <summary>How often the run may be scheduled again after a crash.</summary>
    public const string CrashRetriesHeader = "Sluice-Crash-Retries";

    /// <summary>Which API version the client speaks.</summary>
    public const string VersionHeader = "X-PREFECT-API-VERSION";

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private readonly HttpMessageInvoker _invoker;
    private readonly TimeProvider _time;
    private readonly string? _authorization;
    private volatile bool _answered;

    public HttpTransport(ApiEndpoint endpoint, TimeProvider time)
    {
        Endpoint = endpoint;
        _time = time;
        _authorization =
            endpoint.AuthString is { } authString ? "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(authString)) :
            endpoint.ApiKey is { } apiKey ? "Bearer " + apiKey : null;
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false, // a redirect would turn a POST into a GET and drop the credentials
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
            UseProxy = !new Uri(endpoint.Url).IsLoopback,
        });
    }

    public ApiEndpoint Endpoint { get; }

    /// <summary>The value of <see cref="AttemptHeader"/> on every request that names none of its own.</summary>
    public string? Attempt { get; set; }

    /// <summary>Sends a call and reads its answer.</summary>
    /// <exception cref="OrchestrationException">It failed.</exception>
    public async Task<T> SendAsync<T>(ApiCall call, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Read(call, await SendAsync(call, cancellationToken).ConfigureAwait(false), type);

    /// <summary>Sends a call and reads its answer; null where the object does not exist.</summary>
    /// <exception cref="OrchestrationException">It failed.</exception>
    public async Task<T?> FindAsync<T>(ApiCall call, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        ApiAnswer answer = await ExchangeAsync(call, cancellationToken).ConfigureAwait(false);
        return ApiErrors.SaysMissing(answer) ? null : Read(call, Check(call, answer), type);
    }

    /// <summary>Deletes; false where the object does not exist.</summary>
    /// <exception cref="OrchestrationException">It failed.</exception>
    public async Task<bool> DeleteAsync(ApiCall call, CancellationToken cancellationToken)
    {
        ApiAnswer answer = await ExchangeAsync(call, cancellationToken).ConfigureAwait(false);
        if (ApiErrors.SaysMissing(answer))
        {
            return answer.Repeated; // an attempt whose answer was lost has deleted it
        }

        Check(call, answer);
        return true;
    }

    /// <summary>Sends a call whose answer does not matter, if only it is a good one.</summary>
    /// <exception cref="OrchestrationException">It failed.</exception>
    public async Task<ApiAnswer> SendAsync(ApiCall call, CancellationToken cancellationToken) =>
        Check(call, await ExchangeAsync(call, cancellationToken).ConfigureAwait(false));

    /// <summary>Sends a call until a server's word on it is there, whatever it is.</summary>
    /// <exception cref="OrchestrationException">Of kind Unreachable or Unavailable: no answer is to be had.</exception>
    public async Task<ApiAnswer> ExchangeAsync(ApiCall call, CancellationToken cancellationToken)
    {
        bool repeated = false;
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan? pause;
            using (HttpRequestMessage request = Request(call))
            using (CancellationTokenSource limit = new(call.Timeout, _time))
            using (var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token))
            {
                try
                {
                    using HttpResponseMessage response = await _invoker.SendAsync(request, either.Token).ConfigureAwait(false);
                    byte[] body = await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
                    _answered = true;
                    if (attempt >= call.Attempts || !IsTransient(response.StatusCode, call.Repeatable))
                    {
                        return new(response.StatusCode, response.Content.Headers.ContentType?.MediaType, body, response.Headers.Location?.ToString(), repeated) { RetryAfter = RetryAfter(response) };
                    }

                    repeated |= response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout;
                    pause = RetryAfter(response);
                }
                catch (HttpRequestException error) when (NothingWasSent(error))
                {
                    if (attempt >= call.Attempts || !_answered)
                    {
                        throw ApiErrors.Unreachable(Endpoint, error);
                    }

                    pause = null;
                }
                catch (Exception error) when (error is HttpRequestException or IOException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
                {
                    if (attempt >= call.Attempts || !call.Repeatable)
                    {
                        throw ApiErrors.Broken(Endpoint, call, error);
                    }

                    repeated = true;
                    pause = null;
                }
            }

            await Task.Delay(pause ?? Backoff(attempt), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Opens what is answered, which may be too large to be held; null where the object does not exist. The call's limit of time holds until the body begins.</summary>
    /// <exception cref="OrchestrationException">It failed.</exception>
    public async Task<Stream?> OpenAsync(ApiCall call, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await OpenOnceAsync(call, cancellationToken).ConfigureAwait(false);
            }
            catch (OrchestrationException error) when (attempt < call.Attempts
                && (error.Kind == OrchestrationErrorKind.Unavailable || (error.InnerException is HttpRequestException nothing && NothingWasSent(nothing) && _answered)))
            {
                await Task.Delay(Backoff(attempt), _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<Stream?> OpenOnceAsync(ApiCall call, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = Request(call);
        using CancellationTokenSource limit = new(call.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            // The invoker answers when the headers are there.
            HttpResponseMessage response = await _invoker.SendAsync(request, either.Token).ConfigureAwait(false);
            _answered = true;
            if (response.IsSuccessStatusCode)
            {
                return await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            }

            using (response)
            {
                byte[] body = await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
                ApiAnswer answer = new(response.StatusCode, response.Content.Headers.ContentType?.MediaType, body, response.Headers.Location?.ToString(), false);
                return ApiErrors.SaysMissing(answer) ? null : throw ApiErrors.From(Endpoint, call, answer);
            }
        }
        catch (HttpRequestException error) when (NothingWasSent(error))
        {
            throw ApiErrors.Unreachable(Endpoint, error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw ApiErrors.Broken(Endpoint, call, error);
        }
    }

    public void Dispose() => _invoker.Dispose();

    /// <summary>1, 2, 4, 8, 16 seconds, give or take a fifth so that clients that failed together do not come back together.</summary>
    internal static TimeSpan Backoff(int attempt) =>
        TimeSpan.FromSeconds(Math.Pow(2, attempt - 1) * (0.8 + (0.4 * Random.Shared.NextDouble())));

    public ApiAnswer Check(ApiCall call, ApiAnswer answer) => answer.IsSuccess ? answer : throw ApiErrors.From(Endpoint, call, answer);

    public T Read<T>(ApiCall call, ApiAnswer answer, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, type) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw ApiErrors.NotAnApi(Endpoint, call, answer, error);
        }
    }

    private HttpRequestMessage Request(ApiCall call)
    {
        // The path is escaped already; canonicalising it would undo %2E and the like.
        Uri url = new(Endpoint.Url + call.Path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        HttpRequestMessage request = new(call.Method, url);
        HttpRequestHeaders headers = request.Headers;
        headers.TryAddWithoutValidation(VersionHeader, ApiVersion);
        headers.TryAddWithoutValidation("User-Agent", "sluice");
        headers.TryAddWithoutValidation("Accept", "application/json");
        if (_authorization is not null)
        {
            headers.TryAddWithoutValidation("Authorization", _authorization);
        }

        foreach ((string name, string? value) in call.Headers)
        {
            if (value is not null)
            {
                headers.TryAddWithoutValidation(name, value);
            }
        }

        if (Attempt is not null && !headers.NonValidated.Contains(AttemptHeader))
        {
            headers.TryAddWithoutValidation(AttemptHeader, Attempt);
        }

        if (call.Body is not null)
        {
            request.Content = new ByteArrayContent(call.Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        }

        return request;
    }

    private static bool IsTransient(HttpStatusCode status, bool repeatable) => status switch
    {
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => true,
        HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout => repeatable,
        _ => false,
    };

    private static bool NothingWasSent(HttpRequestException error) => error.HttpRequestError is
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;

    /// <summary>Seconds, with a fraction as Prefect sends it, or a date.</summary>
    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        if (!response.Headers.NonValidated.TryGetValues("Retry-After", out HeaderStringValues values))
        {
            return null;
        }

        string text = values.ToString();
        TimeSpan pause =
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds <= LongestPause.TotalSeconds ? TimeSpan.FromSeconds(Math.Max(0, seconds)) :
            DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date) ? date - _time.GetUtcNow() :
            LongestPause;
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause > LongestPause ? LongestPause : pause;
    }
}
