using System.Net;
using Microsoft.AspNetCore.Http;

namespace Sluice.Server.Http.Live;

/// <summary>What all sockets of a server share: who may come in, when it ends, how long a reader may stand still.</summary>
internal sealed class SocketDoor(ApiGate gate, TimeSpan patience, Action<string> report, CancellationToken stopping)
{
    /// <summary>So many of one address may be about to say who they are.</summary>
    internal const int MaxGreetings = 256;

    private readonly Dictionary<IPAddress, int> _greeting = [];

    public CancellationToken Stopping => stopping;

    /// <summary>How long one message may wait for its reader.</summary>
    public TimeSpan Patience => patience;

    /// <summary>Tells whoever runs the server.</summary>
    public void Report(string line) => report(line);

    /// <summary>Whether the request's own header lets it in, as with REST.</summary>
    public bool Admits(HttpRequest request) => gate.Admits(request);

    /// <summary>Whether the token of an <c>auth</c> message lets it in: the API key or the auth string.</summary>
    public bool Admits(string? token) => gate.Admits(token);

    /// <summary>Counts one that was not let in, as with REST.</summary>
    public void Failed(HttpRequest request) => gate.Failed(request);

    /// <summary>A place for one that has yet to say who it is, to be given back when it has; null where its address holds too many.</summary>
    public IDisposable? Enter(HttpRequest request)
    {
        if (gate.Admits(request))
        {
            return new Place(null);
        }

        IPAddress address = LoginGuard.KeyOf(request.HttpContext.Connection.RemoteIpAddress);
        lock (_greeting)
        {
            int count = _greeting.GetValueOrDefault(address);
            if (count == MaxGreetings)
            {
                return null;
            }

            _greeting[address] = count + 1;
        }

        return new Place(() => Left(address));
    }

    private void Left(IPAddress address)
    {
        lock (_greeting)
        {
            if (--_greeting[address] == 0)
            {
                _greeting.Remove(address);
            }
        }
    }

    private sealed class Place(Action? leave) : IDisposable
    {
        public void Dispose() => leave?.Invoke();
    }
}
