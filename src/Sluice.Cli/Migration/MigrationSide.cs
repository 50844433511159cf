using Sluice.Cli.Connection;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;

namespace Sluice.Cli.Migration;

/// <summary>One of the two servers of a migration: a URL, a home folder, or <c>embedded</c> for the home of this user.</summary>
internal sealed class MigrationSide : IAsyncDisposable
{
    /// <summary>The word that stands for the embedded API of <c>SLUICE_HOME</c>.</summary>
    public const string Embedded = "embedded";

    private MigrationSide(IOrchestrationApi api, string where, ApiInfo info)
    {
        Api = api;
        Where = where;
        Kind = new(info.Product, info.Version);
    }

    public IOrchestrationApi Api { get; }

    /// <summary>As people name it.</summary>
    public string Where { get; }

    public ServerKind Kind { get; }

    /// <summary>What a side's text means.</summary>
    /// <param name="option"><c>--from</c> or <c>--to</c>.</param>
    /// <param name="text">What stands there.</param>
    /// <param name="settings">The settings whose server's credentials are taken where the URL is that server's.</param>
    /// <param name="home">This user's home.</param>
    /// <exception cref="CliException">It is neither a URL nor a home, or holds a password.</exception>
    public static MigrationAddress Read(string option, string text, CliSettings settings, SluiceHome home)
    {
        text = text.Trim();
        if (text == Embedded)
            return new(option, null, home);
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https")
        {
            if (url.UserInfo.Length > 0)
                throw CliException.BadUsage($"{option} takes no user and password in its URL: set {AuthStringVariable(option)} to user:password");
            return new(option, Endpoint(option, text, settings, home), null);
        }
        bool isPath = text.Contains('/') || text.Contains('\\') || text is "." or "~" || Directory.Exists(text);
        if (!isPath || (text.Contains("://", StringComparison.Ordinal)))
            throw CliException.BadUsage($"{option} is '{text}'; it takes an API URL like {ApiEndpoint.DefaultUrl}, '{Embedded}', or the folder of a Sluice home");
        if (text == "~" || text.StartsWith("~/", StringComparison.Ordinal))
            text = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + text[1..];
        return new(option, null, new(Path.GetFullPath(text)));
    }

    /// <summary>Opens the side and asks what it is.</summary>
    /// <param name="address">Where.</param>
    /// <param name="mustExist">Whether a home without a database is an error, as for what is read; otherwise it is made.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<MigrationSide> OpenAsync(MigrationAddress address, bool mustExist, TimeProvider time, CancellationToken cancellationToken)
    {
        if (address.Home is { } home)
        {
            if (mustExist && !File.Exists(home.Database))
                throw CliException.BadUsage($"{address.Option}: there is no Sluice database at {home.Database}");
            IOrchestrationApi store = await EmbeddedApi.OpenAsync(home, time, cancellationToken);
            return await OpenAsync(store, $"the embedded API in {home.Root}", cancellationToken);
        }
        var client = new HttpOrchestrationApi(address.Endpoint!);
        try
        {
            return await OpenAsync(client, address.Endpoint!.Url, cancellationToken);
        }
        catch (OrchestrationException e) when (e.Kind == OrchestrationErrorKind.Unauthorized)
        {
            throw new CliException(
                $"{address.Endpoint!.Url} of {address.Option} refused the credentials (401): set {KeyVariable(address.Option)}, or {AuthStringVariable(address.Option)} to user:password", ExitCodes.Failed, e);
        }
        catch (OrchestrationException e)
        {
            throw new CliException($"{address.Option}: {e.Message}", ExitCodes.Failed, e);
        }
    }

    public ValueTask DisposeAsync() => Api.DisposeAsync();

    /// <summary>A side over an API that is closed with it.</summary>
    public static async Task<MigrationSide> OpenAsync(IOrchestrationApi api, string where, CancellationToken cancellationToken)
    {
        try
        {
            return new(api, where, await api.GetInfoAsync(cancellationToken));
        }
        catch
        {
            await api.DisposeAsync();
            throw;
        }
    }

    /// <summary>Credentials meant for this side, else those of the settings or of the running server where the URL is theirs. Never the other side's.</summary>
    private static ApiEndpoint Endpoint(string option, string url, CliSettings settings, SluiceHome home)
    {
        string? key = Environment.GetEnvironmentVariable(KeyVariable(option));
        string? authString = Environment.GetEnvironmentVariable(AuthStringVariable(option));
        var own = new ApiEndpoint(url, key, authString);
        if (own.ApiKey is not null || own.AuthString is not null)
            return own;
        if (settings[CliSettings.ApiUrl] is { } configured && IsSame(url, configured))
            return new(url, settings[CliSettings.ApiKey], settings[CliSettings.ApiAuthString]);
        return ServerRecord.Read(home) is { } record && IsSame(url, record.Url) ? new(url, record.ApiKey, record.AuthString) : own;
    }

    private static bool IsSame(string one, string other) =>
        Uri.TryCreate(one, UriKind.Absolute, out Uri? a) && Uri.TryCreate(other, UriKind.Absolute, out Uri? b)
            && Uri.Compare(a, b, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static string KeyVariable(string option) => $"SLUICE_{option.TrimStart('-').ToUpperInvariant()}_API_KEY";

    private static string AuthStringVariable(string option) => $"SLUICE_{option.TrimStart('-').ToUpperInvariant()}_API_AUTH_STRING";
}

/// <summary>Where a side is: either a server or a home.</summary>
internal sealed record MigrationAddress(string Option, ApiEndpoint? Endpoint, SluiceHome? Home)
{
    /// <summary>Whether both are the same database, as far as it can be told: the server of a home says where it listens.</summary>
    public bool IsSame(MigrationAddress other) =>
        Key.Equals(other.Key, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal)
            || Serves(this, other) || Serves(other, this);

    private string Key => Endpoint is { } server ? new Uri(server.Url).AbsoluteUri.Replace("//localhost", "//127.0.0.1", StringComparison.OrdinalIgnoreCase) : Home!.Root;

    private static bool Serves(MigrationAddress home, MigrationAddress server) =>
        home.Home is { } folder && server.Endpoint is { } endpoint && ServerRecord.Read(folder) is { } record && record.Url == endpoint.Url;
}
