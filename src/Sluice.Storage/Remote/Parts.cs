using System.Buffers;
using Sluice.Storage.Packages;

namespace Sluice.Storage.Remote;

/// <summary>Sends content of unknown length: whole where it is small, in numbered parts where it is not, a few at a time, each read before it is sent so that it can be sent again.</summary>
internal static class Parts
{
    /// <summary>Content shorter than this is sent whole. S3 wants at least 5 MiB in a part.</summary>
    public const int Size = 8 * 1024 * 1024;

    // Later parts are larger, since systems count them: S3 to 10,000, Azure to 50,000.
    private const int PartsOfOneSize = 1000;
    private const int LargestPart = 512 * 1024 * 1024;
    private const int Parallelism = 4;

    /// <summary>Sends the content.</summary>
    /// <param name="content">Read once, to its end.</param>
    /// <param name="whole">Sends small content at once.</param>
    /// <param name="begin">Begins an upload in parts.</param>
    /// <param name="part">Sends a part, counted from 1; its answers are given to <paramref name="end"/> in order.</param>
    /// <param name="end">Makes the object of its parts.</param>
    /// <param name="abort">Forgets the parts, after a failure; must not throw.</param>
    /// <param name="cancellationToken">Ends the upload; nothing becomes visible.</param>
    public static async Task SendAsync<TUpload, TPart>(
        Stream content,
        Func<ArraySegment<byte>, CancellationToken, Task> whole,
        Func<CancellationToken, Task<TUpload>> begin,
        Func<TUpload, int, ArraySegment<byte>, CancellationToken, Task<TPart>> part,
        Func<TUpload, TPart[], CancellationToken, Task> end,
        Func<TUpload, Task> abort,
        CancellationToken cancellationToken)
    {
        ArraySegment<byte> first = await ReadFirstAsync(content, cancellationToken).ConfigureAwait(false);
        if (first.Count < Size)
        {
            try
            {
                await whole(first, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                Return(first);
            }
            return;
        }
        TUpload upload = await begin(cancellationToken).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var slots = new SemaphoreSlim(Parallelism);
        var parts = new List<Task<TPart>>();
        try
        {
            ArraySegment<byte> bytes = first;
            while (bytes.Count > 0)
            {
                await slots.WaitAsync(stop.Token).ConfigureAwait(false);
                parts.Add(SendPartAsync(parts.Count + 1, bytes));
                bytes = await ReadAsync(content, (int)Math.Min(LargestPart, (long)Size << (parts.Count / PartsOfOneSize)), cancellationToken).ConfigureAwait(false);
            }
            Return(bytes);
            await end(upload, await Task.WhenAll(parts).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(parts.Select(sent => sent.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default))).ConfigureAwait(false);
            await abort(upload).ConfigureAwait(false);
            // A part that failed cancelled the rest; it is what must be told.
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested && parts.FirstOrDefault(sent => sent.IsFaulted) is { } failed)
                await failed.ConfigureAwait(false);
            throw;
        }

        async Task<TPart> SendPartAsync(int number, ArraySegment<byte> bytes)
        {
            try
            {
                return await part(upload, number, bytes, stop.Token).ConfigureAwait(false);
            }
            catch
            {
                await stop.CancelAsync().ConfigureAwait(false);
                throw;
            }
            finally
            {
                Return(bytes);
                slots.Release();
            }
        }
    }

    /// <summary>Reads up to the first part's end; what is shorter than <see cref="Size"/> is all there is. To be given back by <see cref="Return"/>.</summary>
    public static async Task<ArraySegment<byte>> ReadFirstAsync(Stream content, CancellationToken cancellationToken)
    {
        // Most objects are far smaller than a part. One byte more than there is, since content is verified at its end.
        int hint = content is VerifyingStream or { CanSeek: true } ? (int)Math.Clamp(content.Length - content.Position + 1, 1, Size) : Size;
        ArraySegment<byte> first = await ReadAsync(content, hint, cancellationToken).ConfigureAwait(false);
        if (first.Count < hint || hint == Size)
            return first;
        // It is longer than it said.
        await using var rest = new JoinedStream(first, content);
        try
        {
            return await ReadAsync(rest, Size, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Return(first);
        }
    }

    private static async Task<ArraySegment<byte>> ReadAsync(Stream content, int size, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            return new(buffer, 0, await content.ReadAtLeastAsync(buffer.AsMemory(0, size), size, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>Gives the bytes back.</summary>
    public static void Return(ArraySegment<byte> bytes) => ArrayPool<byte>.Shared.Return(bytes.Array!);
}
