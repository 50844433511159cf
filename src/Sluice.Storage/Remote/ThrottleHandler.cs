using System.Net;

namespace Sluice.Storage.Remote;

/// <summary>
/// Makes a server's "not now" one thing for the SDKs above, whose retries count attempts and pause by themselves: 429 and the 5xx of gateways and
/// failing servers become 503, which all of them try again, and a <c>Retry-After</c> (RFC 9110, section 10.2.3; seconds or a date) is waited for first, up to a bound.
/// </summary>
/// <param name="time">Counts the pause.</param>
internal sealed class ThrottleHandler(TimeProvider time) : DelegatingHandler
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout))
            return response;
        TimeSpan? wait = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - time.GetUtcNow() : null;
        if (wait is { } pause && pause > TimeSpan.Zero)
            await Task.Delay(pause < s_longest ? pause : s_longest, time, cancellationToken).ConfigureAwait(false);
        // It was waited for; an SDK that heeds it too would do so again, without a bound.
        response.Headers.Remove("Retry-After");
        response.StatusCode = HttpStatusCode.ServiceUnavailable;
        return response;
    }
}
