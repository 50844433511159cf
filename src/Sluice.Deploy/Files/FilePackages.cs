using Sluice.Deploy.Versions;
using Sluice.Storage;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Files;

/// <summary>
/// The packages that files name and no live deployment does yet: a file may be older than the last cleaning of its store. They are looked at before anything is applied, and held
/// against cleanings until it is.
/// </summary>
/// <param name="planOnly">Whether nothing is to be applied: then they are only looked at.</param>
/// <param name="host">This machine's name.</param>
/// <param name="environment">The surroundings.</param>
internal sealed class FilePackages(bool planOnly, string host, DeployEnvironment environment) : IAsyncDisposable
{
    private readonly Dictionary<PackageReference, (PackageHold? Hold, DeploymentFile File)> _asked = [];

    /// <summary>Looks whether a file's package is there and whole, once for each package, and warns where that cannot be asked from here.</summary>
    /// <param name="file">The file.</param>
    /// <param name="package">Its package.</param>
    /// <param name="packageHost">The machine whose disk holds it, as the file says; null where it says none.</param>
    /// <param name="warnings">Are added to.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <exception cref="DeployException">It is gone, or not whole.</exception>
    public async Task HoldAsync(DeploymentFile file, PackageReference package, string? packageHost, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        if (_asked.ContainsKey(package))
            return;
        PackageHold? hold = null;
        try
        {
            // A file may come from anybody, and its line of the storage with it: neither sends a secret of this machine anywhere.
            new TrustedStores(VersionRecords.Stores(environment.Variable(VersionRecords.StoresVariable))).Check(package.Location);
            hold = await PackageHold.TakeAsync(package, planOnly, environment.Sources, environment.Time, cancellationToken).ConfigureAwait(false);
        }
        // A folder of another machine, or of one that nobody names, may be there and not here.
        catch (StorageException e) when (VersionHistory.IsLost(e) && (!package.Location.IsFile || packageHost == host))
        {
            throw new DeployException((DeployCodes.FileWithoutProgram,
                $"The package that {file.Name} names cannot be run any more: {e.Message} Build the file again (sluice deployment build), or apply it with --upload where the program is."));
        }
        catch (StorageException e)
        {
            warnings.Add((DeployCodes.VersionProgramUnknown, $"Whether the package that {file.Name} names is still there could not be asked: {e.Message}"));
        }
        _asked[package] = (hold, file);
    }

    /// <summary>Called when the deployments name the packages: whether no cleaning took one meanwhile. What was applied is applied, so nothing here fails.</summary>
    public async Task<IReadOnlyList<(string Code, string Message)>> ConfirmAsync(List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        var errors = new List<(string, string)>();
        foreach ((PackageHold? hold, DeploymentFile file) in _asked.Values)
        {
            try
            {
                if (hold is not null)
                    await hold.ConfirmAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (StorageException e) when (VersionHistory.IsLost(e))
            {
                errors.Add((DeployCodes.FileWithoutProgram, $"{file.Name} was applied, and a cleaning took its package in the meantime: {e.Message} Its runs fail until the file is built and applied again."));
            }
            catch (Exception e) when (e is StorageException or OperationCanceledException)
            {
                warnings.Add((DeployCodes.VersionProgramUnknown, $"{file.Name} was applied, and whether a cleaning took its package in the meantime could not be asked: {e.Message}"));
            }
        }
        return errors;
    }

    /// <summary>Lets cleanings go by what deployments name again.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach ((PackageHold? hold, _) in _asked.Values)
        {
            if (hold is not null)
                await hold.DisposeAsync().ConfigureAwait(false);
        }
    }
}
