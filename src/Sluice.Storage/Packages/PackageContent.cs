using System.Security.Cryptography;

namespace Sluice.Storage.Packages;

/// <summary>The files of a package before it is stored: hashed, sorted, with the package's digest.</summary>
public sealed class PackageContent
{
    private readonly Dictionary<string, string> _fullPaths;

    private PackageContent(IReadOnlyList<PackageFile> files, Dictionary<string, string> fullPaths)
    {
        Files = files;
        Digest = PackageDigest.Compute(files);
        _fullPaths = fullPaths;
    }

    /// <summary>The files, by path in ordinal order.</summary>
    public IReadOnlyList<PackageFile> Files { get; }

    /// <summary>The package's digest.</summary>
    public string Digest { get; }

    /// <summary>Reads and hashes the files, several at a time.</summary>
    /// <exception cref="StorageException">Invalid: a path that a package cannot hold, or two that are one file on Windows. Changed: a file that vanished. Forbidden: one that cannot be read.</exception>
    public static async Task<PackageContent> ReadAsync(IReadOnlyList<PackageSource> sources, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (PackageSource source in sources)
        {
            if (StoreKey.RefusePath(source.Path) is { } reason)
                throw new StorageException(StorageErrorKind.Invalid, $"The file '{source.Path}' cannot be packaged: {reason}. Rename it or leave it out.");
            if (!seen.Add(source.Path))
                throw new StorageException(StorageErrorKind.Invalid, $"The file '{source.Path}' is in the package twice, or beside one whose name differs only in case. Rename or leave out one.");
        }
        PackageSource[] sorted = [.. sources.OrderBy(s => s.Path, StringComparer.Ordinal)];
        var files = new PackageFile[sorted.Length];
        await Parallel.ForAsync(0, sorted.Length, cancellationToken, (i, token) =>
        {
            token.ThrowIfCancellationRequested();
            files[i] = Read(sorted[i]);
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        return new(files, sorted.ToDictionary(s => s.Path, s => s.FullPath, StringComparer.Ordinal));
    }

    /// <summary>Opens a file again, to be stored: reading it to its end fails when it is no longer what was hashed.</summary>
    /// <param name="file">The file.</param>
    /// <param name="read">Told how many bytes were read, each time.</param>
    internal Stream Open(PackageFile file, Action<int>? read = null)
    {
        string path = _fullPaths[file.Path];
        StorageException Changed(string why, Exception? e) =>
            new(StorageErrorKind.Changed, $"The file '{file.Path}' {why} while it was packaged ({path}): end what writes it, then publish again.", e);
        try
        {
            return new VerifyingStream(OpenRead(path), file, e => Changed("changed", e), read);
        }
        catch (Exception e) when (IoErrors.IsIo(e))
        {
            throw Changed("vanished or became unreadable", e);
        }
    }

    private static PackageFile Read(PackageSource source)
    {
        try
        {
            using FileStream stream = OpenRead(source.FullPath);
            string sha256 = Convert.ToHexStringLower(SHA256.HashData(stream));
            return new(source.Path, stream.Position, ModeOf(source, stream), sha256);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StorageException(StorageErrorKind.Changed, $"The file '{source.Path}' is to be packaged but is not there ({source.FullPath}): publish again.", e);
        }
        catch (Exception e) when (IoErrors.IsIo(e))
        {
            throw IoErrors.Translate(e, $"Cannot read {source.FullPath}, which is to be packaged");
        }
    }

    private static string ModeOf(PackageSource source, FileStream stream) =>
        source.Executable || (!OperatingSystem.IsWindows() && File.GetUnixFileMode(stream.SafeFileHandle).HasFlag(UnixFileMode.UserExecute)) ? "755" : "644";

    private static FileStream OpenRead(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.SequentialScan);
}
