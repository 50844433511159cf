using System.Net;
using Google.Apis.Http;

namespace Sluice.Storage.Gcs;

/// <summary>Asks again, with growing pauses, where Google says by 403 instead of 429 that requests came too fast.</summary>
/// <param name="time">Counts the pauses.</param>
internal sealed class RateLimitHandler(TimeProvider time) : IHttpUnsuccessfulResponseHandler
{
    /// <inheritdoc/>
    public async Task<bool> HandleResponseAsync(HandleUnsuccessfulResponseArgs args)
    {
        if (!args.SupportsRetry || args.Response.StatusCode != HttpStatusCode.Forbidden)
            return false;
        // Whoever reads the refusal after this one finds it whole.
        await args.Response.Content.LoadIntoBufferAsync(args.CancellationToken).ConfigureAwait(false);
        if (!GcsErrors.IsRateLimit((await GcsException.OfAsync(args.Response, args.CancellationToken).ConfigureAwait(false)).Reason))
            return false;
        await Task.Delay(TimeSpan.FromMilliseconds(100 << Math.Min(args.CurrentFailedTry, 8)), time, args.CancellationToken).ConfigureAwait(false);
        return true;
    }
}
