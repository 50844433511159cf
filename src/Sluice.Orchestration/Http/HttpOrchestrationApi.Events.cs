using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    /// <inheritdoc/>
    /// <remarks>An event keeps its id when the request is repeated, and the server takes it once.</remarks>
    public async Task CreateEventsAsync(IReadOnlyList<EventCreate> events, CancellationToken cancellationToken)
    {
        if (!await IsSluiceAsync(cancellationToken).ConfigureAwait(false))
        {
            await _transport.SendAsync(Post("/events", events, Json.IReadOnlyListEventCreate), cancellationToken).ConfigureAwait(false);
        }
    }
}
