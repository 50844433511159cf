using System.Buffers;
using System.Security.Cryptography;

namespace Sluice.Storage.Packages;

/// <summary>The files of a package before it is stored: hashed, sorted, with the package's digest.</summary>
public sealed class PackageContent
{
    // The read-ahead of disks; what SHA256.HashData takes for itself is a thirtieth, and a third slower.
    private const int BufferSize = 128 * 1024;

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
    /// <param name="sources">The files.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <param name="known">Spares the reading of files that were hashed before and did not change since; null reads all.</param>
    /// <exception cref="StorageException">Invalid: a path that a package cannot hold, or two that are one file on Windows. Changed: a file that vanished. Forbidden: one that cannot be read.</exception>
    public static async Task<PackageContent> ReadAsync(IReadOnlyList<PackageSource> sources, CancellationToken cancellationToken, KnownDigests? known = null)
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
            files[i] = Read(sorted[i], known);
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        known?.Save();
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

    private static PackageFile Read(PackageSource source, KnownDigests? known)
    {
        try
        {
            using FileStream stream = OpenRead(source.FullPath);
            FileStamp? stamp = known is null ? null : FileStamp.Of(stream.SafeFileHandle);
            if (stamp is { } before && known!.Find(before) is { } found)
                return new(source.Path, before.Size, ModeOf(source, stream), found);
            string sha256 = Hash(stream);
            var file = new PackageFile(source.Path, stream.Position, ModeOf(source, stream), sha256);
            if (stamp is { } hashed && hashed.Size == file.Size && FileStamp.Of(stream.SafeFileHandle) == stamp)
                known!.Add(hashed, sha256);
            return file;
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

    private static string Hash(FileStream stream)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (stream.Read(buffer) is > 0 and var count)
                hash.AppendData(buffer, 0, count);
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string ModeOf(PackageSource source, FileStream stream) =>
        source.Executable || (!OperatingSystem.IsWindows() && File.GetUnixFileMode(stream.SafeFileHandle).HasFlag(UnixFileMode.UserExecute)) ? "755" : "644";

    private static FileStream OpenRead(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.SequentialScan);
}
