using System.Runtime.CompilerServices;

namespace Sluice.Storage.Local;

/// <summary>
/// A folder as a store, for one machine or a mounted share. Several processes may use it at once without locks: an object is written to
/// <c>.uploads/</c>, flushed to the disk, and renamed to its key. A kill leaves a file in <c>.uploads/</c>, which no call shows and a later put removes.
/// </summary>
/// <remarks>
/// Durability: content is on the disk before the rename, so after a power failure an object is whole or absent. The flush costs milliseconds for
/// what really travels; a publish without changes puts nothing.
/// </remarks>
internal sealed class LocalStore : IPackageStore
{
    private const string Uploads = ".uploads";

    // An upload writes all the time, so one that was not written for so long is dead.
    private static readonly TimeSpan s_abandoned = TimeSpan.FromHours(1);

    private readonly string _root;
    private int _swept;

    internal LocalStore(Uri location)
    {
        if (!OperatingSystem.IsWindows() && location.Host.Length > 0)
            throw new StorageException(StorageErrorKind.Invalid, $"The storage '{StorageLocation.Shown(location)}' names the host '{location.Host}': write three slashes, as file:///{location.Host}{location.AbsolutePath}.");
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(location.LocalPath));
        Location = StoreUri.OfFolder(_root);
    }

    public Uri Location { get; }

    public Task<long?> GetSizeAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Try(() => Task.FromResult(new FileInfo(PathOf(key)) is { Exists: true } file ? file.Length : (long?)null), $"Cannot read {key} in the store {_root}");
    }

    public Task PutAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        string target = PathOf(key);
        return Try(() => PutFileAsync(target, content, createOnly: false, cancellationToken), $"Cannot write {key} to the store {_root}");
    }

    public Task<bool> CreateAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        string target = PathOf(key);
        return Try(() => PutFileAsync(target, content, createOnly: true, cancellationToken), $"Cannot write {key} to the store {_root}");
    }

    public Task<Stream> GetAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string path = PathOf(key);
        return Try<Stream>(
            () =>
            {
                try
                {
                    return Task.FromResult<Stream>(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.SequentialScan));
                }
                catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
                {
                    throw new StorageException(StorageErrorKind.NotFound, Directory.Exists(_root) ? $"The store {_root} has no {key}." : Vanished, e);
                }
            },
            $"Cannot read {key} in the store {_root}");
    }

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (string key in await Try(() => Task.FromResult(Keys(prefix)), $"Cannot list the store {_root}").ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return key;
        }
    }

    public Task<bool> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string path = PathOf(key);
        return Try(
            () =>
            {
                bool there = File.Exists(path);
                if (there)
                    File.Delete(path);
                return Task.FromResult(there);
            },
            $"Cannot delete {key} in the store {_root}");
    }

    public Task<Uri?> PresignAsync(string key, PresignedUse use, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        StoreKey.Check(key);
        return Task.FromResult<Uri?>(null);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string Vanished => $"The store {_root} does not exist: bring it back, or publish again.";

    private string PathOf(string key)
    {
        StoreKey.Check(key);
        return Path.Combine(_root, key.Replace('/', Path.DirectorySeparatorChar));
    }

    private async Task<bool> PutFileAsync(string target, Stream content, bool createOnly, CancellationToken cancellationToken)
    {
        if (File.Exists(_root))
            throw new StorageException(StorageErrorKind.Invalid, $"The store {_root} is a file: name a folder.");
        string uploads = Path.Combine(_root, Uploads);
        Directory.CreateDirectory(uploads);
        if (Interlocked.Exchange(ref _swept, 1) == 0)
            Sweep(uploads);
        string upload = Path.Combine(uploads, $"{Environment.ProcessId}-{Guid.NewGuid():N}");
        try
        {
            await using (var file = new FileStream(upload, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1))
            {
                await content.CopyToAsync(file, 128 * 1024, cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(upload, target, overwrite: !createOnly);
            return true;
        }
        catch (IOException) when (createOnly && File.Exists(target))
        {
            TryDelete(upload);
            return false;
        }
        catch
        {
            TryDelete(upload);
            throw;
        }
    }

    private List<string> Keys(string prefix)
    {
        int slash = prefix.LastIndexOf('/');
        string folder = slash < 0 ? _root : PathOf(prefix[..slash]);
        if (!Directory.Exists(_root))
            throw new StorageException(StorageErrorKind.NotFound, Vanished);
        if (!Directory.Exists(folder))
            return [];
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };
        var keys = Directory.EnumerateFiles(folder, "*", options)
            .Select(path => Path.GetRelativePath(_root, path).Replace(Path.DirectorySeparatorChar, '/'))
            .Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && !key.StartsWith(Uploads + "/", StringComparison.Ordinal))
            .ToList();
        keys.Sort(StringComparer.Ordinal);
        return keys;
    }

    private static void Sweep(string uploads)
    {
        DateTime old = DateTime.UtcNow - s_abandoned;
        foreach (string leftover in Directory.EnumerateFiles(uploads).Where(path => File.GetLastWriteTimeUtc(path) < old))
            TryDelete(leftover);
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (IoErrors.IsIo(e))
        {
            // Invisible anyway; the next sweep tries again.
        }
    }

    private static async Task<T> Try<T>(Func<Task<T>> work, string what)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (IoErrors.IsIo(e))
        {
            throw IoErrors.Translate(e, what);
        }
    }
}
