using System.Globalization;
using System.Text;

namespace Sluice.Deploy.Files;

/// <summary>Writes several files so that all are new or all are as they were.</summary>
internal static class FileWrites
{
    /// <summary>
    /// Writes all beside their places, on the disk, and then renames them. What fails, or is cancelled, leaves every file as it was and nothing beside it; a
    /// kill leaves each old or new as a whole, and may leave some of them old where it comes between two renames.
    /// </summary>
    /// <exception cref="IOException">One cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">One may not be written.</exception>
    public static async Task WriteAsync(IReadOnlyList<(string Path, string Text)> files, CancellationToken cancellationToken)
    {
        var temporaries = new HashSet<string>(StringComparer.Ordinal);
        var placed = new List<(string Path, string? Kept)>();
        try
        {
            foreach ((string path, string text) in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                temporaries.Add(Beside(path, "tmp"));
                await WriteAsync(Beside(path, "tmp"), new UTF8Encoding(false).GetBytes(text), cancellationToken).ConfigureAwait(false);
            }
            cancellationToken.ThrowIfCancellationRequested();
            // Not cancelled half way. What was there is kept until all are in their places: to put it back is a rename too, which tears nothing.
            foreach ((string path, _) in files)
            {
                string? kept = File.Exists(path) ? Beside(path, "old.tmp") : null;
                if (kept is not null)
                {
                    temporaries.Add(kept);
                    File.Copy(path, kept, overwrite: true);
                }
                File.Move(Beside(path, "tmp"), path, overwrite: true);
                placed.Add((path, kept));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && placed.Count > 0)
        {
            PutBack(placed, temporaries, e);
            throw;
        }
        finally
        {
            foreach (string temporary in temporaries)
                Remove(temporary);
        }
    }

    private static void PutBack(List<(string Path, string? Kept)> placed, HashSet<string> temporaries, Exception cause)
    {
        var stuck = new List<string>();
        foreach ((string path, string? kept) in placed)
        {
            try
            {
                if (kept is null)
                    File.Delete(path);
                else
                    File.Move(kept, path, overwrite: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                stuck.Add(kept is null ? $"{path} is new and could not be deleted again" : $"what was in {path} is in {kept}");
                if (kept is not null)
                    temporaries.Remove(kept);
            }
        }
        if (stuck.Count > 0)
            throw new IOException($"{cause.Message} Not all could be put back: {string.Join("; ", stuck)}.", cause);
    }

    private static string Beside(string path, string end) => string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}.{end}");

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // One that stays harms nobody, and what failed before is to be told.
        }
    }

    private static async Task WriteAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1, useAsync: true);
        await file.WriteAsync(content, cancellationToken).ConfigureAwait(false);
        file.Flush(flushToDisk: true);
    }
}
