using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sluice.Storage;
using Sluice.Storage.Packages;
using Sluice.Worker.Launch;

namespace Sluice.Worker.Programs;

/// <summary>
/// Programs built from source, under <c>$SLUICE_HOME/cache/builds/KEY</c>: <c>build.json</c> and <c>files/</c>; <c>KEY.log</c> is what the latest build wrote. The key
/// stands for source, SDKs and system. A build works in a folder of its own and is renamed when it is whole. Several processes build one source once: a file
/// lock, which the system takes from a process that dies, makes the others wait.
/// </summary>
/// <param name="root">The cache's folder; created when missing.</param>
/// <param name="time">The clock.</param>
internal sealed class ProgramBuilds(string root, TimeProvider time)
{
    private const string RecordName = "build.json";
    private const string Building = ".build-";
    private static readonly TimeSpan s_abandoned = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_lockPause = TimeSpan.FromMilliseconds(200);

    private readonly string _root = Path.GetFullPath(root);

    /// <summary>The built program. Once built, no process is started and nothing is fetched.</summary>
    /// <param name="source">What to build.</param>
    /// <param name="tell">Takes lines for the run's log.</param>
    /// <param name="cancellationToken">Ends a build.</param>
    /// <exception cref="LaunchException">It cannot be built.</exception>
    public async Task<CachedPackage> GetAsync(ProgramSource source, Func<string, CancellationToken, Task> tell, CancellationToken cancellationToken)
    {
        IDictionary<string, string?> worker = new ProcessStartInfo().Environment;
        DotnetSdk? sdk = DotnetSdk.Find(worker);
        string key = KeyOf(source, sdk);
        if (Read(key) is { } built)
            return built;
        if (sdk is null)
        {
            throw new LaunchException($"{source.Name} is stored as source, and there is no .NET SDK on the worker's machine to build it "
                + "(DOTNET_HOST_PATH, DOTNET_ROOT and PATH were tried): install the .NET SDK 10 or newer, or publish to a store of packages");
        }
        Directory.CreateDirectory(_root);
        await using FileStream held = await LockAsync(key, source, tell, cancellationToken);
        if (Read(key) is { } meanwhile)
            return meanwhile;
        Sweep(key);
        var build = new DotnetBuild(sdk, source, BuildVariables.Of(worker, _root), BuildVariables.LimitOf(worker), time);
        return await BuildAsync(key, source, sdk, build, tell, cancellationToken);
    }

    private static string KeyOf(ProgramSource source, DotnetSdk? sdk) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{source.Identity}\n{source.Project}\n{sdk?.Versions}\n{RuntimeInformation.RuntimeIdentifier}")))[..32];

    private CachedPackage? Read(string key)
    {
        string folder = Path.Combine(_root, key), files = Path.Combine(folder, "files");
        try
        {
            BuildRecord? record = JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, RecordName)), BuildJson.Default.BuildRecord);
            // A cache that somebody cleaned by half is built again.
            return record is null || !File.Exists(Path.Combine(files, record.Assembly)) ? null : new(files, new()
            {
                PackageVersion = 1,
                Folder = key,
                Digest = key,
                Files = [],
                Manifest = default,
                Launch = new(record.Executable, record.Assembly),
                TargetFramework = record.TargetFramework,
                DeploymentMode = "framework-dependent",
                Commit = record.Commit,
                Created = File.GetLastWriteTimeUtc(folder),
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private async Task<CachedPackage> BuildAsync(
        string key, ProgramSource source, DotnetSdk sdk, DotnetBuild build, Func<string, CancellationToken, Task> tell, CancellationToken cancellationToken)
    {
        string work = Path.Combine(_root, $"{Building}{key}-{Guid.NewGuid().ToString("N")[..8]}"), program = Path.Combine(work, "program");
        try
        {
            Directory.CreateDirectory(program);
            await tell($"Building {source.Name} with the .NET SDK {sdk.Versions}.", cancellationToken);
            long begun = time.GetTimestamp();
            await FetchAsync(source, Path.Combine(work, "source"), cancellationToken);
            string log = Path.Combine(_root, key + ".log");
            BuildRecord record = await build.RunAsync(work, Path.Combine(program, "files"), log, cancellationToken);
            await File.WriteAllBytesAsync(Path.Combine(program, RecordName), JsonSerializer.SerializeToUtf8Bytes(record, BuildJson.Default.BuildRecord), cancellationToken);
            Flush(program);
            Replace(Path.Combine(_root, key), program, work);
            await tell(string.Create(CultureInfo.InvariantCulture, $"Built {source.Name} in {time.GetElapsedTime(begun).TotalSeconds:0.0} s."), cancellationToken);
        }
        finally
        {
            Remove(work);
        }
        return Read(key) ?? throw new LaunchException($"{source.Name} was built, but somebody removed it from {_root}");
    }

    private static async Task FetchAsync(ProgramSource source, string folder, CancellationToken cancellationToken)
    {
        try
        {
            await source.FetchAsync(folder, cancellationToken);
        }
        catch (StorageException e)
        {
            throw new LaunchException($"{source.Name} could not be fetched: {e.Message}", e);
        }
    }

    private async Task<FileStream> LockAsync(string key, ProgramSource source, Func<string, CancellationToken, Task> tell, CancellationToken cancellationToken)
    {
        string path = Path.Combine(_root, key + ".lock");
        for (bool told = false; ; told = true)
        {
            try
            {
                return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
            }
            catch (IOException e) when (IsHeld(e))
            {
                if (!told)
                    await tell($"Waiting for another run that builds {source.Name}.", cancellationToken);
                await Task.Delay(s_lockPause, time, cancellationToken);
            }
        }
    }

    // EWOULDBLOCK of flock; a sharing or lock violation on Windows.
    private static bool IsHeld(IOException exception) => OperatingSystem.IsWindows()
        ? (exception.HResult & 0xFFFF) is 0x20 or 0x21
        : exception.HResult == (OperatingSystem.IsMacOS() ? 35 : 11);

    // What is in the cache is not looked at again: a power failure must not leave empty files there.
    private static void Flush(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, 1);
            stream.Flush(flushToDisk: true);
        }
    }

    private static void Replace(string folder, string program, string work)
    {
        // Unreadable, or it would have been taken; nobody else writes here while the lock is held.
        if (Directory.Exists(folder))
            Directory.Move(folder, Path.Combine(work, "unreadable"));
        Directory.Move(program, folder);
    }

    /// <summary>Removes what killed builds left: of this source, whose lock is ours now, and of others after a day.</summary>
    private void Sweep(string key)
    {
        DateTime old = time.GetUtcNow().UtcDateTime - s_abandoned;
        foreach (string left in Directory.EnumerateDirectories(_root, Building + "*"))
        {
            if (Path.GetFileName(left).StartsWith($"{Building}{key}-", StringComparison.Ordinal) || Directory.GetLastWriteTimeUtc(left) < old)
                Remove(left);
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nobody looks at it; the next build of this source tries again.
        }
    }
}
