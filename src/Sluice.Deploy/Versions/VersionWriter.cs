using Sluice.Deploy.Planning;
using Sluice.Deploy.Provenance;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Docker;

namespace Sluice.Deploy.Versions;

/// <summary>Writes the record of an apply, before the API is told, and gives each deployment that it changes its pointer.</summary>
internal sealed class VersionWriter(VersionRecords records, DeployEnvironment environment)
{
    /// <summary>
    /// Where the records of an apply go: where the packages do. Where those are in no store that keeps other objects (images, source, a webhook's archives, programs that
    /// are installed), the home's.
    /// </summary>
    /// <param name="named">The store that the user names for records; null for the packages'.</param>
    /// <param name="storages">The storages of the deployments, as users write them; null is the home's.</param>
    public Uri StoreOf(string? named, IEnumerable<string?> storages) => Find(named, storages) ?? StoreUri.OfFolder(environment.Home.Storage);

    /// <summary>What to say where records lie in this home though the packages are elsewhere and the API is another machine's; null where there is nothing to say.</summary>
    /// <param name="named">As for <see cref="StoreOf"/>.</param>
    /// <param name="storages">As for <see cref="StoreOf"/>.</param>
    public string? Note(string? named, IReadOnlyCollection<string?> storages) => Find(named, storages) is null && storages.All(storage => !string.IsNullOrEmpty(storage))
        ? $"The record of this version stays on this machine, in {environment.Home.Storage}: with -p:SluiceRecords=STORE it lies where other machines can publish after it and roll back." : null;

    /// <summary>The store that is named, or the first of a deployment that keeps other objects; null for the home's.</summary>
    public static Uri? Find(string? named, IEnumerable<string?> storages)
    {
        if (named is { Length: > 0 })
            return StorageLocation.Parse(named);
        foreach (string? storage in storages)
        {
            if (string.IsNullOrEmpty(storage))
                break;
            if (!ImageTargets.Serves(storage) && !PinnedSource.IsSource(storage) && StorageLocation.TryParse(storage) is { } uri && !uri.Scheme.StartsWith("webhook+", StringComparison.Ordinal))
                return uri;
        }
        return null;
    }

    /// <summary>All stores that the user names in which records may lie.</summary>
    public static IEnumerable<Uri> Named(string? named, IEnumerable<string?> storages) => storages.Append(named).Distinct().Select(storage => Find(null, [storage])).OfType<Uri>();

    /// <summary>Writes the record.</summary>
    /// <param name="store">From <see cref="StoreOf"/>.</param>
    /// <param name="app">The app.</param>
    /// <param name="applicationEnvironment">Its environment; null for the main one.</param>
    /// <param name="build">Where the apply comes from.</param>
    /// <param name="changed">What it changes.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>In the order of <paramref name="changed"/>: what is to be applied, with its pointer, and the version's number.</returns>
    /// <exception cref="StorageException">The store failed; nothing is to be applied then.</exception>
    public async Task<IReadOnlyList<(DeploymentCreate Desired, int Number)>> WriteAsync(
        Uri store, string app, string? applicationEnvironment, BuildFacts build, IReadOnlyList<VersionedDeployment> changed, CancellationToken cancellationToken)
    {
        if (changed.Count == 0)
            return [];
        var versions = new AppliedVersion[changed.Count];
        for (int i = 0; i < versions.Length; i++)
            versions[i] = Version(changed[i], await EarlierAsync(changed[i], cancellationToken).ConfigureAwait(false));
        var document = new AppliedVersions
        {
            RecordVersion = AppliedVersions.Format,
            App = app,
            Environment = applicationEnvironment,
            Created = environment.Time.GetUtcNow(),
            Build = build,
            Deployments = versions,
        };
        (Uri location, string digest) = await records.WriteAsync(store, document, cancellationToken).ConfigureAwait(false);
        return [.. changed.Zip(versions, (one, version) => (new VersionPointer(version.Number, location, digest).In(one.Desired), version.Number))];
    }

    // The documents of a merge were read before, and many deployments point to one.
    private async Task<string?> EarlierAsync(VersionedDeployment one, CancellationToken cancellationToken)
    {
        if (VersionPointer.Of(one.Live?.JobVariables) is not { Number: > 1 } before)
            return null;
        try
        {
            return (await records.ReadAsync(before, one.LiveFullName ?? $"{one.FlowName}/{one.Declared.Name}", cancellationToken).ConfigureAwait(false)).Previous;
        }
        catch (StorageException)
        {
            // It only helps where another record is lost.
            return null;
        }
    }

    private static AppliedVersion Version(VersionedDeployment one, string? earlier)
    {
        VersionPointer? before = VersionPointer.Of(one.Live?.JobVariables);
        return new()
        {
            Flow = one.FlowName,
            Name = one.Declared.Name,
            Number = (before?.Number ?? 0) + 1,
            Previous = before?.ToString(),
            Earlier = earlier,
            PreviousName = before is not null && one.LiveFullName is { } name && name != $"{one.FlowName}/{one.Declared.Name}" ? name : null,
            Package = DeploymentDesign.PackageOf(one.Declared.JobVariables)?.Text,
            RolledBackTo = one.RolledBackTo,
            Origin = one.Origin,
            Infrastructure = one.Infrastructure,
            StorageBlock = one.StorageBlock,
            Declared = VersionPointer.Without(one.Declared),
        };
    }
}
