using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sluice.Testing.ProcessWorker;

/// <summary>What a worker of Prefect's puts on the wire: its requests with its headers, CSRF as its client knows it, its WebSockets.</summary>
internal sealed partial class WorkerWire : IDisposable
{
    private const int MostTries = 6;
    private readonly ProcessWorkerOptions _options;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All }) { Timeout = TimeSpan.FromMinutes(1) };
    private readonly string _csrfClient = Guid.NewGuid().ToString();
    private readonly ConcurrentQueue<WireExchange> _exchanges = [];
    private readonly SemaphoreSlim _csrf = new(1, 1);
    private string? _csrfToken;
    private bool _csrfOff;

    public WorkerWire(ProcessWorkerOptions options)
    {
        _options = options;
        _csrfOff = options.Generation == 2;
    }

    public IReadOnlyList<WireExchange> Exchanges => [.. _exchanges];

    public string UserAgent => _options.Generation == 3 ? "prefect/3.8.3 (API 0.8.4)" : "python-httpx/0.23.3";

    /// <summary>Sends and answers status and body; 429, 502 and 503 are tried again, as Prefect's client does.</summary>
    public async Task<(int Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        for (int tries = 1; ; tries++)
        {
            if (method != HttpMethod.Get)
                await TakeTokenAsync(cancellationToken);
            (int status, JsonNode? answer, TimeSpan? retry) = await OnceAsync(method, path, body, cancellationToken);
            if (status == 403 && !_csrfOff && (answer?.ToJsonString() ?? "").Contains("CSRF", StringComparison.Ordinal) && tries < MostTries)
            {
                _csrfToken = null;
                continue;
            }
            if (status is not (429 or 502 or 503) || tries == MostTries)
                return (status, answer);
            await Task.Delay(retry ?? TimeSpan.FromSeconds(Math.Pow(2, tries - 1)), cancellationToken);
        }
    }

    /// <summary>Opens a WebSocket, says <c>auth</c> and hears <c>auth_success</c>.</summary>
    public async Task<ClientWebSocket> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol("prefect");
            socket.Options.SetRequestHeader("User-Agent", UserAgent);
            await socket.ConnectAsync(new Uri(new UriBuilder(_options.Api) { Scheme = "ws" }.Uri.AbsoluteUri.TrimEnd('/') + path), cancellationToken);
            _exchanges.Enqueue(new("WS", Template(path), 101, null));
            await SendAsync(socket, new JsonObject { ["type"] = "auth", ["token"] = _options.AuthString ?? _options.ApiKey }, cancellationToken);
            JsonNode? answer = await ReceiveAsync(socket, cancellationToken);
            return answer?["type"]?.GetValue<string>() == "auth_success" ? socket
                : throw new InvalidOperationException($"The server did not let the worker in at {path}: {socket.CloseStatus} {socket.CloseStatusDescription} {answer?.ToJsonString()}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static Task SendAsync(ClientWebSocket socket, JsonNode message, CancellationToken cancellationToken) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

    /// <summary>The next message; null when the server closed.</summary>
    public static async Task<JsonNode?> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[16 * 1024];
        using var message = new MemoryStream();
        while (true)
        {
            WebSocketReceiveResult read = await socket.ReceiveAsync(buffer, cancellationToken);
            if (read.MessageType == WebSocketMessageType.Close)
                return null;
            message.Write(buffer, 0, read.Count);
            if (read.EndOfMessage)
                return JsonNode.Parse(message.GetBuffer().AsSpan(0, (int)message.Length));
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _csrf.Dispose();
    }

    private async Task TakeTokenAsync(CancellationToken cancellationToken)
    {
        await _csrf.WaitAsync(cancellationToken);
        try
        {
            if (_csrfOff || _csrfToken is not null)
                return;
            (int status, JsonNode? body, _) = await OnceAsync(HttpMethod.Get, $"/csrf-token?client={_csrfClient}", null, cancellationToken);
            _csrfToken = status == 200 ? body!["token"]!.GetValue<string>() : null;
            _csrfOff = status is 404 or 422;
        }
        finally
        {
            _csrf.Release();
        }
    }

    private async Task<(int Status, JsonNode? Body, TimeSpan? Retry)> OnceAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, _options.Api.AbsoluteUri.TrimEnd('/') + path);
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.TryAddWithoutValidation("X-PREFECT-API-VERSION", "0.8.4");
        if (_options.AuthString is { } basic)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(basic)));
        else if (_options.ApiKey is { } key)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (_csrfToken is { } token && method != HttpMethod.Get)
        {
            request.Headers.TryAddWithoutValidation("Prefect-Csrf-Token", token);
            request.Headers.TryAddWithoutValidation("Prefect-Csrf-Client", _csrfClient);
        }
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using HttpResponseMessage answer = await _http.SendAsync(request, cancellationToken);
        string text = await answer.Content.ReadAsStringAsync(cancellationToken);
        _exchanges.Enqueue(new(method.Method, Template(path), (int)answer.StatusCode, body));
        return ((int)answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), answer.Headers.RetryAfter?.Delta
            ?? (answer.Headers.TryGetValues("Retry-After", out IEnumerable<string>? after) && double.TryParse(after.First(), CultureInfo.InvariantCulture, out double seconds) ? TimeSpan.FromSeconds(seconds) : null));
    }

    /// <summary>A path without its ids and query.</summary>
    internal static string Template(string path) => Id().Replace(path.Split('?')[0], "{id}");

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Id();
}

/// <summary>One request of a worker.</summary>
/// <param name="Method">Its method; <c>WS</c> for a WebSocket that was opened.</param>
/// <param name="Path">Its path, <c>{id}</c> for ids.</param>
/// <param name="Status">The answer's status.</param>
/// <param name="Body">What was sent.</param>
public sealed record WireExchange(string Method, string Path, int Status, JsonNode? Body)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Method} {Path} {Status}";
}
