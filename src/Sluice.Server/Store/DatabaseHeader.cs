using System.Buffers.Binary;

namespace Sluice.Server.Store;

/// <summary>Finds a database file that was cut short, which SQLite itself would notice only at the first lost page.</summary>
internal static class DatabaseHeader
{
    private const int Size = 100;

    /// <summary>Why the file is damaged, or null. A file with a write-ahead log is left to SQLite: the log may hold what the file lacks.</summary>
    public static string? Damage(string path)
    {
        var log = new FileInfo(path + "-wal");
        if (log.Exists && log.Length > 0 || !File.Exists(path))
            return null;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length == 0)
            return null;
        Span<byte> header = stackalloc byte[Size];
        if (file.ReadAtLeast(header, Size, throwOnEndOfStream: false) < Size)
            return $"it has only {file.Length} bytes";
        if (!header.StartsWith("SQLite format 3\0"u8))
            return "file is not a database";
        int pageSize = BinaryPrimitives.ReadUInt16BigEndian(header[16..]) is var size and not 1 ? size : 65536;
        long pages = BinaryPrimitives.ReadUInt32BigEndian(header[28..]);
        return pages * pageSize > file.Length ? $"{pages * pageSize - file.Length} bytes are missing at its end" : null;
    }
}
