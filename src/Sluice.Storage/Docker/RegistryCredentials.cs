using System.Text;
using System.Text.Json;
using Sluice.Storage.Programs;

namespace Sluice.Storage.Docker;

/// <summary>A user of a registry.</summary>
/// <param name="User">The name; <c>&lt;token&gt;</c> where the password is an identity token.</param>
/// <param name="Password">The password or token.</param>
internal sealed record RegistryCredentials(string User, string Password)
{
    private const string HubKey = "https://index.docker.io/v1/";

    /// <summary>Keeps the password out of whatever prints a record.</summary>
    public override string ToString() => User;

    /// <summary>What <c>docker login</c> keeps for a registry: its entry in <c>config.json</c>, or what the credential helper named there gives.</summary>
    /// <param name="registry">The registry's host and port.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="StorageException">Of kind Invalid: the file cannot be read, or the helper does not run.</exception>
    public static async Task<RegistryCredentials?> FindAsync(string registry, CancellationToken cancellationToken)
    {
        string folder = Environment.GetEnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } named
            ? named : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");
        string file = Path.Combine(folder, "config.json");
        if (!File.Exists(file))
            return null;
        try
        {
            using JsonDocument config = JsonDocument.Parse(await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false));
            string[] keys = registry is "docker.io" or "registry-1.docker.io" ? [HubKey, "docker.io"] : [registry, "https://" + registry, "http://" + registry];
            foreach (string key in keys)
            {
                if (Text(config.RootElement, "credHelpers", key) is { } helper)
                    return await AskAsync(helper, key, cancellationToken).ConfigureAwait(false);
            }
            foreach (string key in keys)
            {
                if (Entry(config.RootElement, key) is { } entry)
                    return entry;
            }
            return Text(config.RootElement, "credsStore") is { } store ? await AskAsync(store, keys[0], cancellationToken).ConfigureAwait(false) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException || IoErrors.IsIo(e))
        {
            throw new StorageException(StorageErrorKind.Invalid, $"Docker's configuration {file} cannot be read: {e.Message.TrimEnd('.')}. Mend it, or run docker login again.", e);
        }
    }

    private static RegistryCredentials? Entry(JsonElement config, string key)
    {
        if (Text(config, "auths", key, "identitytoken") is { } token)
            return new("<token>", token);
        if (Text(config, "auths", key, "auth") is { } auth)
        {
            string pair = Encoding.UTF8.GetString(Convert.FromBase64String(auth));
            int colon = pair.IndexOf(':', StringComparison.Ordinal);
            return colon < 0 ? throw new FormatException($"the entry of {key} is no user and password") : new(pair[..colon], pair[(colon + 1)..].TrimEnd('\0'));
        }
        return Text(config, "auths", key, "username") is { } user && Text(config, "auths", key, "password") is { } password ? new(user, password) : null;
    }

    private static async Task<RegistryCredentials?> AskAsync(string helper, string key, CancellationToken cancellationToken)
    {
        string program = "docker-credential-" + helper;
        ChildProgram.Result answer = await ChildProgram.RunAsync(program, ["get"], input: key, cancellationToken: cancellationToken).ConfigureAwait(false)
            ?? throw new StorageException(StorageErrorKind.Invalid, $"Docker's configuration names the credential helper {program}, which is not on PATH: install it, or run docker login again.");
        if (answer.ExitCode != 0)
        {
            // How helpers say that they have none.
            return (answer.Output + answer.Error).Contains("not found", StringComparison.OrdinalIgnoreCase) ? null
                : throw new StorageException(StorageErrorKind.Invalid, $"The credential helper {program} failed for {key} (exit code {answer.ExitCode}): run it by hand, or docker login again.");
        }
        using JsonDocument given = JsonDocument.Parse(answer.Output);
        return Text(given.RootElement, "Username") is { } user && Text(given.RootElement, "Secret") is { } secret ? new(user, secret) : null;
    }

    private static string? Text(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (string name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        }
        return element.ValueKind == JsonValueKind.String && element.GetString() is { Length: > 0 } text ? text : null;
    }
}
