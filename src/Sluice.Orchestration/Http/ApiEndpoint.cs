namespace Sluice.Orchestration.Http;

/// <summary>Where an orchestration API is and what opens it.</summary>
public sealed record ApiEndpoint
{
    /// <summary>Names the API's URL, as <c>http://127.0.0.1:4200/api</c>.</summary>
    public const string UrlVariable = "PREFECT_API_URL";

    /// <summary>Names the token that travels as <c>Authorization: Bearer</c>.</summary>
    public const string KeyVariable = "PREFECT_API_KEY";

    /// <summary>Names the <c>user:password</c> that travels as <c>Authorization: Basic</c>.</summary>
    public const string AuthStringVariable = "PREFECT_API_AUTH_STRING";

    /// <summary>Where a server listens unless told otherwise.</summary>
    public const string DefaultUrl = "http://127.0.0.1:4200/api";

    /// <summary>Names an API.</summary>
    /// <param name="url">An absolute http or https URL, with the <c>/api</c> at its end where the server has one. <c>user:password@</c> in it is taken for <paramref name="authString"/> and out of it.</param>
    /// <param name="apiKey">A bearer token, or null.</param>
    /// <param name="authString"><c>user:password</c>, or null. It wins over <paramref name="apiKey"/>, as with Prefect.</param>
    /// <exception cref="OrchestrationException">Of kind Invalid: the URL is not one.</exception>
    public ApiEndpoint(string url, string? apiKey = null, string? authString = null)
    {
        if (!Uri.TryCreate(url.Trim(), UriKind.Absolute, out Uri? parsed) || parsed.Scheme is not ("http" or "https"))
        {
            throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"'{WithoutPassword(url)}' is not an API URL; {UrlVariable} takes one like {DefaultUrl}.");
        }

        // Nothing that shows the URL may show a password in it.
        Url = parsed.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');
        ApiKey = Given(apiKey);
        AuthString = Given(authString) ?? (parsed.UserInfo.Contains(':', StringComparison.Ordinal) ? Uri.UnescapeDataString(parsed.UserInfo) : null);
    }

    /// <summary>The API's URL without a slash at its end.</summary>
    public string Url { get; }

    /// <summary>The bearer token, or null.</summary>
    public string? ApiKey { get; }

    /// <summary><c>user:password</c>, or null.</summary>
    public string? AuthString { get; }

    /// <summary>What the environment names, or null where <c>PREFECT_API_URL</c> is not set.</summary>
    /// <exception cref="OrchestrationException">Of kind Invalid: the variable holds no URL.</exception>
    public static ApiEndpoint? FromEnvironment() => FromEnvironment(Environment.GetEnvironmentVariable);

    /// <summary>
    /// Finds the API: <c>PREFECT_API_URL</c>, else <paramref name="configured"/>, else the server of this home (<c>server.json</c>) when it
    /// answers, else null: then nothing runs, and the embedded API may be opened.
    /// </summary>
    /// <param name="home">The home folder whose server counts.</param>
    /// <param name="configured">What the caller's configuration names, or null.</param>
    /// <param name="cancellationToken">Ends the wait for the server's answer, which takes at most two seconds.</param>
    /// <exception cref="OrchestrationException">Of kind Invalid: <c>PREFECT_API_URL</c> holds no URL.</exception>
    public static async Task<ApiEndpoint?> ResolveAsync(SluiceHome home, ApiEndpoint? configured, CancellationToken cancellationToken) =>
        FromEnvironment() ?? configured ?? await ServerRecord.FindLivingAsync(home, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// The API that user code speaks to: <c>PREFECT_API_URL</c>, else the server that <c>server.json</c> of this home names, else
    /// <see cref="DefaultUrl"/>. Whether something answers there is for the first call to find out.
    /// </summary>
    /// <exception cref="OrchestrationException">Of kind Invalid: <c>PREFECT_API_URL</c> holds no URL.</exception>
    public static ApiEndpoint Resolve(SluiceHome home) =>
        FromEnvironment() ?? ServerRecord.Read(home)?.Endpoint ?? new(DefaultUrl, Environment.GetEnvironmentVariable(KeyVariable), Environment.GetEnvironmentVariable(AuthStringVariable));

    /// <summary>The URL; never the secrets.</summary>
    public override string ToString() => Url;

    internal static ApiEndpoint? FromEnvironment(Func<string, string?> variable) =>
        Given(variable(UrlVariable)) is { } url ? new(url, variable(KeyVariable), variable(AuthStringVariable)) : null;

    private static string WithoutPassword(string url)
    {
        int at = url.LastIndexOf('@');
        int start = url.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0 ? scheme + 3 : 0;
        return at > start ? url[..start] + "…" + url[at..] : url;
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
