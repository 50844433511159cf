namespace Sluice.Storage.Remote;

/// <summary>Keeps content that must be read more than once or not before it is whole: in memory while it is small, else in a file that goes with the stream.</summary>
internal static class Spool
{
    private const int InMemory = 8 * 1024 * 1024;
    private const int Buffer = 128 * 1024;

    /// <summary>Reads the content to its end.</summary>
    /// <param name="content">Read once; not disposed.</param>
    /// <param name="cancellationToken">Ends it; nothing is left.</param>
    /// <returns>The same bytes, seekable, at their beginning.</returns>
    public static async Task<Stream> ReadAsync(Stream content, CancellationToken cancellationToken)
    {
        Stream kept = new MemoryStream();
        byte[] buffer = new byte[Buffer];
        try
        {
            while (await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
            {
                if (kept is MemoryStream && kept.Length + count > InMemory)
                {
                    var file = new FileStream(Path.Combine(Path.GetTempPath(), $"sluice-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
                    ((MemoryStream)kept).WriteTo(file);
                    kept = file;
                }
                await kept.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            await kept.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        kept.Position = 0;
        return kept;
    }
}
