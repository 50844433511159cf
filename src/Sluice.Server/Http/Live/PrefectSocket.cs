using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Sluice.Server.Http.Live;

/// <summary>
/// A WebSocket as Prefect's clients speak: subprotocol <c>prefect</c>, an <c>auth</c> message first, then JSON in text frames. One reader and any number
/// of writers at a time. Closing never cuts off what is under way: the close frame goes out, and the peer has a moment to answer.
/// </summary>
internal sealed class PrefectSocket : IAsyncDisposable
{
    /// <summary>The subprotocol.</summary>
    public const string Protocol = "prefect";

    /// <summary>The largest message: Prefect's largest event has 1.5 MB.</summary>
    public const int MaxMessageBytes = 2 << 20;

    /// <summary>The largest greeting: whoever sends it is not known yet.</summary>
    private const int MaxGreetingBytes = 8 << 10;

    private const int MaxReasonBytes = 123; // what RFC 6455 leaves beside the code
    private static readonly TimeSpan _greeting = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(2);
    private readonly WebSocket _socket;
    private readonly SocketDoor _door;
    private readonly string _path;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _gone = new();
    private readonly CancellationTokenRegistration _stopping;
    private Task? _closing;

    private PrefectSocket(WebSocket socket, SocketDoor door, string path)
    {
        _socket = socket;
        _door = door;
        _path = path;
        _stopping = door.Stopping.Register(() => _ = CloseAsync((int)WebSocketCloseStatus.EndpointUnavailable, "The server is stopping"));
    }

    /// <summary>Cancelled when either side has closed.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>Accepts a socket and hears who it is. Answers null where it was refused; what is to be said was said.</summary>
    /// <param name="http">The request.</param>
    /// <param name="door">Who may come in.</param>
    /// <param name="refusal">What a socket that is not let in is told in place of Prefect's usual words; it then also has to name the subprotocol.</param>
    public static async Task<PrefectSocket?> AcceptAsync(HttpContext http, SocketDoor door, string? refusal = null)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            await Answer.Problem(StatusCodes.Status426UpgradeRequired, "This address takes WebSockets only.").WriteAsync(http);
            return null;
        }
        bool speaksPrefect = http.WebSockets.WebSocketRequestedProtocols.Contains(Protocol);
        if (!speaksPrefect && (refusal is not null || !door.Admits(http.Request)))
        {
            await Answer.Problem(StatusCodes.Status403Forbidden, "'prefect' subprotocol required.").WriteAsync(http);
            return null;
        }
        using IDisposable? place = door.Enter(http.Request);
        if (place is null)
        {
            await Answer.Exception(StatusCodes.Status429TooManyRequests, "Too many connections that do not say who they are.").WriteAsync(http);
            return null;
        }
        var socket = new PrefectSocket(await http.WebSockets.AcceptWebSocketAsync(speaksPrefect ? Protocol : null), door, http.Request.Path);
        bool welcome = false;
        try
        {
            welcome = !speaksPrefect || await socket.GreetAsync(http.Request, door, refusal);
            return welcome ? socket : null;
        }
        finally
        {
            if (!welcome)
                await socket.DisposeAsync();
        }
    }

    /// <summary>The next message; null when the peer closed or vanished.</summary>
    /// <exception cref="JsonException">It is not JSON that can be read.</exception>
    public Task<JsonElement?> ReceiveAsync() => ReceiveAsync(MaxMessageBytes);

    private async Task<JsonElement?> ReceiveAsync(int most)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult read = await _socket.ReceiveAsync(buffer.GetMemory(4096), CancellationToken.None);
                if (read.MessageType == WebSocketMessageType.Close)
                {
                    await CloseAsync((int)(_socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure), "");
                    return null;
                }
                buffer.Advance(read.Count);
                if (buffer.WrittenCount > most)
                {
                    await CloseAsync((int)WebSocketCloseStatus.MessageTooBig, FormattableString.Invariant($"A message may have {most} bytes"));
                    return null;
                }
                if (read.EndOfMessage)
                {
                    JsonTexts.Check(buffer.WrittenSpan);
                    return JsonElement.Parse(buffer.WrittenSpan);
                }
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            Leave();
            return null;
        }
    }

    /// <summary>Sends JSON. Answers false when the peer is gone, or read nothing for so long that the connection was ended: no close frame reaches such a one.</summary>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> json)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        patience.CancelAfter(_door.Patience);
        try
        {
            await _sending.WaitAsync(patience.Token);
            try
            {
                await _socket.SendAsync(json, WebSocketMessageType.Text, endOfMessage: true, patience.Token);
                return true;
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            if (error is OperationCanceledException && !_gone.IsCancellationRequested)
                _door.Report(FormattableString.Invariant($"a reader of {_path} took nothing for {_door.Patience.TotalSeconds} s and was cut off"));
            _socket.Abort();
            Leave();
            return false;
        }
    }

    /// <summary>Closes with a code and a reason; who closes first decides about both. What the peer still sends is passed over.</summary>
    public Task CloseAsync(int code, string reason)
    {
        lock (_gone)
        {
            return _closing ??= SayGoodbyeAsync(code, reason);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.DisposeAsync();
        await CloseAsync((int)WebSocketCloseStatus.NormalClosure, "");
        using (var bound = new CancellationTokenSource(_farewell))
        {
            // The peer's answer to our close frame: reading it lets both ends see a clean end.
            byte[] rest = new byte[1024];
            try
            {
                while (_socket.State == WebSocketState.CloseSent)
                    await _socket.ReceiveAsync(rest, bound.Token);
            }
            catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                _socket.Abort();
            }
        }
        _socket.Dispose();
        _gone.Dispose();
    }

    private async Task<bool> GreetAsync(HttpRequest request, SocketDoor door, string? refusal)
    {
        const int Policy = (int)WebSocketCloseStatus.PolicyViolation;
        Task<JsonElement?> first = ReceiveAsync(MaxGreetingBytes);
        if (await Task.WhenAny(first, Task.Delay(_greeting)) != first)
        {
            await CloseAsync(Policy, refusal ?? "Expected 'auth' message");
            _socket.Abort();
        }
        JsonElement? message;
        try
        {
            message = await first;
        }
        catch (JsonException)
        {
            message = default(JsonElement);
        }
        if (message is not { } auth)
        {
            if (_socket.CloseStatus is null)
                NotGreeted(); // it said too much or nothing; who closes has changed its mind
            return false;
        }
        if (auth.ValueKind != JsonValueKind.Object || !auth.TryGetProperty("type", out JsonElement type) || type.ValueKind != JsonValueKind.String || !type.ValueEquals("auth"))
        {
            NotGreeted();
            await CloseAsync(Policy, refusal ?? "Expected 'auth' message");
            return false;
        }
        string? token = auth.TryGetProperty("token", out JsonElement sent) && sent.ValueKind == JsonValueKind.String ? sent.GetString() : null;
        if (!door.Admits(token) && !door.Admits(request))
        {
            door.Failed(request);
            await CloseAsync(Policy, refusal ?? (string.IsNullOrEmpty(token) ? "Auth required but no token provided" : "Invalid token"));
            return false;
        }
        return await SendAsync("""{"type":"auth_success"}"""u8.ToArray());

        void NotGreeted()
        {
            if (!door.Admits(request))
                door.Failed(request);
        }
    }

    private async Task SayGoodbyeAsync(int code, string reason)
    {
        await Task.Yield(); // off the caller's lock
        Leave();
        using var bound = new CancellationTokenSource(_farewell);
        try
        {
            await _sending.WaitAsync(bound.Token);
            try
            {
                if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                    await _socket.CloseOutputAsync(Sendable(code), Cut(reason), bound.Token);
                if (_socket.State == WebSocketState.CloseSent)
                    _ = EndUnansweredAsync();
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            _socket.Abort();
        }
    }

    /// <summary>Whoever waits for the peer's answer to our close frame waits no longer than this.</summary>
    private async Task EndUnansweredAsync()
    {
        await Task.Delay(_farewell, CancellationToken.None);
        _socket.Abort(); // does nothing to one that has ended
    }

    private void Leave()
    {
        try
        {
            _gone.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended before; there is nobody left to tell.
        }
    }

    /// <summary>Codes that may not be sent, as 1005 and 1006, are answered with a normal closure.</summary>
    private static WebSocketCloseStatus Sendable(int code) => code is 1005 or 1006 or 1015 or < 1000 ? WebSocketCloseStatus.NormalClosure : (WebSocketCloseStatus)code;

    private static string Cut(string reason)
    {
        while (Encoding.UTF8.GetByteCount(reason) > MaxReasonBytes)
            reason = reason[..^1];
        return reason;
    }
}
