using System.IO.Compression;
using System.Text.Json;
using Sluice.Storage.Trust;

namespace Sluice.Storage.Packages;

/// <summary>
/// A package as one zip file: <c>manifest.json</c> and <c>files/PATH</c>, for stores that keep one object a package. The same package gives the same bytes:
/// the entries are in ordinal order, their times are the format's first day, and the manifest has no time of its own.
/// </summary>
internal static class PackageArchive
{
    private const string Files = "files/";
    private static readonly DateTimeOffset s_firstDay = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes a package.</summary>
    public static async Task WriteAsync(PackageContent content, byte[] manifest, PackageEvidence evidence, Stream target, CancellationToken cancellationToken)
    {
        ZipArchive zip = await ZipArchive.CreateAsync(target, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken).ConfigureAwait(false);
        await using (zip.ConfigureAwait(false))
        {
            await AddAsync(zip, PackageWriter.ManifestName, "644", new MemoryStream(manifest, writable: false), cancellationToken).ConfigureAwait(false);
            foreach ((string name, byte[] bytes) in evidence.Named)
                await AddAsync(zip, name, "644", new MemoryStream(bytes, writable: false), cancellationToken).ConfigureAwait(false);
            foreach (PackageFile file in content.Files)
                await AddAsync(zip, Files + file.Path, file.Mode, content.Open(file), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Opens an archive that was read whole.</summary>
    /// <exception cref="StorageException">Of kind Damaged: it is no zip file.</exception>
    public static async Task<ZipArchive> OpenAsync(Stream archive, PackageReference package, CancellationToken cancellationToken)
    {
        try
        {
            return await ZipArchive.CreateAsync(archive, ZipArchiveMode.Read, leaveOpen: false, entryNameEncoding: null, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw PackageVerifier.Damaged(package, "what its address gives is no zip file", e);
        }
    }

    /// <summary>Reads and checks the manifest.</summary>
    public static async Task<(PackageManifest Manifest, byte[] Json)> ReadManifestAsync(ZipArchive zip, PackageReference package, CancellationToken cancellationToken)
    {
        ZipArchiveEntry entry = zip.GetEntry(PackageWriter.ManifestName) ?? throw PackageVerifier.Damaged(package, "its archive has no manifest.json");
        if (entry.Length > 64 * 1024 * 1024)
            throw PackageVerifier.Damaged(package, "its manifest.json is larger than any");
        try
        {
            await using Stream stream = await entry.OpenAsync(cancellationToken).ConfigureAwait(false);
            var json = new MemoryStream();
            await stream.CopyToAsync(json, cancellationToken).ConfigureAwait(false);
            return (PackageVerifier.Read(json.ToArray(), package), json.ToArray());
        }
        catch (InvalidDataException e)
        {
            throw PackageVerifier.Damaged(package, "its archive cannot be read", e);
        }
    }

    /// <summary>Reads what else the archive says of the package.</summary>
    public static async Task<PackageEvidence> ReadEvidenceAsync(ZipArchive zip, PackageReference package, CancellationToken cancellationToken)
    {
        try
        {
            return await PackageEvidence.ReadAsync(async name => zip.GetEntry(name) is { } entry ? await entry.OpenAsync(cancellationToken).ConfigureAwait(false) : null, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw PackageVerifier.Damaged(package, "its archive cannot be read", e);
        }
    }

    /// <summary>Opens a file of the package; reading it to its end fails when it is not what its digest says.</summary>
    public static async Task<Stream> OpenAsync(ZipArchive zip, PackageReference package, PackageFile file, CancellationToken cancellationToken)
    {
        ZipArchiveEntry entry = zip.GetEntry(Files + file.Path) ?? throw PackageVerifier.Damaged(package, $"its archive has no file '{file.Path}'");
        try
        {
            return new VerifyingStream(
                await entry.OpenAsync(cancellationToken).ConfigureAwait(false), file,
                e => PackageVerifier.Damaged(package, $"the file '{file.Path}' of its archive {(e is null ? "has other content than its digest says" : $"cannot be read ({e.Message})")}", e));
        }
        catch (InvalidDataException e)
        {
            throw PackageVerifier.Damaged(package, $"the file '{file.Path}' of its archive cannot be read ({e.Message})", e);
        }
    }

    private static async Task AddAsync(ZipArchive zip, string name, string mode, Stream content, CancellationToken cancellationToken)
    {
        await using Stream source = content;
        ZipArchiveEntry entry = zip.CreateEntry(name, CompressionLevel.Optimal);
        entry.LastWriteTime = s_firstDay;
        // A regular file's type and mode, where Unix programs look for them.
        entry.ExternalAttributes = (0x8000 | Convert.ToInt32(mode, 8)) << 16;
        await using Stream target = await entry.OpenAsync(cancellationToken).ConfigureAwait(false);
        await source.CopyToAsync(target, 128 * 1024, cancellationToken).ConfigureAwait(false);
    }
}
