namespace Sluice.Server.Http.Live;

/// <summary>Marks the routes where a WebSocket says who it is in its first message, and so passes the gate without credentials.</summary>
internal sealed class SocketEndpoint
{
    public static SocketEndpoint Mark { get; } = new();
}
