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

    /// <summary>In which format a program says what a publish changes: <see cref="ApplyFormat"/>.</summary>
    public const string ApplyHeader = "Sluice-Apply-Format";

    /// <summary>
    /// The format of <c>/sluice/apply</c> that client and server of this version speak. 1 was a list of deployments. It grows when a server that does not know the
    /// change would apply something else than was meant; a server applies nothing of another format, and nothing with members that it does not know.
    /// </summary>
    public const int ApplyFormat = 2;

    /// <summary>By what a server knows a client that renews the leases of deployment slots: Prefect's own agent, of 3.4.11 or later.</summary>
    public const string RenewingAgent = "prefect/3.8.3 (API 0.8.4)";

    /// <summary>Which API version the client speaks.</summary>
    public const string VersionHeader = "X-PREFECT-API-VERSION";

    /// <summary>How often a refused CSRF token is renewed for one call: others may renew it, and restarts void it, meanwhile.</summary>
    private const int MostRenewals = 3;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private readonly HttpMessageInvoker _invoker;
    private readonly TimeProvider _time;
    private readonly string? _authorization;
    private readonly CsrfToken _csrf = new();
    private readonly AsyncLocal<Func<CancellationToken, Task>?> _beforeWrite = new();
    private volatile bool _answered;
    private long _writes;

    /// <summary>Opens nothing yet.</summary>
    /// <exception cref="OrchestrationException">Of kind Invalid: a setting of the environment cannot be used.</exception>
    public HttpTransport(ApiEndpoint endpoint, TimeProvider time, ApiClientSettings? settings = null)
    {
        Endpoint = endpoint;
        Settings = settings ?? ApiClientSettings.FromEnvironment();
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
            SslOptions = Settings.Tls(),
            UseCookies = false,
            UseProxy = !new Uri(endpoint.Url).IsLoopback,
        });
    }

    public ApiEndpoint Endpoint { get; }

    /// <summary>What sends, for sockets.</summary>
    public HttpMessageInvoker Invoker => _invoker;

    /// <summary>The value of <see cref="AttemptHeader"/> on every request that names none of its own.</summary>
    public string? Attempt { get; set; }

    /// <summary>How many requests were sent that may change something, repeated ones too.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>Called before each request that may change something, repeated ones too, by the one flow of calls that set it: an apply looks whether it still may write.</summary>
    public Func<CancellationToken, Task>? BeforeWrite
    {
        get => _beforeWrite.Value;
        set => _beforeWrite.Value = value;
    }

    /// <summary>What answers there, as <c>Prefect 2.10.21</c>, once it is known.</summary>
    public string? Server { get; set; }

    private ApiClientSettings Settings { get; }

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
        int renewals = 0;
        int attempts = Attempts(call);
        for (int attempt = 1; ; attempt++)
        {
            if (call.IsWrite)
            {
                // Before a repeated one too: minutes may have passed in its pause, or in the machine's sleep.
                if (BeforeWrite is { } before)
                    await before(cancellationToken).ConfigureAwait(false);
                Interlocked.Increment(ref _writes);
            }
            TimeSpan? pause;
            string? token = call.Method == HttpMethod.Get ? null : _csrf.Value;
            using (HttpRequestMessage request = Request(call, token))
            using (CancellationTokenSource limit = new(call.Timeout ?? Settings.Timeout, _time))
            using (var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token))
            {
                try
                {
                    using HttpResponseMessage response = await _invoker.SendAsync(request, either.Token).ConfigureAwait(false);
                    byte[] body = await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
                    _answered = true;
                    if (attempt >= attempts || !IsTransient(response.StatusCode, call.Repeatable))
                    {
                        ApiAnswer answer = new(response.StatusCode, response.Content.Headers.ContentType?.MediaType, body, response.Headers.Location?.ToString(), repeated) { RetryAfter = RetryAfter(response) };
                        if (renewals < MostRenewals && call.Method != HttpMethod.Get && CsrfToken.IsWanted(answer) && await _csrf.RenewAsync(token, ExchangeAsync, cancellationToken).ConfigureAwait(false))
                        {
                            renewals++;
                            attempt--;
                            continue;
                        }

                        return answer;
                    }

                    repeated |= response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout;
                    pause = RetryAfter(response);
                }
                catch (HttpRequestException error) when (NothingWasSent(error))
                {
                    if (attempt >= attempts || !_answered)
                    {
                        throw ApiErrors.Unreachable(Endpoint, error);
                    }

                    pause = null;
                }
                catch (Exception error) when (error is HttpRequestException or IOException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
                {
                    if (attempt >= attempts || !call.Repeatable)
                    {
                        throw ApiErrors.Broken(Endpoint, call, call.Timeout ?? Settings.Timeout, error);
                    }

                    repeated = true;
                    pause = null;
                }
            }

            await Task.Delay(pause ?? Backoff(attempt, Settings.Jitter), _time, cancellationToken).ConfigureAwait(false);
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
            catch (OrchestrationException error) when (attempt < Attempts(call)
                && (error.Kind == OrchestrationErrorKind.Unavailable || (error.InnerException is HttpRequestException nothing && NothingWasSent(nothing) && _answered)))
            {
                await Task.Delay(Backoff(attempt, Settings.Jitter), _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<Stream?> OpenOnceAsync(ApiCall call, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = Request(call, null);
        using CancellationTokenSource limit = new(call.Timeout ?? Settings.Timeout, _time);
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
                return ApiErrors.SaysMissing(answer) ? null : throw ApiErrors.From(Endpoint, call, answer, Server);
            }
        }
        catch (HttpRequestException error) when (NothingWasSent(error))
        {
            throw ApiErrors.Unreachable(Endpoint, error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw ApiErrors.Broken(Endpoint, call, call.Timeout ?? Settings.Timeout, error);
        }
    }

    public void Dispose()
    {
        _invoker.Dispose();
        _csrf.Dispose();
    }

    /// <summary>1, 2, 4, 8, 16 seconds and so on to a minute, give or take a share so that clients that failed together do not come back together.</summary>
    internal static TimeSpan Backoff(int attempt, double jitter = 0.2) =>
        TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, attempt - 1)) * (1 - jitter + (2 * jitter * Random.Shared.NextDouble())));

    public ApiAnswer Check(ApiCall call, ApiAnswer answer) => answer.IsSuccess ? answer : throw ApiErrors.From(Endpoint, call, answer, Server);

    /// <summary>How often a call is sent at most.</summary>
    public int MostAttempts => Settings.MaxRetries + 1;

    /// <summary>Waits before another attempt.</summary>
    public Task PauseAsync(int attempt, CancellationToken cancellationToken) => Task.Delay(Backoff(attempt, Settings.Jitter), _time, cancellationToken);

    private int Attempts(ApiCall call) => call.Attempts ?? MostAttempts;

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

    /// <summary>Gives the headers that every request carries; a name may come twice, and the last value counts.</summary>
    public void Introduce(Action<string, string> header)
    {
        header(VersionHeader, ApiVersion);
        header("User-Agent", "sluice");
        if (_authorization is not null)
        {
            header("Authorization", _authorization);
        }

        foreach ((string name, string value) in Settings.Headers)
        {
            header(name, value);
        }
    }

    private HttpRequestMessage Request(ApiCall call, string? csrfToken)
    {
        // The path is escaped already; canonicalising it would undo %2E and the like.
        Uri url = new(Endpoint.Url + call.Path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        HttpRequestMessage request = new(call.Method, url);
        HttpRequestHeaders headers = request.Headers;
        headers.TryAddWithoutValidation("Accept", "application/json");
        if (csrfToken is not null)
        {
            headers.TryAddWithoutValidation("Prefect-Csrf-Token", csrfToken);
            headers.TryAddWithoutValidation("Prefect-Csrf-Client", _csrf.ClientId);
        }

        Introduce((name, value) =>
        {
            headers.Remove(name);
            headers.TryAddWithoutValidation(name, value);
        });

        foreach ((string name, string? value) in call.Headers)
        {
            if (value is not null)
            {
                headers.Remove(name);
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
