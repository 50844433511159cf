using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sluice.Testing.Containers;

/// <summary>Base images that need no other registry: made of this machine's files, and pushed to a test's registry.</summary>
public static class BaseImage
{
    private static readonly string Architecture = RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    /// <summary>An image with one small file, which nothing can run in. Answers its name.</summary>
    /// <param name="registry">Where it goes.</param>
    /// <param name="architectures">For which processors (as <c>amd64</c>): several make an index of them.</param>
    public static async Task<string> PushTinyAsync(ContainerRegistry registry, params string[] architectures)
    {
        const string repository = "base/tiny";
        byte[] layer = Tar(tar => Add(tar, "etc/base", "base"u8.ToArray()));
        using HttpClient client = registry.Client();
        var manifests = new List<object>();
        foreach (string architecture in architectures.Length == 0 ? [Architecture] : architectures)
        {
            (string digest, int size) = await PushAsync(client, repository, architecture == Architecture && architectures.Length == 0 ? "1" : architecture, layer, architecture);
            manifests.Add(new { mediaType = "application/vnd.oci.image.manifest.v1+json", digest, size, platform = new { architecture, os = "linux" } });
        }
        if (architectures.Length > 0)
            await PutManifestAsync(client, repository, "1", new { schemaVersion = 2, mediaType = "application/vnd.oci.image.index.v1+json", manifests }, "application/vnd.oci.image.index.v1+json");
        return $"{registry.Host}/{repository}:1";
    }

    /// <summary>An image with the .NET that runs this test and the libraries it needs: framework-dependent programs run in it. Answers its name.</summary>
    public static async Task<string> PushRuntimeAsync(ContainerRegistry registry)
    {
        const string repository = "base/runtime";
        // …/shared/Microsoft.NETCore.App/10.0.0/
        string framework = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());
        string root = Path.GetFullPath(Path.Combine(framework, "..", "..", ".."));
        string host = Directory.EnumerateDirectories(Path.Combine(root, "host", "fxr")).OrderBy(folder => Version.Parse(Path.GetFileName(folder).Split('-')[0])).Last();
        string[] files = [Path.Combine(root, "dotnet"), .. Directory.EnumerateFiles(host), .. Directory.EnumerateFiles(framework)];
        string[] libraries = await LibrariesAsync([.. files.Where(file => file.EndsWith(".so", StringComparison.Ordinal) || Path.GetFileName(file) == "dotnet")]);
        byte[] layer = Tar(tar =>
        {
            foreach (string file in files)
                Add(tar, "usr/share/dotnet/" + Path.GetRelativePath(root, file), File.ReadAllBytes(file));
            foreach (string library in libraries)
                Add(tar, library.TrimStart('/'), File.ReadAllBytes(library));
            Add(tar, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"u8.ToArray());
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "usr/bin/dotnet") { LinkName = "/usr/share/dotnet/dotnet" });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "tmp") { Mode = (UnixFileMode)0x3FF });
        });
        using HttpClient client = registry.Client();
        await PushAsync(client, repository, "10.0", layer, Architecture);
        return $"{registry.Host}/{repository}:10.0";
    }

    private static async Task<(string Digest, int Size)> PushAsync(HttpClient client, string repository, string tag, byte[] layer, string architecture)
    {
        byte[] zipped = Zip(layer);
        byte[] config = JsonSerializer.SerializeToUtf8Bytes(new
        {
            architecture,
            os = "linux",
            config = new { Env = new[] { "PATH=/usr/local/bin:/usr/bin:/bin", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1", "DOTNET_ROOT=/usr/share/dotnet" } },
            rootfs = new { type = "layers", diff_ids = new[] { DigestOf(layer) } },
            history = new[] { new { created_by = "a test" } },
        });
        foreach (byte[] blob in new[] { zipped, config })
        {
            using HttpResponseMessage begun = await client.PostAsync(new Uri($"/v2/{repository}/blobs/uploads/", UriKind.Relative), null);
            begun.EnsureSuccessStatusCode();
            string upload = begun.Headers.Location!.ToString();
            using var content = new ByteArrayContent(blob) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
            using HttpResponseMessage put = await client.PutAsync(new Uri($"{upload}{(upload.Contains('?', StringComparison.Ordinal) ? '&' : '?')}digest={DigestOf(blob)}"), content);
            put.EnsureSuccessStatusCode();
        }
        return await PutManifestAsync(client, repository, tag, new
        {
            schemaVersion = 2,
            mediaType = "application/vnd.oci.image.manifest.v1+json",
            config = new { mediaType = "application/vnd.oci.image.config.v1+json", digest = DigestOf(config), size = config.Length },
            layers = new[] { new { mediaType = "application/vnd.oci.image.layer.v1.tar+gzip", digest = DigestOf(zipped), size = zipped.Length } },
        }, "application/vnd.oci.image.manifest.v1+json");
    }

    private static async Task<(string Digest, int Size)> PutManifestAsync(HttpClient client, string repository, string tag, object manifest, string type)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(manifest);
        using var content = new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        using HttpResponseMessage put = await client.PutAsync(new Uri($"/v2/{repository}/manifests/{tag}", UriKind.Relative), content);
        if (!put.IsSuccessStatusCode)
            throw new InvalidOperationException(await put.Content.ReadAsStringAsync());
        return (DigestOf(json), json.Length);
    }

    private static async Task<string[]> LibrariesAsync(string[] programs)
    {
        await using ProgramRun run = await ProgramRun.CompleteAsync("ldd", programs);
        string[] known = [.. run.Output.Split([' ', '\t', '\n']).Where(word => word.StartsWith('/') && word.Contains(".so", StringComparison.Ordinal) && !word.EndsWith(':')).Where(File.Exists).Distinct()];
        // What .NET loads by name, for hashing.
        string folder = Path.GetDirectoryName(known.First(path => Path.GetFileName(path) == "libc.so.6"))!;
        return [.. known.Where(path => !path.Contains("/dotnet/", StringComparison.Ordinal)), .. Directory.EnumerateFiles("/usr" + folder, "libssl.so.3"), .. Directory.EnumerateFiles("/usr" + folder, "libcrypto.so.3")];
    }

    private static byte[] Tar(Action<TarWriter> write)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
            write(tar);
        return stream.ToArray();
    }

    private static void Add(TarWriter tar, string path, byte[] content) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path) { Mode = (UnixFileMode)0x1ED, DataStream = new MemoryStream(content) });

    private static byte[] Zip(byte[] content)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
            gzip.Write(content);
        return zipped.ToArray();
    }

    private static string DigestOf(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));
}
