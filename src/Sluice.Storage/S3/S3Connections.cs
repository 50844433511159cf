using Amazon.Runtime;
using Sluice.Storage.Remote;

namespace Sluice.Storage.S3;

/// <summary>The HTTP connections of one store.</summary>
/// <param name="time">Counts pauses.</param>
internal sealed class S3Connections(TimeProvider time) : HttpClientFactory
{
    /// <inheritdoc/>
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new ThrottleHandler(time)
    {
        InnerHandler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = clientConfig.ConnectTimeout ?? TimeSpan.FromSeconds(10),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        },
    })
    { Timeout = Timeout.InfiniteTimeSpan };
}
