using System.Text;
using System.Text.Json;
using Sluice.Storage.Options;
using Sluice.Storage.Packages;
using Sluice.Storage.Remote;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Webhook;

/// <summary>
/// Whatever takes an archive by one HTTP request and gives it back by another: <c>webhook+https://host/path?build_method=PUT&amp;…</c>, as Prefect's Webhook storage.
/// A package is one archive; its location holds what the get request needs, the id that the server gave, and no secret.
/// </summary>
internal sealed class WebhookStore : IPackageStore, IArchiveStore
{
    // An archive inside a text is in memory several times.
    private const int LargestInText = 64 * 1024 * 1024;
    private const long LargestAnswer = LargestInText / 3 * 4 + 1024 * 1024;

    private readonly ISecretSource _secrets;
    private readonly HttpRequests _client;
    private readonly Lazy<Task<WebhookOptions>> _options;

    internal WebhookStore(Uri location, ISecretSource secrets, TimeProvider time)
    {
        (_secrets, _client, Location) = (secrets, new("The webhook", "Check the secrets that its headers refer to.", time), location);
        if (location.Host.Length == 0 || location.UserInfo.Length > 0)
            throw Invalid($"The storage '{Shown}' names no host, or a password: write it as webhook+https://host/path?….");
        if (location.Scheme == "webhook+http" && !location.IsLoopback)
            throw Invalid($"The storage '{Shown}' is neither encrypted nor on this machine: write it as webhook+https://….");
        StoreOptions options = StoreOptions.Read(location, WebhookOptions.Known, secrets);
        if (options.Text("config") is { } file)
        {
            _options = new(async () => WebhookOptions.Read(await WebhookConfig.ExpandAsync(location, file, CancellationToken.None).ConfigureAwait(false), secrets));
            return;
        }
        WebhookOptions read = WebhookOptions.Read(location, secrets);
        _options = new(() => Task.FromResult(read));
    }

    public Uri Location { get; }

    private string Shown => StoreOptions.Shown(Location);

    public async Task<Uri> PutArchiveAsync(ArchiveName name, string digest, Stream archive, CancellationToken cancellationToken)
    {
        WebhookOptions options = await _options.Value.ConfigureAwait(false);
        var values = new Dictionary<string, string> { ["name"] = name.Package, ["key"] = name.Key, ["sha256"] = digest };
        ResolvedRequest request = await ResolveAsync(options.Build, "build", values, cancellationToken).ConfigureAwait(false);
        Func<Stream> body;
        if (request.Body is { } text)
        {
            byte[] bytes = await WithArchiveAsync(text, archive, cancellationToken).ConfigureAwait(false);
            body = () => new MemoryStream(bytes, writable: false);
        }
        else
        {
            body = () =>
            {
                archive.Position = 0;
                return archive;
            };
        }
        using HttpResponseMessage response = await _client.SendAsync(request, body, digest, null, cancellationToken).ConfigureAwait(false);
        if (options.IdPointer is { } pointer)
            values["id"] = await IdAsync(request, response, pointer, cancellationToken).ConfigureAwait(false);
        return LocationOf(options, values);
    }

    public async Task<bool> GivesAsync(Uri location)
    {
        if (location.Scheme != Location.Scheme)
            return false;
        try
        {
            WebhookOptions options = await _options.Value.ConfigureAwait(false);
            return LocationOf(options, WebhookOptions.Read(location, _secrets).Written).AbsoluteUri == location.AbsoluteUri;
        }
        catch (StorageException)
        {
            // Another version, or somebody by hand, wrote what this one does not read.
            return false;
        }
    }

    public async Task<Stream> GetArchiveAsync(PackageReference package, CancellationToken cancellationToken)
    {
        WebhookOptions options = WebhookOptions.Read(package.Location, _secrets);
        var values = new Dictionary<string, string>(options.Written) { ["sha256"] = package.Digest };
        ResolvedRequest request = await ResolveAsync(options.Get, "get", values, cancellationToken).ConfigureAwait(false);
        byte[]? text = request.Body is null ? null : Encoding.UTF8.GetBytes(request.Body);
        Func<Stream>? body = text is null ? null : () => new MemoryStream(text, writable: false);
        if (options.GetPointer is not { } pointer)
            return await _client.OpenAsync(request, body, cancellationToken).ConfigureAwait(false);
        using HttpResponseMessage response = await _client.SendAsync(request, body, null, null, cancellationToken).ConfigureAwait(false);
        return new MemoryStream(await DecodeAsync(request, response, pointer, cancellationToken).ConfigureAwait(false), writable: false);
    }

    public Task<long?> GetSizeAsync(string key, CancellationToken cancellationToken) => throw NoKeys();

    public Task PutAsync(string key, Stream content, CancellationToken cancellationToken) => throw NoKeys();

    public Task<bool> CreateAsync(string key, Stream content, CancellationToken cancellationToken) => throw NoKeys();

    public Task<Stream> GetAsync(string key, CancellationToken cancellationToken) => throw NoKeys();

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) => throw NoKeys();

    public Task<bool> DeleteAsync(string key, CancellationToken cancellationToken) => throw NoKeys();

    public Task<Uri?> PresignAsync(string key, PresignedUse use, TimeSpan lifetime, CancellationToken cancellationToken) => Task.FromResult<Uri?>(null);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Where a package is: the options of its get request, and the values of the words in them.</summary>
    private Uri LocationOf(WebhookOptions options, IReadOnlyDictionary<string, string> values) => WebhookConfig.WithOptions(Location,
    [
        .. options.Kept.Select(option => WebhookConfig.Pair(option.Name, option.Value)),
        .. WebhookTemplate.Words.Where(word => word != "sha256" && options.Get.Has(word) && values.ContainsKey(word)).Select(word => WebhookConfig.Pair(word, values[word])),
    ]);

    private async Task<ResolvedRequest> ResolveAsync(WebhookRequest request, string which, IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        var seen = new SeenSecrets(_secrets);
        string filled = request.Url.Fill(values, WebhookTemplate.ForUrl);
        string shown = filled.Split('?', '#')[0];
        string text = await SecretTemplate.ResolveAsync(filled, $"the address of the {which} request of the storage {Shown}", seen, cancellationToken).ConfigureAwait(false);
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0)
            throw Invalid($"The address of the {which} request of the storage {Shown}, {StorageLocation.Shown(filled)}, is no https address, or one with a password in it.");
        if (url.Scheme == "http" && !url.IsLoopback)
            throw Invalid($"The address of the {which} request of the storage {Shown}, {shown}, is neither encrypted nor on this machine: use https.");
        var headers = new List<(string, string)>();
        foreach ((string name, WebhookTemplate template) in request.Headers)
        {
            string value = await SecretTemplate.ResolveAsync(template.Fill(values, WebhookTemplate.Plain), $"the header {name} of the {which} request of the storage {Shown}", seen, cancellationToken).ConfigureAwait(false);
            if (value.Any(c => char.IsControl(c) && c != '\t'))
                throw Invalid($"The header {name} of the {which} request of the storage {Shown} has a line break in its value: remove it from the secret.");
            headers.Add((name, value));
        }
        string? body = request.Body is { } bodyTemplate
            ? await SecretTemplate.ResolveAsync(
                bodyTemplate.Fill(values, bodyTemplate.Text.TrimStart() is ['{' or '[', ..] ? WebhookTemplate.ForJson : WebhookTemplate.Plain),
                $"the body of the {which} request of the storage {Shown}", seen, cancellationToken).ConfigureAwait(false)
            : null;
        return new(request.Method, url, shown, headers, body, seen.Values);
    }

    private async Task<byte[]> WithArchiveAsync(string text, Stream archive, CancellationToken cancellationToken)
    {
        if (archive.Length > LargestInText)
            throw Invalid($"The package for the storage {Shown} is larger than 64 MiB, which is the most that build_body sends: leave build_body out, so that the archive itself is the body, or use another storage.");
        archive.Position = 0;
        var bytes = new MemoryStream();
        await archive.CopyToAsync(bytes, cancellationToken).ConfigureAwait(false);
        string base64 = Convert.ToBase64String(bytes.GetBuffer(), 0, (int)bytes.Length);
        return Encoding.UTF8.GetBytes(text.Replace($"{{{WebhookTemplate.Archive}}}", base64, StringComparison.Ordinal));
    }

    private async Task<string> IdAsync(ResolvedRequest request, HttpResponseMessage response, string pointer, CancellationToken cancellationToken)
    {
        JsonElement found = await FindAsync(request, response, pointer, "id_pointer", cancellationToken).ConfigureAwait(false);
        string? id = found.ValueKind switch
        {
            JsonValueKind.String => found.GetString(),
            JsonValueKind.Number => found.GetRawText(),
            _ => null,
        };
        return id is { Length: > 0 } ? id : throw Invalid($"The webhook's answer to {request.Method} {request.Shown} has at {pointer} (id_pointer) neither a text nor a number.");
    }

    private async Task<byte[]> DecodeAsync(ResolvedRequest request, HttpResponseMessage response, string pointer, CancellationToken cancellationToken)
    {
        JsonElement found = await FindAsync(request, response, pointer, "get_pointer", cancellationToken).ConfigureAwait(false);
        return found.ValueKind == JsonValueKind.String && found.TryGetBytesFromBase64(out byte[]? bytes)
            ? bytes
            : throw Invalid($"The webhook's answer to {request.Method} {request.Shown} has at {pointer} (get_pointer) no base64.");
    }

    private async Task<JsonElement> FindAsync(ResolvedRequest request, HttpResponseMessage response, string pointer, string option, CancellationToken cancellationToken)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(LargestAnswer, cancellationToken).ConfigureAwait(false);
            using JsonDocument json = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), cancellationToken: cancellationToken).ConfigureAwait(false);
            return JsonPointer.Find(json.RootElement, pointer) is { } found
                ? found.Clone()
                : throw Invalid($"The webhook's answer to {request.Method} {request.Shown} has nothing at {pointer} ({option}).");
        }
        catch (JsonException e)
        {
            throw new StorageException(StorageErrorKind.Invalid, $"The webhook's answer to {request.Method} {request.Shown} is no JSON, and {option} looks for {pointer} in it.", e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new StorageException(StorageErrorKind.Invalid, $"The webhook's answer to {request.Method} {request.Shown} is larger than {option} takes, which is an archive of 64 MiB as base64: let the answer be the archive itself, or use another storage.", e);
        }
        catch (Exception e) when (_client.Broken(e, request) is { } broken)
        {
            throw broken;
        }
    }

    private StorageException NoKeys() => Invalid($"The storage {Shown} is a webhook, which keeps whole packages and nothing else: it cannot be listed, verified or cleaned from here.");

    private static StorageException Invalid(string message) => new(StorageErrorKind.Invalid, message);

    /// <summary>Remembers what it gave.</summary>
    private sealed class SeenSecrets(ISecretSource inner) : ISecretSource
    {
        public HashSet<string> Values { get; } = new(StringComparer.Ordinal);

        public async ValueTask<string?> FindAsync(string name, CancellationToken cancellationToken)
        {
            string? value = await inner.FindAsync(name, cancellationToken).ConfigureAwait(false);
            if (value is not null)
                Values.Add(value);
            return value;
        }
    }
}
