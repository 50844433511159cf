using Microsoft.AspNetCore.Http;

namespace Sluice.Server.Http.Live;

/// <summary>What all sockets of a server share: who may come in, when it ends, how long a reader may stand still.</summary>
internal sealed class SocketDoor(ApiGate gate, TimeSpan patience, Action<string> report, CancellationToken stopping)
{
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
}
