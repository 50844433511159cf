using System.Globalization;
using System.Text;

namespace Sluice.Deploy.Files;

/// <summary>Writes several files so that all are new or all are as they were.</summary>
internal static class FileWrites
{
    /// <summary>
    /// Writes all beside their places, on the disk, and then renames them. What fails, or is cancelled, leaves every file as it was and nothing beside it; a
    /// kill leaves each old or new, and may leave some of them old where it comes between two renames.
    /// </summary>
    /// <exception cref="IOException">One cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">One may not be written.</exception>
    public static async Task WriteAsync(IReadOnlyList<(string Path, string Text)> files, CancellationToken cancellationToken)
    {
        (string Path, string Beside, string Text)[] all = [.. files.Select(file => (file.Path, string.Create(CultureInfo.InvariantCulture, $"{file.Path}.{Environment.ProcessId}.tmp"), file.Text))];
        try
        {
            foreach ((string path, string beside, string text) in all)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await WriteAsync(beside, new UTF8Encoding(false).GetBytes(text), cancellationToken).ConfigureAwait(false);
            }
            cancellationToken.ThrowIfCancellationRequested();
            await RenameAsync(all).ConfigureAwait(false);
        }
        finally
        {
            foreach ((_, string beside, _) in all)
                File.Delete(beside);
        }
    }

    // Not cancelled half way.
    private static async Task RenameAsync((string Path, string Beside, string Text)[] all)
    {
        var before = new List<(string Path, byte[]? Content)>();
        try
        {
            foreach ((string path, string beside, _) in all)
            {
                byte[]? content = File.Exists(path) ? await File.ReadAllBytesAsync(path, CancellationToken.None).ConfigureAwait(false) : null;
                File.Move(beside, path, overwrite: true);
                before.Add((path, content));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            foreach ((string path, byte[]? content) in before)
            {
                if (content is null)
                    File.Delete(path);
                else
                    await WriteAsync(path, content, CancellationToken.None).ConfigureAwait(false);
            }
            throw;
        }
    }

    private static async Task WriteAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1, useAsync: true);
        await file.WriteAsync(content, cancellationToken).ConfigureAwait(false);
        file.Flush(flushToDisk: true);
    }
}
