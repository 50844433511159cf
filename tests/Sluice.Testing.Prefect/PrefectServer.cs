using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;

namespace Sluice.Testing.Prefect;

/// <summary>
/// What stands in for a Prefect server in tests: our own embedded store behind the paths, bodies and rules of one of Prefect's generations. Every
/// request is held against the OpenAPI document of that generation; what does not fit is answered as Prefect answers it (422). An unknown path or key, a
/// missing one, or another kind of value (<see cref="Misfit.IsShape"/>) is remembered besides, and fails the test when the server is disposed, unless the test took it by <see cref="TakeMisfits"/>.
/// </summary>
/// <remarks>The fixtures are themselves held against recorded conversations with real servers, by Sluice.Orchestration.Tests.</remarks>
public abstract class PrefectServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<SentRequest> _requests = [];
    private readonly ConcurrentQueue<string> _misfits = [];
    private readonly TempFolder _folder = new();
    private readonly OpenApiRequests _known;

    private protected PrefectServer(OpenApiRequests known, PrefectServerOptions options)
    {
        _known = known;
        Options = options;
    }

    /// <summary>The API's URL: what <c>PREFECT_API_URL</c> takes.</summary>
    public Uri Url { get; private protected set; } = null!;

    /// <summary>The API as a client names it, with the credentials that it asks for.</summary>
    public ApiEndpoint Endpoint => new(Url.ToString(), Options.ApiKey, Options.AuthString);

    /// <summary>The store behind it, to look at or to play the person who changes something on the server.</summary>
    public IOrchestrationApi Store { get; private set; } = null!;

    /// <summary>What it was asked, in order.</summary>
    public IReadOnlyList<SentRequest> Requests => [.. _requests];

    /// <summary>The requests that may change something, in order.</summary>
    public IReadOnlyList<SentRequest> Writes => [.. _requests.Where(request => request.IsWrite)];

    /// <summary>What goes wrong with a request, if anything; asked for every one but the probes.</summary>
    public Func<SentRequest, RequestFault?>? Fault { get; set; }

    private protected PrefectServerOptions Options { get; }

    /// <summary>What did not fit so far; it no longer fails the test.</summary>
    public IReadOnlyList<string> TakeMisfits()
    {
        List<string> taken = [];
        while (_misfits.TryDequeue(out string? misfit))
        {
            taken.Add(misfit);
        }

        return taken;
    }

    /// <summary>Forgets the requests so far.</summary>
    public void Forget() => _requests.Clear();

    /// <summary>Ends the server.</summary>
    /// <exception cref="InvalidOperationException">A request did not fit Prefect's OpenAPI document.</exception>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Store.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
        if (!_misfits.IsEmpty)
        {
            throw new InvalidOperationException($"Requests that {GetType().Name} would not take:{Environment.NewLine}{string.Join(Environment.NewLine, _misfits.Distinct())}");
        }
    }

    private protected abstract ValueTask StopAsync();

    private protected async Task OpenStoreAsync(CancellationToken cancellationToken) =>
        Store = await EmbeddedApi.OpenAsync(new SluiceHome(_folder["home"]), Options.Time, cancellationToken);

    /// <summary>Remembers a request and holds it against the document. The body can be read again.</summary>
    private protected async Task<(SentRequest Request, byte[] Body, IReadOnlyList<Misfit> Misfits)> TakeAsync(HttpContext http)
    {
        http.Request.EnableBuffering();
        using MemoryStream content = new();
        await http.Request.Body.CopyToAsync(content, http.RequestAborted);
        http.Request.Body.Position = 0;
        byte[] body = content.ToArray();
        // As it was sent: decoding would make one segment of two.
        string target = http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget.Split('?')[0];
        string path = target.StartsWith("/api", StringComparison.Ordinal) ? target["/api".Length..] : target;
        SentRequest request = new(http.Request.Method, path, http.Request.QueryString.ToString(), System.Text.Encoding.UTF8.GetString(body),
            http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        _requests.Enqueue(request);
        if (IsProbe(path) || http.WebSockets.IsWebSocketRequest)
        {
            return (request, body, []);
        }

        IReadOnlyList<Misfit> misfits = _known.Check(request.Method, path, body);
        foreach (Misfit misfit in misfits.Where(misfit => misfit.IsShape))
        {
            _misfits.Enqueue($"{request.Method} {_known.Template(request.Method, path) ?? path} {misfit}");
        }

        return (request, body, misfits);
    }

    /// <summary>Prefect's answer to a request that does not fit.</summary>
    private protected static async Task RefuseAsync(HttpContext http, SentRequest request, IReadOnlyList<Misfit> misfits)
    {
        if (misfits[0].Type == "unknown")
        {
            await AnswerAsync(http, StatusCodes.Status404NotFound, new JsonObject { ["detail"] = "Not Found" });
            return;
        }

        JsonArray details = [.. misfits.Select(misfit => new JsonObject
        {
            ["loc"] = new JsonArray([.. misfit.Place.Select(step => int.TryParse(step, CultureInfo.InvariantCulture, out int index) ? JsonValue.Create(index) : (JsonNode)JsonValue.Create(step))]),
            ["msg"] = misfit.Message,
            ["type"] = misfit.Type,
        })];
        await AnswerAsync(http, StatusCodes.Status422UnprocessableEntity, new JsonObject
        {
            ["exception_message"] = "Invalid request received.",
            ["exception_detail"] = details,
            ["request_body"] = Parsed(request.Body),
        });
    }

    private protected static async Task AnswerAsync(HttpContext http, int status, JsonNode? body)
    {
        http.Response.StatusCode = status;
        if (status != StatusCodes.Status204NoContent)
        {
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(body?.ToJsonString() ?? "null", http.RequestAborted);
        }
    }

    private static JsonNode? Parsed(string body)
    {
        try
        {
            return body.Length == 0 ? null : JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            return body; // as Prefect answers what is no JSON
        }
    }

    /// <summary>Answers a request, or does what is to go wrong with it.</summary>
    private protected async Task AnswerOrFailAsync(HttpContext http, SentRequest request, Func<Task> answer)
    {
        RequestFault? fault = IsProbe(request.Path) ? null : Fault?.Invoke(request);
        if (fault?.Answer is { } status)
        {
            await AnswerAsync(http, status, new JsonObject { ["detail"] = "Broken on purpose" });
            return;
        }

        if (fault?.Before == false)
        {
            // Done, and nobody is told.
            Stream wire = http.Response.Body;
            http.Response.Body = new MemoryStream();
            await answer();
            http.Response.Body = wire;
        }
        else if (fault is null)
        {
            await answer();
            return;
        }

        fault.Reached.TrySetResult();
        if (fault.Holds)
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        http.Abort();
    }

    /// <summary>What clients ask to find out what a server is, which a server may well not know.</summary>
    private static bool IsProbe(string path) => path is "/sluice/info" or "/csrf-token" or "/health" or "/ready" or "/hello" or "/version" or "/admin/version";
}
