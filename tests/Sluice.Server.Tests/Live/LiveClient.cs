using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Sluice.Server.Tests.Live;

/// <summary>A client of a server's WebSockets and of its REST routes, as Prefect's clients speak; every wait is bounded.</summary>
internal sealed class LiveClient : IAsyncDisposable
{
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(60);
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[64 * 1024];

    private LiveClient()
    {
    }

    public WebSocketCloseStatus? CloseCode => _socket.CloseStatus;

    public string? CloseReason => _socket.CloseStatusDescription;

    /// <summary>Connects, says <c>auth</c> and hears <c>auth_success</c>.</summary>
    public static async Task<LiveClient> ConnectAsync(Uri api, string path, string? token = null)
    {
        LiveClient client = await OpenAsync(api, path);
        await client.SendAsync(new { type = "auth", token });
        (await client.ReceiveAsync())!.Value.GetProperty("type").GetString().ShouldBe("auth_success");
        return client;
    }

    /// <summary>Connects and says nothing.</summary>
    public static async Task<LiveClient> OpenAsync(Uri api, string path, string? protocol = "prefect", Action<ClientWebSocketOptions>? options = null)
    {
        var client = new LiveClient();
        if (protocol is not null)
            client._socket.Options.AddSubProtocol(protocol);
        options?.Invoke(client._socket.Options);
        using var bound = new CancellationTokenSource(_bound);
        await client._socket.ConnectAsync(new Uri(new UriBuilder(api) { Scheme = "ws" }.Uri.AbsoluteUri + path), bound.Token);
        return client;
    }

    /// <summary>Subscribes to events; what was in the last quarter of an hour comes first.</summary>
    public static async Task<LiveClient> SubscribeAsync(Uri api, object? filter = null, bool backfill = true, string path = "/events/out")
    {
        LiveClient client = await ConnectAsync(api, path);
        await client.SendAsync(new { type = "filter", filter = filter ?? new { }, backfill });
        return client;
    }

    public async Task SendAsync(object message) => await SendTextAsync(message is string text ? text : JsonSerializer.Serialize(message));

    public async Task SendTextAsync(string text)
    {
        using var bound = new CancellationTokenSource(_bound);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, bound.Token);
    }

    /// <summary>The next message; null when the server closed.</summary>
    public async Task<JsonElement?> ReceiveAsync()
    {
        using var bound = new CancellationTokenSource(_bound);
        using var message = new MemoryStream();
        while (true)
        {
            WebSocketReceiveResult read = await _socket.ReceiveAsync(_buffer, bound.Token);
            if (read.MessageType == WebSocketMessageType.Close)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", bound.Token);
                return null;
            }
            message.Write(_buffer, 0, read.Count);
            if (read.EndOfMessage)
                return JsonElement.Parse(message.GetBuffer().AsSpan(0, (int)message.Length));
        }
    }

    /// <summary>The next event's object.</summary>
    public async Task<JsonElement> EventAsync()
    {
        JsonElement message = (await ReceiveAsync()).ShouldNotBeNull();
        message.GetProperty("type").GetString().ShouldBe("event");
        return message.GetProperty("event");
    }

    /// <summary>Reads until the server closes and answers what it said.</summary>
    public async Task<(int Code, string Reason)> CloseOfServerAsync()
    {
        while (await ReceiveAsync() is not null)
        {
        }
        return ((int)CloseCode!.Value, CloseReason ?? "");
    }

    /// <summary>A REST request with JSON; answers the status and the answer's JSON.</summary>
    public static async Task<(int Status, JsonElement Body)> SendAsync(Uri api, HttpMethod method, string path, object? body = null, string? bearer = null)
    {
        using var http = new HttpClient { Timeout = _bound };
        using var request = new HttpRequestMessage(method, path.StartsWith("http", StringComparison.Ordinal) ? path : api.AbsoluteUri + path);
        if (bearer is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        if (body is not null)
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        return ((int)answer.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }

    /// <summary>Closes as a client does that is done.</summary>
    public async Task CloseAsync()
    {
        using var bound = new CancellationTokenSource(_bound);
        await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", bound.Token);
    }

    public ValueTask DisposeAsync()
    {
        _socket.Abort();
        _socket.Dispose();
        return default;
    }
}
