using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Sluice.Orchestration.Http;

/// <summary>How the client speaks to the API, by the variables that Prefect's own client obeys.</summary>
internal sealed record ApiClientSettings
{
    public const string TimeoutVariable = "PREFECT_API_REQUEST_TIMEOUT";
    public const string MaxRetriesVariable = "PREFECT_CLIENT_MAX_RETRIES";
    public const string JitterVariable = "PREFECT_CLIENT_RETRY_JITTER_FACTOR";
    public const string HeadersVariable = "PREFECT_CLIENT_CUSTOM_HEADERS";
    public const string SkipVerifyVariable = "PREFECT_API_TLS_INSECURE_SKIP_VERIFY";
    public const string CertificatesVariable = "PREFECT_API_SSL_CERT_FILE";

    /// <summary>Headers that say who asks; nobody may put others in their place.</summary>
    private static readonly HashSet<string> s_own = new(StringComparer.OrdinalIgnoreCase)
    {
        "User-Agent", "Content-Type", "Content-Length", "Host", "Transfer-Encoding", "Prefect-Csrf-Token", "Prefect-Csrf-Client", HttpTransport.VersionHeader,
        HttpTransport.LeaseHeader, HttpTransport.AttemptHeader, HttpTransport.CrashRetriesHeader, HttpTransport.ApplyHeader,
    };

    /// <summary>How long one attempt may take; 60 s, Prefect's default.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a failed request is sent again at most.</summary>
    public int MaxRetries { get; init; } = 5;

    /// <summary>The share by which pauses differ, so that clients that failed together do not come back together.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>Further headers of every request, as a gateway in front of the API may ask for.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the server's certificate is taken as it comes.</summary>
    public bool SkipsVerification { get; init; }

    /// <summary>A file of PEM certificates to trust in place of the system's; null for those.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>What the environment says.</summary>
    /// <exception cref="OrchestrationException">Of kind Invalid: a variable holds what it cannot.</exception>
    public static ApiClientSettings FromEnvironment() => FromEnvironment(Environment.GetEnvironmentVariable);

    internal static ApiClientSettings FromEnvironment(Func<string, string?> variable)
    {
        ApiClientSettings settings = new();
        string? Given(string name) => string.IsNullOrWhiteSpace(variable(name)) ? null : variable(name)!.Trim();

        return settings with
        {
            Timeout = Given(TimeoutVariable) is { } timeout ? TimeSpan.FromSeconds(Number(TimeoutVariable, timeout, "seconds above 0, as 60", value => value is > 0 and <= 86_400)) : settings.Timeout,
            MaxRetries = Given(MaxRetriesVariable) is { } retries ? (int)Number(MaxRetriesVariable, retries, "a whole number from 0 on, as 5", value => value is >= 0 and <= 1_000_000 && value == Math.Floor(value)) : settings.MaxRetries,
            Jitter = Given(JitterVariable) is { } jitter ? Number(JitterVariable, jitter, "a number from 0 to 1, as 0.2", value => value is >= 0 and <= 1) : settings.Jitter,
            Headers = Given(HeadersVariable) is { } headers ? HeadersOf(headers) : settings.Headers,
            SkipsVerification = Given(SkipVerifyVariable) is { } skips && Flag(skips),
            CertificateFile = Given(CertificatesVariable),
        };
    }

    /// <summary>Which servers are trusted.</summary>
    /// <exception cref="OrchestrationException">Of kind Invalid: the file of certificates cannot be read or holds none.</exception>
    public SslClientAuthenticationOptions Tls()
    {
        SslClientAuthenticationOptions options = new();
        if (SkipsVerification)
        {
#pragma warning disable CA5359 // the user asked for exactly this
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (CertificateFile is { } file)
        {
            X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            try
            {
                policy.CustomTrustStore.ImportFromPemFile(file);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
            {
                throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"{CertificatesVariable} names '{file}', which cannot be read: {error.Message}", error);
            }

            if (policy.CustomTrustStore.Count == 0)
            {
                throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"{CertificatesVariable} names '{file}', which holds no certificate in PEM.");
            }

            options.CertificateChainPolicy = policy;
        }

        return options;
    }

    private static double Number(string name, string text, string takes, Func<double, bool> fits) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && fits(value)
            ? value
            : throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"{name} is '{text}'; it takes {takes}.");

    private static bool Flag(string text) => text.ToUpperInvariant() switch
    {
        "1" or "TRUE" or "T" or "YES" or "Y" or "ON" => true,
        "0" or "FALSE" or "F" or "NO" or "N" or "OFF" => false,
        _ => throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"{SkipVerifyVariable} is '{text}'; it takes true or false."),
    };

    // The values may be secrets: no message shows them.
    private static Dictionary<string, string> HeadersOf(string json)
    {
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        using HttpRequestMessage probe = new();
        int place = 0;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            foreach (JsonProperty header in document.RootElement.EnumerateObject())
            {
                if (s_own.Contains(header.Name))
                {
                    throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"{HeadersVariable} names {header.Name}, which is the client's own: leave it out.");
                }

                place++;
                string value = header.Value.GetString() ?? "";
                if (!probe.Headers.TryAddWithoutValidation(header.Name, ""))
                {
                    throw Refused(place, "a name that no request can carry: letters, digits and '-' make one");
                }

                if (value.Any(c => c is not ((>= ' ' and <= '~') or '\t')))
                {
                    throw Refused(place, "a value with other characters than those of ASCII that print, as the end of a line");
                }

                headers[header.Name] = value;
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new OrchestrationException(OrchestrationErrorKind.Invalid, HeadersVariable + """ is not a JSON object of texts, as {"X-Gateway-Token": "…"}.""");
        }

        return headers;
    }

    // Not even the name is shown, which may be a whole header line.
    private static OrchestrationException Refused(int place, string what) =>
        new(OrchestrationErrorKind.Invalid, $"{HeadersVariable}: the {place}{(place % 100 is >= 11 and <= 13 ? "th" : (place % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" })} header has {what}.");
}
