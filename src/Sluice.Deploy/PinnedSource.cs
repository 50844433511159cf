using Sluice.Deploy.Planning;
using Sluice.Storage;
using Sluice.Storage.Git;

namespace Sluice.Deploy;

/// <summary>Publishes source as it is: nothing is stored, the deployment names the commit, and workers fetch and build it.</summary>
internal static class PinnedSource
{
    /// <summary>Whether what a user wrote as a storage is a system of source rather than a store of packages.</summary>
    public static bool IsSource(string? storage) => StorageLocation.TryParse(storage ?? "") is { } uri && CodeSources.Serves(uri);

    /// <summary>What a deployment of this source runs: its path says the commit too.</summary>
    public static DeployedProgram ProgramOf(SourceReference source) => new(new(source.ToString()), source.ToString());

    /// <summary>Checks that a worker gets from the system what was built here, and pins its commit.</summary>
    /// <exception cref="DeployException">It would not, or the system cannot be asked.</exception>
    public static async Task<(DeployedProgram Program, DeployedSource Source)> PinAsync(
        DeployRequest request, string storage, string? key, StorageSources sources, CancellationToken cancellationToken)
    {
        Uri location = StorageLocation.Parse(storage);
        string shown = StorageLocation.Shown(location);
        if ((request.EntryPointFile ?? request.Project) is not { } project)
            throw new DeployException((DeployCodes.SourceUnknown, $"Nothing says which project of {shown} this is: publish with dotnet publish, which knows."));
        if (!string.IsNullOrEmpty(key))
            throw new DeployException((DeployCodes.SourceUnknown, $"The storage key '{key}' names a folder in a store of packages, and {shown} holds source: leave SluiceStorageKey out."));
        if (request.TargetFrameworks?.Split(';', StringSplitOptions.RemoveEmptyEntries).Length > 1)
            throw new DeployException((DeployCodes.SourceUnknown, $"{Path.GetFileName(project)} has several TargetFrameworks ({request.TargetFrameworks}), and workers build {shown} for one: give it one, or publish to a store of packages."));
        ICodeSource source = CodeSources.Open(location, sources);
        try
        {
            CheckedTree tree = await source.CheckAsync(project, cancellationToken).ConfigureAwait(false);
            if (source.Floats && await source.ResolveAsync(null, cancellationToken).ConfigureAwait(false) is var now && now.Commit != tree.Commit)
            {
                throw new DeployException((DeployCodes.SourceDiffers,
                    $"With float=true runs take what {now.Reference ?? "ref"} of {shown} names, which is {now.Commit[..12]}, and this is {tree.Commit[..12]}: push it there or pull, or name the branch by ref=…."));
            }
            var reference = new SourceReference(source.LocationOf(tree.Path), tree.Commit);
            return (ProgramOf(reference), new() { Uri = reference.Location.AbsoluteUri, Commit = tree.Commit, Branch = tree.Branch });
        }
        catch (StorageException e)
        {
            throw new DeployException((e.Kind == StorageErrorKind.Invalid ? DeployCodes.SourceDiffers : DeployCodes.SourceFailed, e.Message));
        }
    }
}
