using Sluice.Orchestration;

namespace Sluice.Worker.Programs;

/// <summary>A program in a worker's cache.</summary>
/// <param name="Folder">Its folder, under <c>cache/packages</c> or <c>cache/builds</c>.</param>
/// <param name="Bytes">Bytes of its files.</param>
/// <param name="LastUsed">When a run last took it.</param>
public sealed record CachedProgram(string Folder, long Bytes, DateTimeOffset LastUsed);

/// <summary>Removes pulled packages and built sources that no run has taken for long. What is gone is pulled or built again when it is needed.</summary>
public static class CacheCleaning
{
    private const string Gone = ".gone-";

    /// <summary>The programs that no run has taken for a while, removed where that is asked for.</summary>
    /// <param name="home">The home whose cache it is.</param>
    /// <param name="unused">For how long. Runs that take longer may still read their program: choose a longer time.</param>
    /// <param name="now">The time.</param>
    /// <param name="apply">Whether to remove them.</param>
    /// <param name="cancellationToken">Cancels it between two programs.</param>
    public static IReadOnlyList<CachedProgram> Clean(SluiceHome home, TimeSpan unused, DateTimeOffset now, bool apply, CancellationToken cancellationToken)
    {
        var old = new List<CachedProgram>();
        foreach (string cache in new[] { "packages", "builds" }.Select(name => Path.Combine(home.Cache, name)).Where(Directory.Exists))
        {
            foreach (string folder in Directory.EnumerateDirectories(cache).Order(StringComparer.Ordinal).ToList())
            {
                cancellationToken.ThrowIfCancellationRequested();
                string name = Path.GetFileName(folder);
                // What a killed cleaning left; other hidden folders are being pulled or built.
                if (name.StartsWith(Gone, StringComparison.Ordinal) && apply)
                    Directory.Delete(folder, recursive: true);
                if (name.StartsWith('.') || Directory.GetLastWriteTimeUtc(folder) is var used && now - used < unused)
                    continue;
                old.Add(new(folder, Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length), new(Directory.GetLastWriteTimeUtc(folder), TimeSpan.Zero)));
                if (apply)
                    Remove(cache, folder);
            }
        }
        return old;
    }

    /// <summary>Notes that a run takes a program.</summary>
    /// <param name="files">The folder of its files, in that of the program.</param>
    /// <param name="now">The time.</param>
    internal static void Use(string files, DateTimeOffset now)
    {
        try
        {
            Directory.SetLastWriteTimeUtc(Path.GetDirectoryName(files)!, now.UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A cache that this user may only read is cleaned by its owner, who then goes by when it was filled.
        }
    }

    // Renamed first: nobody sees a program of which a part is gone.
    private static void Remove(string cache, string folder)
    {
        string gone = Path.Combine(cache, Gone + Guid.NewGuid().ToString("N"));
        Directory.Move(folder, gone);
        Directory.Delete(gone, recursive: true);
        File.Delete(folder + ".log");
    }
}
