using System.Text.Json;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Http;
using Sluice.Storage.Options;

namespace Sluice.Storage.Gcs;

/// <summary>What a <c>gs://</c> URI can say, and the client that follows from it.</summary>
internal sealed class GcsOptions
{
    /// <summary>The options by name.</summary>
    public static readonly IReadOnlyList<StoreOption> Known =
    [
        new("service_account_info", "Key of a service account, as JSON. Default: application default credentials (GOOGLE_APPLICATION_CREDENTIALS, gcloud, the machine's).", IsSecret: true),
        new("project", "Project that is billed for requests. Default: the bucket's owner."),
        new("endpoint_url", "Address of the service. Default: STORAGE_EMULATOR_HOST (without credentials), else Google's."),
    ];

    private const string Google = "https://storage.googleapis.com";
    private const string Scope = "https://www.googleapis.com/auth/devstorage.read_write";
    private const int Tries = 6;

    private GcsOptions(ConfigurableHttpClient http, Uri endpoint, string? project, ServiceAccountCredential? signer)
    {
        Http = http;
        Endpoint = endpoint;
        Project = project;
        Signer = signer;
    }

    /// <summary>Signs in, and tries again what failed for a moment.</summary>
    public ConfigurableHttpClient Http { get; }

    /// <summary>The address of the service, without a path.</summary>
    public Uri Endpoint { get; }

    public string? Project { get; }

    /// <summary>Who signs URLs; null where the credentials have no key of their own.</summary>
    public ServiceAccountCredential? Signer { get; }

    /// <summary>Makes the client.</summary>
    public static async Task<GcsOptions> ResolveAsync(StoreOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        string? emulator = Environment.GetEnvironmentVariable("STORAGE_EMULATOR_HOST");
        string? given = await options.GetAsync("endpoint_url", cancellationToken).ConfigureAwait(false);
        string address = given ?? (string.IsNullOrEmpty(emulator) ? Google : emulator.Contains("://", StringComparison.Ordinal) ? emulator : "http://" + emulator);
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? endpoint) || endpoint.Scheme is not ("http" or "https"))
            throw new StorageException(StorageErrorKind.Invalid, $"The address of Google Cloud Storage is '{address}': write it as https://host:port.");
        string? key = await options.GetAsync("service_account_info", cancellationToken).ConfigureAwait(false);
        // An emulator knows nobody, so it is asked without credentials.
        GoogleCredential? credential = key is not null ? FromKey(key)
            : given is null && !string.IsNullOrEmpty(emulator) ? null
            : await GoogleCredential.GetApplicationDefaultAsync(cancellationToken).ConfigureAwait(false);
        credential = credential?.CreateScoped(Scope);
        var arguments = new CreateHttpClientArgs { ApplicationName = "sluice", GZipEnabled = false };
        if (credential is not null)
            arguments.Initializers.Add(credential);
        arguments.Initializers.Add(new ExponentialBackOffInitializer(
            ExponentialBackOffPolicy.Exception | ExponentialBackOffPolicy.UnsuccessfulResponse503,
            () => new BackOffHandler(new Google.Apis.Util.ExponentialBackOff(TimeSpan.FromMilliseconds(200)))));
        ConfigurableHttpClient http = new GcsConnections(time).CreateHttpClient(arguments);
        http.MessageHandler.AddUnsuccessfulResponseHandler(new RateLimitHandler(time));
        http.MessageHandler.NumTries = Tries;
        http.Timeout = Timeout.InfiniteTimeSpan;
        return new(http, endpoint, await options.GetAsync("project", cancellationToken).ConfigureAwait(false), credential?.UnderlyingCredential as ServiceAccountCredential);
    }

    private static GoogleCredential FromKey(string key)
    {
        try
        {
            return CredentialFactory.FromJson<ServiceAccountCredential>(key).ToGoogleCredential();
        }
        catch (Exception e) when (e is InvalidOperationException or JsonException or FormatException or ArgumentException or Newtonsoft.Json.JsonException)
        {
            // The exception may show the key; it is not passed on.
            throw new StorageException(StorageErrorKind.Invalid, "The option service_account_info is no key of a service account: give the JSON text that Google made, of type service_account.");
        }
    }
}
