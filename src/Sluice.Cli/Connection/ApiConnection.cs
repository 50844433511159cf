using Sluice.Orchestration;
using Sluice.Server;

namespace Sluice.Cli.Connection;

/// <summary>
/// The composition root: decides which orchestration API a verb talks to. <c>--api-url</c>, <c>PREFECT_API_URL</c> or the config name a server;
/// with none of them it is the embedded API of the home, opened directly.
/// </summary>
internal sealed class ApiConnection : IAsyncDisposable
{
    private readonly CliSettings _settings;

    private ApiConnection(IOrchestrationApi api, Uri? server, SluiceHome home, CliSettings settings)
    {
        Api = api;
        Server = server;
        Home = home;
        _settings = settings;
    }

    public IOrchestrationApi Api { get; }

    /// <summary>The server's URL; null when the API is the embedded one.</summary>
    public Uri? Server { get; }

    public SluiceHome Home { get; }

    /// <summary>Where the API is, for people.</summary>
    public string Where => Server?.AbsoluteUri ?? Home.Database;

    /// <summary>Opens the API that the option, the environment or the config names.</summary>
    public static async Task<ApiConnection> OpenAsync(
        SluiceHome home, CliSettings settings, string? apiUrlOption, TimeProvider time, CancellationToken cancellationToken)
    {
        if (ServerUrl(settings, apiUrlOption) is { } url)
            return new(OpenServer(url, settings), url, home, settings);
        return new(await OpenEmbeddedAsync(home, time, cancellationToken), null, home, settings);
    }

    /// <summary>The server that is named, or null for the embedded API.</summary>
    public static Uri? ServerUrl(CliSettings settings, string? apiUrlOption)
    {
        (string Text, string Source)? named = apiUrlOption is { Length: > 0 } ? (apiUrlOption, "--api-url") : settings.Find(CliSettings.ApiUrl) switch
        {
            { } found => (found.Value, $"{CliSettings.ApiUrl} ({found.Source})"),
            null => null,
        };
        if (named is not { } chosen)
            return null;
        return Uri.TryCreate(chosen.Text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"
            ? url
            : throw CliException.BadUsage($"{chosen.Source} is '{chosen.Text}', which is not an http or https URL; write e.g. http://127.0.0.1:4200/api");
    }

    /// <summary>
    /// The API as children reach it: a server is passed on with its credentials; the embedded API is hosted on a free loopback port with a token
    /// that lives as long as the host.
    /// </summary>
    public async Task<ChildApi> HostForChildrenAsync(CancellationToken cancellationToken)
    {
        if (Server is not null)
        {
            var credentials = new Dictionary<string, string>();
            foreach (string name in new[] { CliSettings.ApiKey, CliSettings.ApiAuthString })
            {
                if (_settings[name] is { } value)
                    credentials[name] = value;
            }
            return new(Server, credentials, null);
        }
        return await ChildApi.HostAsync(Api, Home, cancellationToken);
    }

    public ValueTask DisposeAsync() => Api.DisposeAsync();

    private static IOrchestrationApi OpenServer(Uri url, CliSettings settings) =>
        throw new NotImplementedException($"{url}{settings}");

    // Apart, so that a verb that talks to a server never loads SQLite.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static Task<IOrchestrationApi> OpenEmbeddedAsync(SluiceHome home, TimeProvider time, CancellationToken cancellationToken) =>
        EmbeddedApi.OpenAsync(home, time, cancellationToken);
}
