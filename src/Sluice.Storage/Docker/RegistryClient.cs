using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Storage.Remote;

namespace Sluice.Storage.Docker;

/// <summary>Asks a registry what it has and whether it takes images. Images themselves are sent by the SDK's container publish.</summary>
/// <remarks>Rule: OCI distribution specification 1.1; "Token authentication" of the CNCF distribution project.</remarks>
internal sealed partial class RegistryClient(string registry, RegistryCredentials? given, TimeProvider time) : IDisposable
{
    private const int Attempts = 4;

    // Registries keep manifests of 4 MB; what is longer is no answer of one, and a record alone may name who answers.
    private const int LongestAnswer = 16 << 20;

    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);

    private static readonly string[] s_manifests =
    [
        "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json",
    ];

    private readonly bool _insecure = IsInsecure(registry);
    private readonly Dictionary<string, AuthenticationHeaderValue> _authorizations = new(StringComparer.Ordinal);
    private HttpClient? _http;
    private RegistryCredentials? _credentials = given;

    /// <summary>Whether there are credentials for it, once it was asked.</summary>
    public bool HasCredentials => _credentials is not null;

    /// <summary>Who asks, for messages.</summary>
    private string Who => _credentials is { } known ? $"the user '{known.User}'" : "anybody without credentials";

    /// <summary>Whether plain HTTP and unknown certificates are fine: what the SDK's container publish goes by, too.</summary>
    public static bool IsInsecure(string registry) =>
        registry.Split(':')[0] is "localhost"
        || (Environment.GetEnvironmentVariable("DOTNET_CONTAINER_INSECURE_REGISTRIES") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Contains(registry, StringComparer.OrdinalIgnoreCase);

    /// <summary>Asks whether an image may be pushed, by beginning an upload and giving it up.</summary>
    public async Task CheckPushAsync(string repository, CancellationToken cancellationToken)
    {
        string what = $"Cannot push to {registry}/{repository}";
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, $"/v2/{repository}/blobs/uploads/", $"repository:{repository}:pull,push", what, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw await RefusedAsync(response, what, cancellationToken).ConfigureAwait(false);
        if (response.Headers.Location is not { } upload)
            return;
        string path = upload.IsAbsoluteUri ? upload.PathAndQuery : upload.OriginalString;
        using HttpResponseMessage _ = await SendAsync(HttpMethod.Delete, path, $"repository:{repository}:pull,push", what, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A manifest with its digest; null where there is none.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="reference">A tag, or a digest: what comes is held against it.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<(string Digest, JsonElement Manifest)?> FindManifestAsync(string repository, string reference, CancellationToken cancellationToken)
    {
        if (await GetAsync($"/v2/{repository}/manifests/{reference}", repository, $"Cannot read {registry}/{repository}", cancellationToken).ConfigureAwait(false) is not { } content)
            return null;
        string digest = DigestOf(content);
        if (reference.Contains(':', StringComparison.Ordinal) && digest != reference)
            throw new StorageException(StorageErrorKind.Damaged, $"The registry {registry} gave another image than {repository}@{reference} ({digest}): publish again, and tell whoever runs the registry.");
        return (digest, Parse(content) ?? throw new StorageException(StorageErrorKind.Unavailable, $"Cannot read {registry}/{repository}: what came is no answer of a registry. Is {registry} one, or does something before it want a sign-in?"));
    }

    /// <summary>The labels of an image (of an index: of its first image); null where the image is not there, or is none that this program made.</summary>
    public async Task<IReadOnlyDictionary<string, string>?> FindLabelsAsync(string repository, string reference, CancellationToken cancellationToken)
    {
        if (await FindConfigAsync(repository, reference, cancellationToken).ConfigureAwait(false) is not { } image)
            return null;
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (At(At(image, "config"), "Labels") is { ValueKind: JsonValueKind.Object } all)
        {
            foreach (JsonProperty label in all.EnumerateObject())
                labels[label.Name] = label.Value.ToString();
        }
        return labels;
    }

    /// <summary>The environment of an image (of an index: of its first image); null where the image is not there.</summary>
    public async Task<IReadOnlyDictionary<string, string>?> FindEnvironmentAsync(string repository, string reference, CancellationToken cancellationToken)
    {
        if (await FindConfigAsync(repository, reference, cancellationToken).ConfigureAwait(false) is not { } image)
            return null;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        if (At(At(image, "config"), "Env") is { ValueKind: JsonValueKind.Array } all)
        {
            foreach (string variable in all.EnumerateArray().Select(variable => variable.ToString()))
                environment[variable.Split('=', 2)[0]] = variable.Contains('=', StringComparison.Ordinal) ? variable.Split('=', 2)[1] : "";
        }
        return environment;
    }

    private async Task<JsonElement?> FindConfigAsync(string repository, string reference, CancellationToken cancellationToken)
    {
        if (await FindManifestAsync(repository, reference, cancellationToken).ConfigureAwait(false) is not { } found)
            return null;
        JsonElement manifest = found.Manifest;
        if (At(manifest, "manifests") is { } images)
        {
            if (images.ValueKind != JsonValueKind.Array || TextAt(images.EnumerateArray().FirstOrDefault(), "digest") is not { } first
                || await FindManifestAsync(repository, first, cancellationToken).ConfigureAwait(false) is not { } one)
                return null;
            manifest = one.Manifest;
        }
        if (TextAt(At(manifest, "config"), "digest") is not { } config)
            return null;
        byte[]? content = await GetAsync($"/v2/{repository}/blobs/{config}", repository, $"Cannot read {registry}/{repository}", cancellationToken).ConfigureAwait(false);
        return content is null || DigestOf(content) != config || Parse(content) is not { ValueKind: JsonValueKind.Object } image ? null : image;
    }

    public void Dispose() => _http?.Dispose();

    private static string DigestOf(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>The JSON; null where it is none: the page of a proxy, or of whoever else answers there.</summary>
    private static JsonElement? Parse(byte[] content)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(content);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement? At(JsonElement? from, string name) =>
        from is { ValueKind: JsonValueKind.Object } known && known.TryGetProperty(name, out JsonElement value) ? value : null;

    private static string? TextAt(JsonElement? from, string name) =>
        At(from, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private async Task<byte[]?> GetAsync(string path, string repository, string what, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, path, $"repository:{repository}:pull", what, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        if (!response.IsSuccessStatusCode)
            throw await RefusedAsync(response, what, cancellationToken).ConfigureAwait(false);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string scope, string what, CancellationToken cancellationToken)
    {
        HttpClient http = _http ??= await ConnectAsync(what, cancellationToken).ConfigureAwait(false);
        bool asked = false;
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan pause = TimeSpan.FromSeconds(0.25 * (1 << attempt));
            try
            {
                using var request = new HttpRequestMessage(method, path);
                request.Headers.Authorization = _authorizations.GetValueOrDefault(scope);
                foreach (string type in s_manifests)
                    request.Headers.Accept.ParseAdd(type);
                request.Headers.Accept.ParseAdd("*/*");
                HttpResponseMessage response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
                if (response.StatusCode == HttpStatusCode.Unauthorized && !asked)
                {
                    using (response)
                        asked = await AuthorizeAsync(http, response, scope, what, cancellationToken).ConfigureAwait(false);
                    continue;
                }
                if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
                    || attempt == Attempts)
                    return response;
                if (response.Headers.RetryAfter is { } after && (after.Delta ?? after.Date - time.GetUtcNow()) is { Ticks: > 0 } told)
                    pause = told < s_longestPause ? told : s_longestPause;
                response.Dispose();
            }
            catch (Exception e) when (IsConnection(e, cancellationToken) && attempt < Attempts && e is not HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded })
            {
                // Asked again below.
            }
            catch (Exception e) when (IsConnection(e, cancellationToken))
            {
                throw Unreachable(e, what);
            }
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<HttpClient> ConnectAsync(string what, CancellationToken cancellationToken)
    {
        _credentials ??= await RegistryCredentials.FindAsync(registry, cancellationToken).ConfigureAwait(false);
        string host = registry is "docker.io" ? "registry-1.docker.io" : registry;
        if (!_insecure)
            return Client(new("https://" + host));
        HttpClient secure = Client(new("https://" + host));
        try
        {
            using HttpResponseMessage _ = await secure.GetAsync(new Uri("/v2/", UriKind.Relative), cancellationToken).ConfigureAwait(false);
            return secure;
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError)
        {
            secure.Dispose();
            throw Unreachable(e, what);
        }
        catch (Exception e) when (IsConnection(e, cancellationToken))
        {
            // It speaks no TLS.
            secure.Dispose();
            return Client(new("http://" + host));
        }
    }

    private HttpClient Client(Uri address)
    {
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(15) };
        if (_insecure)
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        return new HttpClient(new StallHandler(time) { InnerHandler = handler }) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LongestAnswer };
    }

    /// <summary>Answers a 401: by name and password, or by a token that the registry's own service gives for them.</summary>
    private async Task<bool> AuthorizeAsync(HttpClient http, HttpResponseMessage response, string scope, string what, CancellationToken cancellationToken)
    {
        AuthenticationHeaderValue? basic = _credentials is { } known
            ? new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{known.User}:{known.Password}"))) : null;
        AuthenticationHeaderValue? bearer = response.Headers.WwwAuthenticate.FirstOrDefault(c => c.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase));
        if (bearer is null)
        {
            _authorizations[scope] = basic ?? throw NoCredentials(what);
            return true;
        }
        Dictionary<string, string> challenge = ChallengePart().Matches(bearer.Parameter ?? "").ToDictionary(m => m.Groups[1].Value.ToLowerInvariant(), m => m.Groups[2].Value);
        if (!challenge.TryGetValue("realm", out string? realm) || !Uri.TryCreate(realm, UriKind.Absolute, out Uri? service) || (service.Scheme != Uri.UriSchemeHttps && !_insecure))
            throw new StorageException(StorageErrorKind.Unavailable, $"{what}: the registry names no service that gives tokens. Is {registry} a registry?");
        string query = $"?service={Uri.EscapeDataString(challenge.GetValueOrDefault("service", ""))}&scope={Uri.EscapeDataString(scope)}";
        using HttpRequestMessage request = _credentials is { User: "<token>" } identity
            ? new(HttpMethod.Post, service) { Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["service"] = challenge.GetValueOrDefault("service", ""), ["scope"] = scope, ["client_id"] = "sluice", ["refresh_token"] = identity.Password }) }
            : new(HttpMethod.Get, service + query);
        if (_credentials is { User: not "<token>" })
            request.Headers.Authorization = basic;
        using HttpResponseMessage answer = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            throw _credentials is null ? NoCredentials(what) : WrongCredentials(what);
        if (!answer.IsSuccessStatusCode)
            throw new StorageException(StorageErrorKind.Unavailable, $"{what}: {service.Host}, which gives its tokens, answered {(int)answer.StatusCode}. Try again later.");
        JsonElement? token = Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        string? text = TextAt(token, "token") ?? TextAt(token, "access_token");
        _authorizations[scope] = new("Bearer", text ?? throw new StorageException(StorageErrorKind.Unavailable, $"{what}: {service.Host} gave no token. Try again later."));
        return true;
    }

    private async Task<StorageException> RefusedAsync(HttpResponseMessage response, string what, CancellationToken cancellationToken)
    {
        int status = (int)response.StatusCode;
        string said = ErrorIn(await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false)) is { } error ? $" ({status}: {error})" : $" ({status})";
        return status switch
        {
            401 => _credentials is null ? NoCredentials(what) : WrongCredentials(what),
            403 => new(StorageErrorKind.Forbidden, $"{what}: the registry lets {Who} read at most{said}. Ask for the permission to push there, or name another place."),
            404 => new(StorageErrorKind.NotFound, $"{what}: the registry has no such repository and makes none{said}. Create it, or correct the storage URI."),
            405 => new(StorageErrorKind.Forbidden, $"{what}: the registry takes no images{said}: it is read-only, or a mirror. Name another one."),
            413 or 507 => new(StorageErrorKind.Full, $"{what}: the registry has no space left, or its quota is used up{said}."),
            429 => new(StorageErrorKind.Unavailable, $"{what}: the registry wants fewer requests{said}. Try again later."),
            >= 500 => new(StorageErrorKind.Unavailable, $"{what}: the registry is failing{said}. Try again later."),
            _ => new(StorageErrorKind.Unavailable, $"{what}: the registry refused{said}."),
        };
    }

    private StorageException NoCredentials(string what) =>
        new(StorageErrorKind.Forbidden, $"{what}: the registry wants credentials (401). Run docker login {registry}, or write username=NAME&password=${{NAME}} as options of the storage URI.");

    private StorageException WrongCredentials(string what) =>
        new(StorageErrorKind.Forbidden, $"{what}: the registry refused {Who} (401): the password or token is wrong, or no longer valid. Run docker login {registry} again, or correct the secret.");

    private StorageException Unreachable(Exception e, string what) => new(StorageErrorKind.Unavailable, $"{what}: {Why(e)}", e);

    private string Why(Exception e) => e switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => $"there is no host '{registry.Split(':')[0]}'. Correct the storage URI.",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => $"{registry} has no certificate that this machine trusts, or speaks plain HTTP: trust its certificate, or set DOTNET_CONTAINER_INSECURE_REGISTRIES={registry}.",
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => $"{registry} answered with more than {LongestAnswer >> 20} MB, which is no answer of a registry.",
        HttpRequestException => $"{registry} cannot be reached ({e.Message.TrimEnd('.')}). Is the address right, and the registry up?",
        _ => $"{registry} did not answer in time. Is the registry up?",
    };

    private static bool IsConnection(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested);

    private static string? ErrorIn(string body)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            JsonElement error = json.RootElement.GetProperty("errors")[0];
            string code = error.GetProperty("code").GetString() ?? "", message = error.TryGetProperty("message", out JsonElement text) ? text.GetString() ?? "" : "";
            return string.Join(", ", new[] { code, message }.Where(part => part.Length > 0)).ReplaceLineEndings(" ");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            return null; // The page of some proxy.
        }
    }

    [GeneratedRegex("(\\w+)=\"([^\"]*)\"")]
    private static partial Regex ChallengePart();
}
