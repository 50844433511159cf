using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sluice.Orchestration;

namespace Sluice.Server.Http;

/// <summary>Decides where a server listens, and that nobody but this machine reaches one that asks for no credentials.</summary>
internal static class ListenAddress
{
    /// <summary>The address that the options name.</summary>
    /// <exception cref="OrchestrationException">
    /// Of kind Invalid: there is no such port or address. Of kind Forbidden: others would reach it without credentials. Of kind Unavailable: the name is unknown.
    /// </exception>
    public static async Task<IPAddress> ResolveAsync(ApiHostOptions options, CancellationToken cancellationToken)
    {
        if (options.Port is < 0 or > IPEndPoint.MaxPort)
        {
            throw new OrchestrationException(OrchestrationErrorKind.Invalid, string.Create(CultureInfo.InvariantCulture, $"{options.Port} is not a port; one is 1 to 65535, or 0 for a free one."));
        }

        IPAddress address = await AddressAsync(options, cancellationToken);
        if (!IPAddress.IsLoopback(address) && options is { Token: null, AuthString: null, AllowUnauthenticated: false })
        {
            throw new OrchestrationException(
                OrchestrationErrorKind.Forbidden, $"A server that listens on {options.Host} can be reached from the network, and whoever reaches it can run programs: it needs credentials.");
        }

        return address;
    }

    /// <summary>The address cannot be had.</summary>
    public static OrchestrationException Refused(ApiHostOptions options, Exception error) => new(
        OrchestrationErrorKind.Unavailable,
        string.Create(CultureInfo.InvariantCulture, $"Cannot listen on {options.Host}:{options.Port}: {(error.InnerException ?? error).Message}. Is a server running already? Choose another --port."),
        error);

    private static async Task<IPAddress> AddressAsync(ApiHostOptions options, CancellationToken cancellationToken)
    {
        string host = options.Host.Trim();
        // An empty name would be resolved to this machine's addresses on the network.
        if (host.Length == 0 || host.Contains('/', StringComparison.Ordinal))
        {
            throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"'{options.Host}' is not an address to listen on; one is 127.0.0.1, 0.0.0.0, [::1] or the name of this machine.");
        }

        try
        {
            return host switch
            {
                _ when string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) => IPAddress.Loopback, // and not ::1, which Prefect's URLs do not name
                "*" or "+" => IPAddress.Any,
                _ when IPAddress.TryParse(host, out IPAddress? address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address,
                _ => (await options.Resolve(host, cancellationToken))[0],
            };
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            throw Refused(options, error);
        }
    }
}
