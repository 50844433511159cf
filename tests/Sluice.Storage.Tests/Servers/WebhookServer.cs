using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Sluice.Storage.Tests.Servers;

/// <summary>
/// A little web service that really keeps what it is sent, in the ways that such services have: by the path (<c>/files/…</c>), under an id that it makes
/// (<c>/upload</c>, <c>/download/ID</c>), and as base64 in JSON (<c>/json/build</c>, <c>/json/get</c>). All of them want <c>Authorization: Bearer</c> with its token.
/// </summary>
public sealed class WebhookServer : IAsyncLifetime
{
    public const string Token = "CANARY/token+1";

    private readonly ConcurrentDictionary<string, byte[]> _kept = new();
    private readonly ConcurrentDictionary<string, string> _idsByKey = new();
    private WebApplication? _app;
    private int _ids;

    public int Port { get; private set; }

    /// <summary>What came: method, path, and headers.</summary>
    public ConcurrentQueue<(string Method, string Path, IReadOnlyDictionary<string, string> Headers)> Requests { get; } = new();

    /// <summary>Answers a request before it is served; null serves it.</summary>
    public Func<HttpContext, Task<bool>>? Intercept { get; set; }

    /// <summary>What ids look like.</summary>
    public Func<int, string> MakeId { get; set; } = number => $"id {number}/ä";

    /// <summary>Whether ranges and lengths are known.</summary>
    public bool KnowsRanges { get; set; } = true;

    public ConcurrentDictionary<string, byte[]> Kept => _kept;

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
        Port = new Uri(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        string path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        HttpRequest request = context.Request;
        Requests.Enqueue((request.Method, path, request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        if (Intercept is { } intercept && await intercept(context))
            return;
        if (request.Headers.Authorization != $"Bearer {Token}")
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsync($"\n  '{request.Headers.Authorization}' is not my token.\nMore of it");
            return;
        }
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        switch (request.Method, path.Trim('/').Split('/'))
        {
            case ("PUT" or "POST" or "PATCH", ["files", ..]):
                _kept[path] = body.ToArray();
                context.Response.StatusCode = 201;
                return;
            case ("GET", ["files", ..]) or ("GET", ["download", _]):
                await GiveAsync(context, path);
                return;
            case ("POST", ["upload", ..]):
                // As services that know the header do: a repetition is the same upload.
                string id = _idsByKey.GetOrAdd(request.Headers["Idempotency-Key"].ToString(), _ => MakeId(Interlocked.Increment(ref _ids)));
                _kept[$"/download/{Uri.EscapeDataString(id)}"] = body.ToArray();
                await context.Response.WriteAsJsonAsync(new { data = new[] { new Dictionary<string, object> { ["the/id"] = id } } });
                return;
            case ("POST", ["json", "build"]):
                JsonNode sent = JsonNode.Parse(body.ToArray())!;
                int number = Interlocked.Increment(ref _ids);
                _kept[$"{(string)sent["file"]!["name"]!} {number}"] = Convert.FromBase64String((string)sent["file"]!["content"]!);
                await context.Response.WriteAsJsonAsync(new { id = number });
                return;
            case ("POST", ["json", "get"]):
                JsonNode asked = JsonNode.Parse(body.ToArray())!;
                await context.Response.WriteAsJsonAsync(new { file = new { content = Convert.ToBase64String(_kept[$"{(string)asked["name"]!} {(string)asked["id"]!}"]) } });
                return;
            default:
                context.Response.StatusCode = 405;
                return;
        }
    }

    private async Task GiveAsync(HttpContext context, string path)
    {
        if (!_kept.TryGetValue(path, out byte[]? content))
        {
            context.Response.StatusCode = 404;
            return;
        }
        if (!KnowsRanges)
        {
            await context.Response.StartAsync();
            await context.Response.Body.WriteAsync(content);
            return;
        }
        int from = 0;
        context.Response.Headers.ETag = $"\"{Convert.ToHexString(SHA256.HashData(content))}\"";
        if (context.Request.GetTypedHeaders().Range?.Ranges.Single() is { } range)
        {
            from = (int)range.From!.Value;
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{content.Length - 1}/{content.Length}");
        }
        context.Response.ContentLength = content.Length - from;
        await context.Response.Body.WriteAsync(content.AsMemory(from));
    }
}
