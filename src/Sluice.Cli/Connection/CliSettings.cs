using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;

namespace Sluice.Cli.Connection;

/// <summary>
/// Settings by name: the environment wins over <c>$SLUICE_HOME/config.json</c>, a flat JSON object of texts that <c>sluice config set</c> writes.
/// </summary>
internal sealed class CliSettings(SluiceHome home)
{
    public const string ApiUrl = ApiEndpoint.UrlVariable;
    public const string ApiKey = ApiEndpoint.KeyVariable;
    public const string ApiAuthString = ApiEndpoint.AuthStringVariable;
    public const string ServerAuthString = "PREFECT_SERVER_API_AUTH_STRING";

    /// <summary>The bearer token that a server of this machine asks for.</summary>
    public const string ServerApiKey = "SLUICE_SERVER_API_KEY";

    /// <summary>Whether a server of this machine asks for CSRF tokens, as with Prefect.</summary>
    public const string ServerCsrf = "PREFECT_SERVER_CSRF_PROTECTION_ENABLED";

    /// <summary>Whether workers of this machine take signed packages alone.</summary>
    public const string RequireSignature = "SLUICE_REQUIRE_SIGNATURE";

    /// <summary>The keys that may sign, as files or p256:…, with commas between.</summary>
    public const string AllowedKeys = "SLUICE_ALLOWED_KEYS";

    /// <summary>The repositories that programs may be built from, with commas between.</summary>
    public const string AllowedRepositories = "SLUICE_ALLOWED_REPOSITORIES";

    private Dictionary<string, string>? _file;

    /// <summary>The settings there are.</summary>
    public static IReadOnlyList<string> Names { get; } = [ApiUrl, ApiKey, ApiAuthString, ServerAuthString, ServerApiKey, ServerCsrf, RequireSignature, AllowedKeys, AllowedRepositories];

    public static bool IsSecret(string name) => name is ApiKey or ApiAuthString or ServerAuthString or ServerApiKey;

    public string? this[string name] => Find(name)?.Value;

    /// <summary>A setting's value and where it comes from: <c>environment</c> or <c>config.json</c>; null when it is unset.</summary>
    public (string Value, string Source)? Find(string name)
    {
        if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            return (value, "environment");
        return File.TryGetValue(name, out value) && value.Length > 0 ? (value, "config.json") : null;
    }

    /// <summary>Changes settings in the file; null removes one. The file is replaced whole, readable by its owner only, since it may hold keys.</summary>
    public void Save(IReadOnlyDictionary<string, string?> changes)
    {
        var settings = new SortedDictionary<string, string>(File, StringComparer.Ordinal);
        foreach ((string name, string? value) in changes)
        {
            if (value is null)
                settings.Remove(name);
            else
                settings[name] = value;
        }
        Directory.CreateDirectory(home.Root);
        AtomicFile.Write(home.Config, JsonFile.Bytes(writer =>
        {
            writer.WriteStartObject();
            foreach ((string name, string value) in settings)
                writer.WriteString(name, value);
            writer.WriteEndObject();
        }), ownerOnly: true);
        _file = new(settings, StringComparer.Ordinal);
    }

    private Dictionary<string, string> File => _file ??= Load();

    private Dictionary<string, string> Load()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        byte[] json;
        try
        {
            json = System.IO.File.ReadAllBytes(home.Config);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return settings;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
                settings[property.Name] = property.Value.GetString() ?? "";
            return settings;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new CliException($"'{home.Config}' is not a JSON object of texts: {exception.Message} Mend or delete it.", ExitCodes.Failed, exception);
        }
    }
}
