using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sluice.Server;

namespace Sluice.Testing.Prefect;

/// <summary>
/// A server that answers as Prefect 2.10.21: a front that turns its requests into those of 3.x, which the embedded server answers, and the answers back.
/// One schedule a deployment with <c>is_schedule_active</c>, <c>infra_overrides</c>, no labels, no slugs, texts as variables, ids checked in paths.
/// </summary>
public sealed class Prefect2Server : PrefectServer
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private readonly Prefect2Deployments _deployments = new();
    private ApiHost _inner = null!;
    private WebApplication _front = null!;

    private Prefect2Server(PrefectServerOptions options)
        : base(OpenApiRequests.Prefect2, options)
    {
    }

    /// <summary>Starts a server on a free loopback port.</summary>
    public static async Task<Prefect2Server> StartAsync(PrefectServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        Prefect2Server server = new(options ?? new());
        await server.OpenStoreAsync(cancellationToken);
        server._inner = await ApiHost.StartAsync(server.Store, new()
        {
            Token = server.Options.ApiKey,
            AuthString = server.Options.AuthString,
            Time = server.Options.Time,
            PrefectOnly = true,
        }, cancellationToken);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        server._front = builder.Build();
        server._front.Run(server.HandleAsync);
        await server._front.StartAsync(cancellationToken);
        server.Url = new Uri(server._front.Urls.First() + "/api");
        return server;
    }

    private protected override async ValueTask StopAsync()
    {
        await _front.StopAsync();
        await _front.DisposeAsync();
        await _inner.DisposeAsync();
        _http.Dispose();
    }

    private async Task HandleAsync(HttpContext http)
    {
        try
        {
            (SentRequest request, byte[] body, IReadOnlyList<Misfit> misfits) = await TakeAsync(http);
            await AnswerOrFailAsync(http, request, () => AnswerAsync(http, request, body, misfits));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody listens any more.
        }
    }

    private async Task AnswerAsync(HttpContext http, SentRequest request, byte[] body, IReadOnlyList<Misfit> misfits)
    {
        if (misfits.Count > 0)
        {
            await RefuseAsync(http, request, misfits);
            return;
        }

        Prefect2Exchange exchange = new(request, body.Length == 0 ? null : JsonNode.Parse(body), (method, path, content) => SendAsync(http, method, path, content));
        (int status, JsonNode? answer) = await AnswerAsync(exchange);
        await AnswerAsync(http, status, answer);
    }

    private async Task<(int Status, JsonNode? Body)> AnswerAsync(Prefect2Exchange exchange)
    {
        string path = exchange.Request.Path;
        string[] steps = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (exchange.Request.Method, steps) switch
        {
            ("GET", ["admin", "version"]) => (200, Options.Version ?? "2.10.21"),
            (_, ["csrf-token"]) or (_, ["sluice", ..]) => (404, new JsonObject { ["detail"] = "Not Found" }),
            (_, ["deployments", ..]) => await _deployments.AnswerAsync(exchange, steps),
            ("POST", ["flow_runs", _, "set_state"]) => await Prefect2States.ProposeAsync(exchange),
            ("POST", ["logs"]) when Prefect2Shapes.IsLogOfNoRun(exchange.Body) => (409, new JsonObject { ["detail"] = Prefect2Shapes.Integrity }),
            ("POST", ["variables"]) when Prefect2Shapes.BadVariableName(exchange.Body) is { } problem => (422, problem),
            ("POST", [.., "filter" or "count" or "history" or "lateness"]) => Back(await exchange.ForwardAsync(Prefect2Shapes.Filter(exchange.Body))),
            _ => Back(await exchange.ForwardAsync(exchange.Body)),
        };

        (int, JsonNode?) Back((int Status, JsonNode? Body) answer) => (answer.Status, Prefect2Shapes.Answer(answer.Body));
    }

    private async Task<(int Status, JsonNode? Body)> SendAsync(HttpContext http, string method, string pathAndQuery, JsonNode? body)
    {
        Uri url = new(_inner.Url + pathAndQuery, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using HttpRequestMessage request = new(new HttpMethod(method), url);
        foreach (string name in (ReadOnlySpan<string>)["Authorization", "X-PREFECT-API-VERSION"])
        {
            if (http.Request.Headers.TryGetValue(name, out var value))
            {
                request.Headers.TryAddWithoutValidation(name, value.ToString());
            }
        }

        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using HttpResponseMessage response = await _http.SendAsync(request, http.RequestAborted);
        string text = await response.Content.ReadAsStringAsync(http.RequestAborted);
        return ((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }
}
