using Google.Apis.Http;
using Sluice.Storage.Remote;

namespace Sluice.Storage.Gcs;

/// <summary>The HTTP connections of one store.</summary>
/// <param name="time">Counts pauses.</param>
internal sealed class GcsConnections(TimeProvider time) : HttpClientFactory
{
    /// <inheritdoc/>
    protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => RemoteConnections.Create(time);
}
