using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Git;
using Sluice.Storage.Packages;
using Sluice.Storage.Trust;
using Sluice.Worker.Launch;

namespace Sluice.Worker.Programs;

/// <summary>
/// Programs on this machine's disk by what <c>SLUICE_PACKAGE</c> says: packages are pulled and verified, sources and scripts fetched and built, each once.
/// </summary>
/// <param name="home">The home, for the caches.</param>
/// <param name="sources">Gives the secrets and blocks of the places that programs come from.</param>
/// <param name="time">The clock.</param>
/// <param name="pullList">The URL of a list by which packages are pulled without credentials; null for their stores.</param>
/// <param name="policy">What programs must be; null for any.</param>
internal sealed class ProgramCache(SluiceHome home, StorageSources sources, TimeProvider time, Uri? pullList = null, PackagePolicy? policy = null)
{
    private static readonly TimeSpan s_untilLine = TimeSpan.FromSeconds(10);

    private readonly PackageCache _packages = new(Path.Combine(home.Cache, "packages"), sources, pullList, policy);
    private readonly ProgramBuilds _builds = new(Path.Combine(home.Cache, "builds"), time);

    /// <summary>The program, ready to be started.</summary>
    /// <param name="reference">The text of <c>SLUICE_PACKAGE</c>.</param>
    /// <param name="tell">Takes lines for the run's log: a build may take a while.</param>
    /// <param name="cancellationToken">Ends a pull or build.</param>
    /// <exception cref="LaunchException">It cannot be had; the message says why.</exception>
    public async Task<CachedPackage> GetAsync(string reference, Func<string, CancellationToken, Task> tell, CancellationToken cancellationToken)
    {
        CachedPackage program = await FindAsync(reference, tell, cancellationToken);
        CacheCleaning.Use(program.Folder, time.GetUtcNow());
        return program;
    }

    private async Task<CachedPackage> FindAsync(string reference, Func<string, CancellationToken, Task> tell, CancellationToken cancellationToken)
    {
        if (SourceReference.TryParse(reference) is { } source)
            return await _builds.GetAsync(await SourceOfAsync(source, tell, cancellationToken), tell, cancellationToken);
        if (PackageReference.TryParse(reference) is not { } package)
            throw new LaunchException($"{PackageReference.Variable} is '{reference}' and should be URI#sha256=DIGEST or URI#commit=SHA: publish the deployment again");
        CachedPackage pulled = await PullAsync(package, tell, cancellationToken);
        CacheCleaning.Use(pulled.Folder, time.GetUtcNow());
        if (pulled.Manifest.Script is not { } script)
            return pulled;
        CachedPackage built = await _builds.GetAsync(ScriptOf(package, pulled, script), tell, cancellationToken);
        return built with { Manifest = built.Manifest with { Manifest = pulled.Manifest.Manifest }, Results = pulled.Results };
    }

    /// <summary>The verified package; a store that cannot answer is asked again.</summary>
    private async Task<CachedPackage> PullAsync(PackageReference reference, Func<string, CancellationToken, Task> tell, CancellationToken cancellationToken)
    {
        Task telling = Task.CompletedTask;
        var progress = new TransferProgress($"Pulling {StorageLocation.Shown(reference.Location)}", s_untilLine, line => telling = telling.ContinueWith(_ => tell(line, cancellationToken), TaskScheduler.Default).Unwrap(), time);
        try
        {
            CachedPackage pulled = await StoreCalls.CallAsync(() => _packages.GetAsync(reference, progress, cancellationToken), time, cancellationToken);
            await telling;
            return pulled;
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Untrusted)
        {
            throw new LaunchException(e.Message, e);
        }
        catch (StorageException e)
        {
            throw new LaunchException($"its package could not be pulled: {e.Message}", e);
        }
    }

    private async Task<ProgramSource> SourceOfAsync(SourceReference reference, Func<string, CancellationToken, Task> tell, CancellationToken cancellationToken)
    {
        try
        {
            ICodeSource source = CodeSources.Open(reference.Location, sources);
            string repository = StorageLocation.Shown(reference.Location);
            if (policy?.RefuseSource(await source.AddressAsync(cancellationToken)) is { } reason)
                throw new LaunchException($"The source {repository} is refused by the policy of this machine: {reason}");
            if (source.Floats)
            {
                ResolvedCommit now = await source.ResolveAsync(null, cancellationToken);
                await tell($"{now.Reference ?? "The commit"} of {repository} is {now.Commit[..12]} now.", cancellationToken);
                reference = reference with { Commit = now.Commit };
            }
            return new()
            {
                // A build that reads .git makes another program of the same commit.
                Identity = $"{repository}\n{reference.Commit}{(await source.IncludesGitObjectsAsync(cancellationToken) ? "\n.git" : "")}",
                Name = $"commit {reference.Commit[..12]} of {repository}{(source.Path is { } path ? $" ({path})" : "")}",
                Project = source.Path ?? "",
                Commit = reference.Commit,
                FetchAsync = (folder, token) => source.FetchAsync(reference.Commit, folder, token),
            };
        }
        catch (StorageException e)
        {
            throw new LaunchException($"its source cannot be read: {e.Message}", e);
        }
    }

    private static ProgramSource ScriptOf(PackageReference package, CachedPackage pulled, string script) => new()
    {
        Identity = package.Digest,
        Name = $"the script {script} (package {package.Digest[..12]})",
        Project = script,
        FetchAsync = (folder, token) => Task.Run(() => Copy(pulled.Folder, folder, token), token),
    };

    private static void Copy(string from, string to, CancellationToken cancellationToken)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
