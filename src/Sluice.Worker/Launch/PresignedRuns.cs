using Sluice.Storage;
using Sluice.Storage.Git;
using Sluice.Storage.Packages;
using Sluice.Storage.Secrets;
using Sluice.Worker.Results;

namespace Sluice.Worker.Launch;

/// <summary>
/// Hands runs URLs that this worker signs, of their package and their result, in place of credentials: what containers need, whose images and environments should
/// have none.
/// </summary>
/// <param name="sources">Gives the secrets and blocks of stores.</param>
internal sealed class PresignedRuns(StorageSources sources)
{
    /// <summary>What a run executes where its deployment says nothing else.</summary>
    public const string DefaultCommand = "sluice flow-run execute";

    // A run pulls when it starts; what takes longer waits in no queue of ours.
    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(1);

    // What the stores' SDKs and rclone read.
    private static readonly string[] s_credentials = ["AWS_", "AZURE_", "GOOGLE_", "CLOUDSDK_", "RCLONE_"];

    /// <summary>Signs the URLs and puts them into the run's environment, in place of the worker's credentials.</summary>
    /// <returns>To be disposed when the run has ended.</returns>
    /// <exception cref="LaunchException">Its store cannot be read, or makes no presigned URLs.</exception>
    public async Task<IAsyncDisposable?> PrepareAsync(RunRequest request, string reference, IDictionary<string, string?> environment, CancellationToken cancellationToken)
    {
        // A run fetches its source itself, and signs in for that with what this worker has: CodeCommit with a key of AWS.
        if (SourceReference.TryParse(reference) is not null)
            return null;
        PackageReference? package = PackageReference.TryParse(reference);
        PullList? list;
        try
        {
            Strip(request, package is null ? new HashSet<string>() : await LocationSecrets.NamesAsync(package.Location, sources, cancellationToken), environment);
            // A package on a disk needs no URLs.
            if (package is null || package.Location.IsFile)
                return null;
            list = await PullList.CreateAsync(package, sources, s_lifetime, cancellationToken);
        }
        catch (StorageException e)
        {
            throw new LaunchException($"no URLs for its package could be signed: {e.Message}", e);
        }
        if (list is null)
        {
            throw new LaunchException(
                $"its package's store {Uri.UnescapeDataString(StorageLocation.Shown(package.Location))} makes no presigned URLs as this worker is signed in to it: give the worker a key that signs "
                + "(an account's or a service account's), or start it without --presign");
        }
        try
        {
            environment[PullList.Variable] = list.Url.AbsoluteUri;
            if (await ResultPlaces.PresignAsync(list.Results, request.Run.Id, sources, environment, cancellationToken) is { } reason)
                await request.TellAsync($"A result that the flow persists has no place beside its package: {reason}.", cancellationToken);
            return list;
        }
        catch
        {
            await list.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes away what signs in to stores, unless the deployment gives it.</summary>
    private static void Strip(RunRequest request, IReadOnlySet<string> secrets, IDictionary<string, string?> environment)
    {
        foreach (string name in environment.Keys.Where(name => request.Environment.GetValueOrDefault(name) is null
            && (secrets.Contains(name) || s_credentials.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))).ToList())
            environment.Remove(name);
    }
}
