using System.Runtime.CompilerServices;
using Sluice.Cli.CommandLine;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;

namespace Sluice.Cli.Connection;

/// <summary>
/// The composition root: decides which orchestration API a verb talks to. <c>--api-url</c>, <c>PREFECT_API_URL</c> or the config name a server;
/// with none of them it is the embedded API of the home, opened directly.
/// </summary>
internal sealed class ApiConnection : IAsyncDisposable
{
    private ApiConnection(IOrchestrationApi api, ApiEndpoint? server, SluiceHome home)
    {
        Api = api;
        Server = server;
        Home = home;
    }

    public IOrchestrationApi Api { get; }

    /// <summary>The server; null when the API is the embedded one.</summary>
    public ApiEndpoint? Server { get; }

    public SluiceHome Home { get; }

    /// <summary>Where the API is, for people.</summary>
    public string Where => Server?.Url ?? Home.Database;

    /// <summary>Opens the API that the option, the environment or the config names.</summary>
    public static async Task<ApiConnection> OpenAsync(
        SluiceHome home, CliSettings settings, string? apiUrlOption, TimeProvider time, CancellationToken cancellationToken) =>
        FindServer(settings, apiUrlOption) is { } server
            ? new(new HttpOrchestrationApi(server), server, home)
            : new(await OpenEmbeddedAsync(home, time, cancellationToken), null, home);

    /// <summary>Opens the embedded API, whatever is configured: what a server is made of.</summary>
    public static async Task<ApiConnection> OpenEmbeddedAsync(CliContext context, CancellationToken cancellationToken) =>
        new(await OpenEmbeddedAsync(context.Home, context.Time, cancellationToken), null, context.Home);

    /// <summary>The server that is named, or null for the embedded API.</summary>
    public static ApiEndpoint? FindServer(CliSettings settings, string? apiUrlOption)
    {
        (string Url, string From) named = ("", "");
        if (apiUrlOption is { Length: > 0 })
            named = (apiUrlOption, "--api-url");
        else if (settings.Find(CliSettings.ApiUrl) is { } found)
            named = (found.Value, $"{CliSettings.ApiUrl} ({found.Source})");
        else
            return null;
        try
        {
            return new ApiEndpoint(named.Url, settings[CliSettings.ApiKey], settings[CliSettings.ApiAuthString]);
        }
        catch (OrchestrationException exception)
        {
            throw new CliException($"{named.From}: {exception.Message}", ExitCodes.BadUsage, exception);
        }
    }

    /// <summary>
    /// The API as children reach it: a server is passed on with its credentials; the embedded API is hosted on a free loopback port with a token
    /// that lives as long as the host.
    /// </summary>
    public async Task<ChildApi> HostForChildrenAsync(CancellationToken cancellationToken) =>
        Server is null ? await ChildApi.HostAsync(Api, Home, cancellationToken) : ChildApi.Of(Server);

    public ValueTask DisposeAsync() => Api.DisposeAsync();

    // Apart, so that a verb that talks to a server never loads SQLite.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<IOrchestrationApi> OpenEmbeddedAsync(SluiceHome home, TimeProvider time, CancellationToken cancellationToken) =>
        EmbeddedApi.OpenAsync(home, time, cancellationToken);
}
