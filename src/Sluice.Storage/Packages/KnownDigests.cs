using System.Security.Cryptography;
using System.Text;

namespace Sluice.Storage.Packages;

/// <summary>
/// The digests of the files of one folder as they were when a publish hashed them, so that the next one reads only what changed. A file counts as unchanged while its
/// <see cref="FileStamp"/> is the same and it was not written to just before it was hashed, as in git's index. What is uploaded is hashed again on its way.
/// </summary>
/// <remarks>A cache: without it, or with a damaged one, all is read. On Linux alone, and on its own file systems, every change is told; elsewhere nothing is kept.</remarks>
public sealed class KnownDigests
{
    private const int Sha256Length = 64;

    // One for each folder that was ever published from this machine.
    private static readonly TimeSpan s_forgotten = TimeSpan.FromDays(90);

    private readonly string _file;
    private readonly DateTimeOffset _now;

    // By the stamps' texts, which programs that start need not compile code for.
    private readonly Dictionary<string, string> _before = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _kept = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private bool _isChanged;

    private KnownDigests(string file, DateTimeOffset now) => (_file, _now) = (file, now);

    /// <summary>How many files were not read.</summary>
    internal int Reused { get; private set; }

    /// <summary>Reads what is known of a folder's files.</summary>
    /// <param name="cache">Where it is kept; made when there is something to keep.</param>
    /// <param name="folder">The folder that is published.</param>
    /// <param name="time">The clock that file systems go by.</param>
    public static KnownDigests Of(string cache, string folder, TimeProvider time)
    {
        byte[] name = SHA256.HashData(Encoding.UTF8.GetBytes(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));
        var known = new KnownDigests(Path.Combine(cache, Convert.ToHexStringLower(name.AsSpan(0, 16))), time.GetUtcNow());
        known.Read();
        return known;
    }

    /// <summary>The digest of a file that did not change since it was hashed; null where it is unknown.</summary>
    internal string? Find(FileStamp stamp)
    {
        string text = stamp.ToString();
        if (!_before.TryGetValue(text, out string? sha256))
            return null;
        lock (_lock)
        {
            _kept[text] = sha256;
            Reused++;
        }
        return sha256;
    }

    /// <summary>Keeps the digest of a file whose stamp was the same before and after it was hashed.</summary>
    internal void Add(FileStamp stamp, string sha256)
    {
        if (!stamp.IsSettled(_now))
            return;
        lock (_lock)
        {
            _kept[stamp.ToString()] = sha256;
            _isChanged = true;
        }
    }

    /// <summary>Writes what was found and added, if anything was added; the rest is forgotten.</summary>
    internal void Save()
    {
        if (!_isChanged)
            return;
        string temporary = $"{_file}.{Guid.NewGuid():N}";
        try
        {
            string folder = Path.GetDirectoryName(_file)!;
            Directory.CreateDirectory(folder);
            var lines = new StringBuilder();
            foreach ((string stamp, string sha256) in _kept)
                lines.Append(stamp).Append(' ').Append(sha256).Append('\n');
            File.WriteAllText(temporary, lines.ToString());
            File.Move(temporary, _file, overwrite: true);
            foreach (string old in Directory.EnumerateFiles(folder))
            {
                if (_now - File.GetLastWriteTimeUtc(old) > s_forgotten)
                    File.Delete(old);
            }
        }
        catch (Exception e) when (IoErrors.IsIo(e))
        {
            // Nothing is lost: the next publish reads all. What is left over goes with the old ones.
        }
    }

    private void Read()
    {
        try
        {
            foreach (string line in File.Exists(_file) ? File.ReadAllLines(_file) : [])
            {
                string sha256 = line[(line.LastIndexOf(' ') + 1)..];
                // What is no stamp is no file's.
                if (sha256.Length == Sha256Length && line.Length > Sha256Length && sha256.All(char.IsAsciiHexDigitLower))
                    _before[line[..^(Sha256Length + 1)]] = sha256;
            }
        }
        catch (Exception e) when (IoErrors.IsIo(e))
        {
            // None that can be read: all is hashed.
        }
    }
}
