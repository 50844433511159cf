using System.Security.Cryptography;
using System.Text;

namespace Sluice.Storage.Packages;

/// <summary>The digest of a package: what its files are, whatever its name, version, commit or time.</summary>
public static class PackageDigest
{
    /// <summary>
    /// Lower-case hex SHA-256 over one line <c>MODE SHA256 PATH\n</c> (UTF-8) a file, in ordinal order of the paths. A path cannot hold a line
    /// break (<see cref="StoreKey.RefusePath"/>), so no two packages share a text.
    /// </summary>
    public static string Compute(IEnumerable<PackageFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (PackageFile file in files.OrderBy(f => f.Path, StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.Mode} {file.Sha256} {file.Path}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What the keys of all blobs begin with.</summary>
    internal const string BlobPrefix = "blobs/sha256/";

    /// <summary>The key of a blob.</summary>
    /// <param name="sha256">Lower-case hex.</param>
    public static string BlobKey(string sha256) => $"{BlobPrefix}{sha256[..2]}/{sha256}";

    /// <summary>Whether a key is that of a blob by digest.</summary>
    internal static bool IsBlobKey(string key) => key.StartsWith(BlobPrefix, StringComparison.Ordinal);
}
