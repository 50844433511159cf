using System.Runtime.CompilerServices;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Versions;

/// <summary>A version of a deployment as its history tells.</summary>
/// <param name="Pointer">Names it.</param>
/// <param name="Version">What it was; null where its record cannot be read.</param>
/// <param name="Record">The record; null where it cannot be read.</param>
/// <param name="Unreadable">Why its record cannot be read, in one line; null where it can.</param>
public sealed record VersionEntry(VersionPointer Pointer, AppliedVersion? Version, AppliedVersions? Record, string? Unreadable)
{
    /// <summary>Whether no pointer names it: its record was found beside one that cannot be read, and what came before it by way of that.</summary>
    public bool IsFound { get; init; }

    /// <summary>Where its code comes from: of a version that was brought back, the facts of its own publish.</summary>
    public Provenance.BuildFacts? Build => Version?.Origin ?? Record?.Build;
}

/// <summary>The versions of a deployment, newest first, by way of the pointers: from the live deployment's to the first one's.</summary>
public static class VersionHistory
{
    /// <summary>
    /// Reads them one by one, as they are asked for. Where a record is lost or was changed, that is told of it, and its neighbour leads on to the one before. Where that one is
    /// lost too, the records beside it are listed for those of the number before: several where an apply failed, which nobody can tell from the one that did not.
    /// </summary>
    /// <param name="records">Reads the records.</param>
    /// <param name="live">The deployment.</param>
    /// <param name="fullName">Its name, as <c>flow/deployment</c>.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="StorageException">A store cannot be asked now, or refuses: what it holds may well be whole.</exception>
    public static async IAsyncEnumerable<VersionEntry> ReadAsync(
        VersionRecords records, Deployment live, string fullName, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        VersionPointer? pointer = VersionPointer.Of(live.JobVariables), earlier = null;
        bool isFound = false;
        while (pointer is { } now)
        {
            (AppliedVersion? version, string? unreadable) = (null, null);
            AppliedVersions? record = null;
            try
            {
                version = await records.ReadAsync(now, fullName, cancellationToken).ConfigureAwait(false);
                record = await records.ReadAsync(now, cancellationToken).ConfigureAwait(false);
            }
            catch (StorageException e) when (IsLost(e))
            {
                unreadable = e.Message;
            }
            yield return new(now, version, record, unreadable) { IsFound = isFound };
            if (version is null && earlier is null && now.Number > 1)
            {
                var listed = (await ListAsync(records, now, cancellationToken).ConfigureAwait(false)).Where(one => one.Version.Number < now.Number && one.Version.IsNamed(fullName)).ToArray();
                var before = listed.Where(one => one.Version.Number == listed[0].Version.Number).ToArray();
                isFound = true;
                foreach (var one in before)
                    yield return new(one.Pointer, one.Version, one.Record, null) { IsFound = true };
                if (before is not [(var found, { } first, _), ..])
                    yield break;
                (now, version) = (found, first);
            }
            pointer = version is null ? earlier : VersionPointer.TryParse(version.Previous);
            earlier = VersionPointer.TryParse(version?.Earlier);
            fullName = version?.PreviousName ?? fullName;
            // Numbers go down, whatever somebody wrote into a record.
            if (pointer?.Number >= now.Number)
                yield break;
        }
    }

    private static async Task<IReadOnlyList<(VersionPointer Pointer, AppliedVersion Version, AppliedVersions Record)>> ListAsync(VersionRecords records, VersionPointer lost, CancellationToken cancellationToken)
    {
        try
        {
            return await records.ListAsync(lost, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Forbidden)
        {
            // Who may read records need not be allowed to list them: then the history ends here, which is told. Who deletes by it lists them anew.
            return [];
        }
    }

    /// <summary>Whether a record cannot be read now nor later, by whomever. A secret that is not set here, or a format of a later Sluice, is no such thing.</summary>
    internal static bool IsLost(StorageException e) => e.Kind is StorageErrorKind.NotFound or StorageErrorKind.Damaged;
}
