namespace Sluice.Storage.Remote;

/// <summary>The HTTP connections below every SDK: one behaviour for servers that are busy and for links that are slow or dead.</summary>
internal static class RemoteConnections
{
    /// <summary>Makes the handlers of one store.</summary>
    /// <param name="time">Counts pauses and silence.</param>
    /// <param name="between">A system's own handler, next to the connections; null for none.</param>
    public static HttpMessageHandler Create(TimeProvider time, DelegatingHandler? between = null)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        };
        if (between is not null)
            between.InnerHandler = sockets;
        return new ThrottleHandler(time) { InnerHandler = new StallHandler(time) { InnerHandler = between ?? (HttpMessageHandler)sockets } };
    }
}
