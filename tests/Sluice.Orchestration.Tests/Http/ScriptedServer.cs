using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sluice.Orchestration.Http;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>A real HTTP server that answers as a test says, and remembers what it was asked.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Request> _requests = [];

    private ScriptedServer(WebApplication app, int port)
    {
        _app = app;
        Port = port;
    }

    public int Port { get; }

    /// <summary>What it was asked, in order.</summary>
    public IReadOnlyList<Request> Requests => [.. _requests];

    public ApiEndpoint Endpoint => new($"http://127.0.0.1:{Port}/api");

    /// <summary>Starts a server.</summary>
    /// <param name="answer">Answers a request; it gets the request's number, from 1.</param>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <param name="version">The version of Prefect that it says it is, without remembering that it was asked; null leaves that to <paramref name="answer"/>.</param>
    /// <param name="seen">Looks at each request before it is answered.</param>
    public static async Task<ScriptedServer> StartAsync(Func<HttpContext, int, Task> answer, int port = 0, string? version = "3.8.3", Action<Request>? seen = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        WebApplication app = builder.Build();
        ScriptedServer? server = null;
        app.UseWebSockets();
        app.Run(async http =>
        {
            if (version is not null && http.Request.Path.Value is ("/api/sluice/info" or "/api/admin/version"))
            {
                bool isVersion = http.Request.Path.Value == "/api/admin/version";
                await JsonAsync(http, isVersion ? 200 : 404, isVersion ? $"\"{version}\"" : """{"detail":"Not Found"}""");
                return;
            }

            using StreamReader body = new(http.Request.Body, Encoding.UTF8);
            Request request = new(http.Request.Method, http.Request.Path + http.Request.QueryString, await body.ReadToEndAsync(), http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
            server!._requests.Enqueue(request);
            seen?.Invoke(request);
            await answer(http, server._requests.Count);
        });
        server = new ScriptedServer(app, port);
        await app.StartAsync();
        return new Uri(app.Urls.First()).Port is var real && real == port ? server : server = new ScriptedServer(app, real);
    }

    /// <summary>Starts a server that gives one answer after the other, the last one for ever.</summary>
    public static Task<ScriptedServer> StartAsync(params (int Status, string Json)[] answers) =>
        StartAsync((http, number) => JsonAsync(http, answers[Math.Min(number, answers.Length) - 1].Status, answers[Math.Min(number, answers.Length) - 1].Json));

    public static async Task JsonAsync(HttpContext http, int status, string json, string retryAfter = "0.01")
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.Headers.RetryAfter = retryAfter;
        if (status != StatusCodes.Status204NoContent)
        {
            await http.Response.WriteAsync(json);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>One request.</summary>
    internal sealed record Request(string Method, string Path, string Body, IReadOnlyDictionary<string, string> Headers);
}
