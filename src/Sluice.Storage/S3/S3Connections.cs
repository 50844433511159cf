using Amazon.Runtime;
using Sluice.Storage.Remote;

namespace Sluice.Storage.S3;

/// <summary>The HTTP connections of one store.</summary>
/// <param name="time">Counts pauses.</param>
internal sealed class S3Connections(TimeProvider time) : HttpClientFactory
{
    /// <inheritdoc/>
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(RemoteConnections.Create(time, new SmallBodiesAtOnce())) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>
    /// Asks no leave (Expect: 100-continue) for small bodies. It saves a turn, and .NET sends a body of up to 1,024 bytes also after a refusal, which Ceph's gateway
    /// then takes for the next request of the connection and answers with 400.
    /// </summary>
    private sealed class SmallBodiesAtOnce : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content?.Headers.ContentLength <= 64 * 1024)
                request.Headers.ExpectContinue = false;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
