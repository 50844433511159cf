using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sluice.Orchestration;
using Sluice.Server.Events;
using Sluice.Server.Http;
using Sluice.Server.Http.OpenApi;
using Sluice.Server.Http.Live;
using Sluice.Server.Store;

namespace Sluice.Server;

/// <summary>The HTTP endpoints over an API, in Prefect 3's wire shape, under <c>/api</c>.</summary>
public sealed class ApiHost : IAsyncDisposable
{
    private const long MaxBodyBytes = 32 << 20;
    private const int MaxConnections = 5_000;
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(5);

    /// <summary>How often a silent WebSocket is pinged, and how long its answer may take.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(20);

    private readonly WebApplication _app;

    private ApiHost(WebApplication app, Uri url)
    {
        _app = app;
        Url = url;
    }

    /// <summary>The API's URL, as <c>http://127.0.0.1:4200/api</c>: what <c>PREFECT_API_URL</c> takes.</summary>
    public Uri Url { get; }

    /// <summary>Prefect's paths, and which of them are implemented.</summary>
    internal IReadOnlyList<PrefectPath> Paths { get; private init; } = [];

    /// <summary>Starts listening.</summary>
    /// <param name="api">What answers. It is not disposed with the host.</param>
    /// <param name="options">Where and for whom.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="OrchestrationException">
    /// Of kind Unavailable: the address is taken or not this machine's. Of kind Invalid: it is none. Of kind Forbidden: others than this machine's programs
    /// would reach it without credentials.
    /// </exception>
    public static async Task<ApiHost> StartAsync(IOrchestrationApi api, ApiHostOptions options, CancellationToken cancellationToken)
    {
        IPAddress address = await ListenAddress.ResolveAsync(options, cancellationToken);

        // Empty: no settings files of the folder it happens to run in, no ASPNETCORE_ variables, no logging, and a fast start.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            // Kestrel's own bounds hold too: 8 KB for the first line, 32 KB and 100 for headers, 240 bytes a second for bodies.
            kestrel.Limits.RequestHeadersTimeout = options.HeaderTime;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = MaxConnections;
            kestrel.Listen(address, options.Port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTime);

        WebApplication app = builder.Build();
        try
        {
            ApiGate gate = new(options, address);
            app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = KeepAlive, KeepAliveTimeout = KeepAlive });
            app.Use(gate.PassAsync);
            if (options.Front is { } front)
            {
                app.Use(front);
            }

            ApiRoutes routes = new(app, api, options.Time, options.Report);
            EmbeddedStore? store = api as EmbeddedStore;
            EmbeddedStore? guarding = options.CsrfProtection ? store ?? throw new ArgumentException("CSRF protection needs the embedded API, as EmbeddedApi.OpenAsync answers it.", nameof(api)) : null;
            if (guarding is not null)
            {
                app.Use(new CsrfGate(guarding, routes).PassAsync);
            }

            FlowRoutes.Map(routes);
            DeploymentRoutes.Map(routes);
            FlowRunRoutes.Map(routes, api as IFlowRunDetails);
            WorkPoolRoutes.Map(routes, api as IWorkQueues);
            BlockRoutes.Map(routes);
            VariableRoutes.Map(routes);
            ArtifactRoutes.Map(routes, store);
            ConcurrencyRoutes.Map(routes, store);
            CsrfGate.Map(routes, guarding);
            if (store is not null)
            {
                TaskRunRoutes.Map(routes, store);
                FlowRunDataRoutes.Map(routes, store);
                TagLimitRoutes.Map(routes, store);
                SmallRoutes.Map(routes, store);
            }

            BulkRoutes.Map(routes);
            SluiceRoutes.MapProbes(routes);
            EventRoutes.Map(routes, api);
            if (api is IEvents events)
            {
                LiveRoutes.Map(routes, api, events, new SocketDoor(gate, options.SlowestReader, options.Report, app.Lifetime.ApplicationStopping), options);
            }

            if (!options.PrefectOnly)
            {
                ResultStore? results = options.ResultsFolder is { } folder ? new(folder, options.MaxResultBytes, options.CopyResult) : null;
                SluiceRoutes.MapExtensions(routes, results, app.Lifetime.ApplicationStopping);
            }

            IReadOnlyList<PrefectPath> paths = routes.MapTheRest();
            routes.MapDocument(() => new OpenApiDocument(WireAnswers.Options).Write(paths, SluiceRoutes.PrefectVersion));
            await app.StartAsync(cancellationToken);
            return new ApiHost(app, UrlOf(address, new Uri(app.Urls.First()).Port)) { Paths = paths };
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            await app.DisposeAsync();
            throw ListenAddress.Refused(options, error);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops listening; requests under way get up to five seconds to end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    /// <summary>An address of this machine's own where the server listens on all.</summary>
    private static Uri UrlOf(IPAddress address, int port)
    {
        IPAddress reachable = address.Equals(IPAddress.Any) ? IPAddress.Loopback : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address;
        return new Uri($"http://{new IPEndPoint(reachable, port)}{ApiRoutes.Prefix}");
    }

    /// <summary>Ctrl+C and SIGTERM are the business of the program that hosts the API, not of the host.</summary>
    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
