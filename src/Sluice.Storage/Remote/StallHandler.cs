using System.Net;

namespace Sluice.Storage.Remote;

/// <summary>
/// Gives up a request on which nothing moves for a while, either way, in place of a bound on the whole of it: a slow link may take as long as it needs, and a dead one
/// is found out. The SDKs above try again what was given up.
/// </summary>
/// <param name="time">Counts the silence.</param>
internal sealed class StallHandler(TimeProvider time) : DelegatingHandler
{
    internal static readonly TimeSpan Longest = TimeSpan.FromSeconds(100);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        HttpContent? content = request.Content;
        try
        {
            if (content is not null)
                request.Content = new WatchedContent(content, () => silence.CancelAfter(Longest));
            HttpResponseMessage response = await base.SendAsync(request, either.Token).ConfigureAwait(false);
            response.Content = new BoundedContent(response.Content, time);
            return response;
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Stalled();
        }
        finally
        {
            // Who sends the request again sends its own content.
            request.Content = content;
        }
    }

    private static HttpRequestException Stalled() => new($"nothing moved for {Longest.TotalSeconds} seconds");

    private static void CopyHeaders(HttpContent from, HttpContent to)
    {
        foreach ((string name, IEnumerable<string> values) in from.Headers)
            to.Headers.TryAddWithoutValidation(name, values);
    }

    /// <summary>A request's body that tells when some of it was taken by the connection.</summary>
    private sealed class WatchedContent : HttpContent
    {
        private readonly HttpContent _inner;
        private readonly Action _moved;

        public WatchedContent(HttpContent inner, Action moved)
        {
            (_inner, _moved) = (inner, moved);
            CopyHeaders(inner, this);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await using var watched = new SteppedStream(stream, _moved);
            await _inner.CopyToAsync(watched, context, cancellationToken).ConfigureAwait(false);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _inner.Headers.ContentLength ?? 0;
            return _inner.Headers.ContentLength is not null;
        }
    }

    /// <summary>A response's body, each read of which is bounded.</summary>
    private sealed class BoundedContent : HttpContent
    {
        private readonly HttpContent _inner;
        private readonly TimeProvider _time;

        public BoundedContent(HttpContent inner, TimeProvider time)
        {
            (_inner, _time) = (inner, time);
            CopyHeaders(inner, this);
        }

        protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => new BoundedStream(_inner.ReadAsStream(cancellationToken), Longest, _time, Stalled);

        protected override async Task<Stream> CreateContentReadStreamAsync() => new BoundedStream(await _inner.ReadAsStreamAsync().ConfigureAwait(false), Longest, _time, Stalled);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await using Stream bounded = await CreateContentReadStreamAsync().ConfigureAwait(false);
            await bounded.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _inner.Headers.ContentLength ?? 0;
            return _inner.Headers.ContentLength is not null;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
