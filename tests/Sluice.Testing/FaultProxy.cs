using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Testing;

/// <summary>
/// A TCP proxy on 127.0.0.1 that does to connections what networks do: cuts them, holds them, flips bytes, answers in the server's place. What happens
/// to a connection is decided when it is opened; without a plan all bytes pass.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _target;
    private readonly Func<int, Fault?> _plan;
    private readonly Task _accepting;
    private int _connections, _held;
    private long _up, _down;

    /// <summary>Starts the proxy.</summary>
    /// <param name="target">The server's port on 127.0.0.1.</param>
    /// <param name="plan">What to do to the first, second, … connection (counted from 1); null lets it pass.</param>
    public FaultProxy(int target, Func<int, Fault?> plan)
    {
        _target = new(IPAddress.Loopback, target);
        _plan = plan;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Is shown the head of each request that passes; true cuts the connection before its answer, once the server has the request whole. Null for none.</summary>
    public Func<string, bool>? CutAnswerTo { get; init; }

    /// <summary>The port that clients connect to.</summary>
    public int Port { get; }

    /// <summary>How many connections were opened.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>How many connections came to where they are held.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Bytes that clients sent.</summary>
    public long BytesUp => Interlocked.Read(ref _up);

    /// <summary>Bytes that clients received.</summary>
    public long BytesDown => Interlocked.Read(ref _down);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                open.Add(ServeAsync(client, _plan(Interlocked.Increment(ref _connections))));
            }
        }
        catch (Exception e) when (e is OperationCanceledException || _stop.IsCancellationRequested)
        {
            // Cancelled, or the listener was stopped between two connections.
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client, Fault? fault)
    {
        using (client)
        {
            try
            {
                if (fault?.Refuse == true)
                    return;
                if (fault?.Answer is { } answer)
                {
                    await ReadHeadAsync(client.GetStream());
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer), _stop.Token);
                    return;
                }
                using var server = new TcpClient();
                await server.ConnectAsync(_target, _stop.Token);
                var heads = new Heads(CutAnswerTo);
                await Task.WhenAny(
                    CopyAsync(client.GetStream(), server.GetStream(), new(fault?.CutAfterUp, fault?.FlipAtUp, null, null, fault?.Crawl), heads.Read, sent => Interlocked.Add(ref _up, sent)),
                    CopyAsync(server.GetStream(), client.GetStream(), new(fault?.CutAfterDown, fault?.FlipAtDown, fault?.FlipEveryDown, fault?.HoldAfterDown, fault?.Crawl), _ => !heads.Cut, got => Interlocked.Add(ref _down, got)));
                // Cut hard towards the server; what the client got before is the client's, and a reset would take it away.
                server.LingerState = new LingerOption(true, 0);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The other side went first.
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, Way way, Func<ReadOnlyMemory<byte>, bool> passes, Action<long> count)
    {
        byte[] buffer = new byte[16 * 1024];
        long passed = 0;
        try
        {
            while (true)
            {
                int read = await from.ReadAsync(buffer, _stop.Token);
                if (read == 0 || !passes(buffer.AsMemory(0, read)))
                    return;
                if (way.FlipAt is { } at && at >= passed && at < passed + read)
                    buffer[at - passed] ^= 1;
                for (long next = way.FlipEvery is { } every ? (passed / every + 1) * every : long.MaxValue; next < passed + read; next += way.FlipEvery!.Value)
                    buffer[next - passed] ^= 1;
                if (way.HoldAfter is { } hold && passed + read > hold)
                {
                    Interlocked.Increment(ref _held);
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                }
                if (way.Crawl is { } crawl)
                    await Task.Delay(crawl * read / buffer.Length, _stop.Token);
                // Cut when there is more than may pass, so that 0 is the moment before the first byte and not before what leads to it.
                int pass = (int)Math.Min(read, (way.CutAfter ?? long.MaxValue) - passed);
                await to.WriteAsync(buffer.AsMemory(0, pass), _stop.Token);
                passed += pass;
                count(pass);
                if (pass < read)
                    return;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Either side went.
        }
    }

    // The heads of one connection's requests, whatever the pieces they come in.
    private sealed class Heads(Func<string, bool>? cuts)
    {
        private static readonly string[] Methods = ["GET /", "PUT /", "POST /", "HEAD /", "DELETE /"];

        private string _pending = "";
        private volatile bool _cut;

        public bool Cut => _cut;

        public bool Read(ReadOnlyMemory<byte> bytes)
        {
            if (cuts is null)
                return true;
            _pending += Encoding.Latin1.GetString(bytes.Span);
            int version;
            while ((version = _pending.IndexOf(" HTTP/1.1\r\n", StringComparison.Ordinal)) >= 0)
            {
                // On a connection that is used again, the body before it may end without a line's end.
                int start = Methods.Max(method => _pending.LastIndexOf(method, version, StringComparison.Ordinal));
                int end = _pending.IndexOf("\r\n\r\n", version, StringComparison.Ordinal);
                if (end < 0)
                    return true;
                if (start >= 0 && cuts(_pending[start..end]))
                    _cut = true;
                _pending = _pending[(end + 4)..];
            }
            // What is longer than a request's first line is a body.
            if (_pending.Length > 8192)
                _pending = _pending[^8192..];
            return true;
        }
    }

    private sealed record Way(long? CutAfter, long? FlipAt, long? FlipEvery, long? HoldAfter, TimeSpan? Crawl);

    private async Task ReadHeadAsync(NetworkStream stream)
    {
        byte[] buffer = new byte[64 * 1024];
        var head = new StringBuilder();
        while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            int read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0)
                return;
            head.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
    }
}

/// <summary>What happens to one connection.</summary>
/// <param name="CutAfterUp">Cut after so many bytes from the client.</param>
/// <param name="CutAfterDown">Cut after so many bytes from the server.</param>
/// <param name="FlipAtUp">Flip one bit of the client's byte at this offset.</param>
/// <param name="FlipAtDown">Flip one bit of the server's byte at this offset.</param>
/// <param name="FlipEveryDown">Flip one bit of each of the server's bytes at a multiple of this offset.</param>
/// <param name="HoldAfterDown">Pass so many bytes of the server's, then nothing more.</param>
/// <param name="Answer">Answer the first request with this text and close; the server sees nothing.</param>
/// <param name="Refuse">Close it as soon as it is open.</param>
/// <param name="Crawl">Rest so long for each 16 KB, either way.</param>
public sealed record Fault(long? CutAfterUp = null, long? CutAfterDown = null, long? FlipAtUp = null, long? FlipAtDown = null, long? FlipEveryDown = null, long? HoldAfterDown = null,
    string? Answer = null, bool Refuse = false, TimeSpan? Crawl = null);
