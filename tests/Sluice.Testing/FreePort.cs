using System.Net;
using System.Net.Sockets;

namespace Sluice.Testing;

/// <summary>Free ports for servers that cannot choose one themselves.</summary>
public static class FreePort
{
    /// <summary>Ports of 127.0.0.1 that nobody listens on now.</summary>
    public static int[] Take(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in listeners)
            listener.Start();
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (TcpListener listener in listeners)
            listener.Stop();
        return ports;
    }
}
