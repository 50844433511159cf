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
    /// <summary>Where its code comes from: of a version that was brought back, the facts of its own publish.</summary>
    public Provenance.BuildFacts? Build => Version?.Origin ?? Record?.Build;
}

/// <summary>The versions of a deployment, newest first, by way of the pointers: from the live deployment's to the first one's.</summary>
public static class VersionHistory
{
    /// <summary>Reads them one by one, as they are asked for. Where a record is lost or was changed, that is told of it, and its neighbour leads on to the one before.</summary>
    /// <param name="records">Reads the records.</param>
    /// <param name="live">The deployment.</param>
    /// <param name="fullName">Its name, as <c>flow/deployment</c>.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="StorageException">A store cannot be asked now, or refuses: what it holds may well be whole.</exception>
    public static async IAsyncEnumerable<VersionEntry> ReadAsync(
        VersionRecords records, Deployment live, string fullName, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        VersionPointer? pointer = VersionPointer.Of(live.JobVariables), earlier = null;
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
            yield return new(now, version, record, unreadable);
            pointer = version is null ? earlier : VersionPointer.TryParse(version.Previous);
            earlier = VersionPointer.TryParse(version?.Earlier);
            fullName = version?.PreviousName ?? fullName;
            // Numbers go down, whatever somebody wrote into a record.
            if (pointer?.Number >= now.Number)
                yield break;
        }
    }

    /// <summary>Whether a record cannot be read now nor later, by whomever. A secret that is not set here, or a format of a later Sluice, is no such thing.</summary>
    internal static bool IsLost(StorageException e) => e.Kind is StorageErrorKind.NotFound or StorageErrorKind.Damaged;
}
