using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>Where an orchestration API is and how it is asked: what <c>PREFECT_API_URL</c>, <c>PREFECT_API_KEY</c> and <c>PREFECT_API_AUTH_STRING</c> say.</summary>
/// <remarks>Credentials are sent to this address only, and never printed: <see cref="ToString"/> is the URL alone.</remarks>
public sealed class ApiEndpoint
{
    /// <summary>The environment variable with the URL, which ends in <c>/api</c> on a server of one's own.</summary>
    public const string UrlVariable = "PREFECT_API_URL";

    /// <summary>The environment variable with the key that is sent as <c>Authorization: Bearer</c>.</summary>
    public const string KeyVariable = "PREFECT_API_KEY";

    /// <summary>The environment variable with <c>user:password</c> that is sent as <c>Authorization: Basic</c> and wins over the key (Prefect 3 behaviour).</summary>
    public const string AuthStringVariable = "PREFECT_API_AUTH_STRING";

    /// <summary>Where a server listens by default.</summary>
    public static readonly Uri DefaultUrl = new("http://127.0.0.1:4200/api");

    /// <summary>Creates an endpoint.</summary>
    /// <param name="url">An absolute http or https URL.</param>
    /// <param name="apiKey">The key, where one is needed.</param>
    /// <param name="authString"><c>user:password</c>, where they are needed.</param>
    public ApiEndpoint(Uri url, string? apiKey = null, string? authString = null)
    {
        Url = url;
        ApiKey = apiKey;
        AuthString = authString;
    }

    /// <summary>The API's URL.</summary>
    public Uri Url { get; }

    /// <summary>The key, or null.</summary>
    public string? ApiKey { get; }

    /// <summary><c>user:password</c>, or null.</summary>
    public string? AuthString { get; }

    /// <summary>The endpoint that <c>PREFECT_API_URL</c> names, or null where it is unset or empty.</summary>
    /// <exception cref="OrchestrationException">Of kind Invalid: it is no http or https URL.</exception>
    public static ApiEndpoint? FromEnvironment()
    {
        string? text = Variable(UrlVariable);
        return text is null ? null : new(Parse(text, UrlVariable), Variable(KeyVariable), Variable(AuthStringVariable));
    }

    /// <summary>
    /// The endpoint that user code speaks to: <c>PREFECT_API_URL</c>, else the running server that <see cref="SluiceHome.ServerRecord"/> names, else
    /// <see cref="DefaultUrl"/>. Whether something answers there is for the first call to find out.
    /// </summary>
    /// <exception cref="OrchestrationException">Of kind Invalid: <c>PREFECT_API_URL</c> is no http or https URL.</exception>
    public static ApiEndpoint Resolve(SluiceHome home) =>
        FromEnvironment() ?? new(FromServerRecord(home.ServerRecord) ?? DefaultUrl, Variable(KeyVariable), Variable(AuthStringVariable));

    /// <summary>The URL, without credentials.</summary>
    public override string ToString() => Url.ToString();

    /// <summary>The URL of a server that wrote its record and did not remove it. A record that cannot be read names no server.</summary>
    private static Uri? FromServerRecord(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using JsonDocument record = JsonDocument.Parse(file);
            return record.RootElement.ValueKind == JsonValueKind.Object
                && record.RootElement.TryGetProperty("url", out JsonElement url)
                && url.ValueKind == JsonValueKind.String
                && IsHttp(url.GetString(), out Uri? found) ? found : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static Uri Parse(string text, string variable) => IsHttp(text.TrimEnd('/'), out Uri? url)
        ? url
        : throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"{variable} is not an http or https URL: set it to one like {DefaultUrl}");

    private static bool IsHttp(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Uri? url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
}
