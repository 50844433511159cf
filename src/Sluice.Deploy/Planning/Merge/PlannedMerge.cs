using Sluice.Deploy.Images;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Planning.Merge;

/// <summary>Merges the deployments of one deploy with their live ones, each with what the code said when it was published last.</summary>
/// <param name="records">Where that is read.</param>
/// <param name="source">Says what the code declares.</param>
/// <param name="host">This machine's name.</param>
/// <param name="server">What the API is; null for Sluice's own.</param>
/// <param name="rule">Decides conflicts.</param>
internal sealed class PlannedMerge(VersionRecords records, IDeploySource source, string host, ApiInfo? server, ConflictRule rule)
{
    /// <summary>How many records are read at once.</summary>
    internal const int Reads = 8;

    /// <summary>Merges them all. The records are read also of what stands as the code says it: code and people may have made the same change.</summary>
    /// <param name="planned">The deployments.</param>
    /// <param name="warnings">Takes those of records that cannot be read; null where they were told already.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async Task<PlannedDeployment[]> MergeAsync(PlannedDeployment[] planned, List<(string Code, string Message)>? warnings, CancellationToken cancellationToken)
    {
        PlannedDeployment[] result = [.. planned.Select(Designed)];
        var unreadable = new string?[planned.Length];
        await Parallel.ForAsync(0, planned.Length, new ParallelOptions { MaxDegreeOfParallelism = Reads, CancellationToken = cancellationToken }, async (i, token) =>
        {
            if (result[i].Live is not { } live)
                return;
            (AppliedVersion? before, string? reason) = VersionPointer.Of(live.JobVariables) is { } pointer ? await ReadAsync(pointer, result[i].LiveName, token).ConfigureAwait(false) : default;
            MergedDeployment merged = DeploymentMerge.Of(before?.Declared, result[i].Design!, live, server, rule) with { StorageBefore = before?.StorageBlock };
            if (result[i].HasNoVersion)
                merged = merged.WithoutVersion(live);
            unreadable[i] = merged.IsEqual ? null : reason;
            result[i] = result[i] with { Merged = merged, Desired = merged.Body, Fields = merged.Fields };
        }).ConfigureAwait(false);
        if (warnings is not null)
        {
            warnings.AddRange(unreadable.Zip(result).Where(one => one.First is not null).GroupBy(one => one.First!, one => one.Second.FullName).Select(group => (DeployCodes.LastPublishUnknown,
                $"What the code said at the last publish of {string.Join(", ", group)} is not known ({group.Key.TrimEnd('.')}), so what people changed on the server since cannot be told from what the code changed: the code's values are taken.")));
        }
        return result;
    }

    /// <summary>Merges them before anything is stored, with the live program: what is held against the server, and conflicts, do not depend on the package.</summary>
    public Task<PlannedDeployment[]> ForeseeAsync(PlannedDeployment[] planned, CancellationToken cancellationToken) =>
        MergeAsync([.. planned.Select(one => one with { Image = DeployedImages.Live(one.Live) })], null, cancellationToken);

    /// <summary>The conflicts that stop a deploy.</summary>
    public IReadOnlyList<(string Code, string Message)> Conflicts(PlannedDeployment[] foreseen) =>
        [.. foreseen.Where(one => one.Merged?.IsUndecided == true).Select(one => (DeployCodes.Conflict, FieldWords.Conflicts(one, source.ConflictWords)))];

    private PlannedDeployment Designed(PlannedDeployment one)
    {
        DeploymentCreate design = source.Design(one, host, server);
        return one with { Design = design, Desired = design, Merged = null, Fields = one.Live is null ? DeploymentMerge.Created(design, server) : [] };
    }

    private async Task<(AppliedVersion? Version, string? Reason)> ReadAsync(VersionPointer pointer, string fullName, CancellationToken cancellationToken)
    {
        try
        {
            return (await records.ReadAsync(pointer, fullName, cancellationToken).ConfigureAwait(false), null);
        }
        // What cannot be asked now may be whole: to take the code's values then would undo what people changed.
        catch (StorageException e) when (VersionHistory.IsLost(e))
        {
            return (null, e.Message);
        }
    }
}
