using Sluice.Deploy.Planning;
using Sluice.Deploy.Planning.Merge;
using Sluice.Deploy.Provenance;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Ownership;

/// <summary>Tells what another project published under this app's name, by the records that the live deployments point to.</summary>
/// <param name="app">The app.</param>
/// <param name="records">Reads the records.</param>
internal sealed class OtherProjects(string app, VersionRecords records)
{
    /// <summary>What is this project's of deployments that nothing declares. Of what another one published, nothing is pruned or moved.</summary>
    /// <param name="vanished">The deployments.</param>
    /// <param name="own">This project; others are told from it.</param>
    /// <param name="changes">Whether they would be changed. Then what cannot be told stays, too.</param>
    /// <param name="warnings">Are added to.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<OwnedDeployment>> WithoutAsync(
        IReadOnlyList<OwnedDeployment> vanished, Func<ProjectIdentity, bool> own, bool changes, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        var ours = new List<OwnedDeployment>();
        var others = new List<(string FullName, string Project)>();
        var unknown = new List<(string FullName, string Reason)>();
        var told = new (ProjectIdentity? Project, string? Reason)[vanished.Count];
        await Parallel.ForAsync(0, told.Length, new ParallelOptions { MaxDegreeOfParallelism = PlannedMerge.Reads, CancellationToken = cancellationToken },
            async (i, token) => told[i] = await OfAsync(vanished[i].Live, vanished[i].FullName, token).ConfigureAwait(false)).ConfigureAwait(false);
        foreach ((OwnedDeployment one, (ProjectIdentity? project, string? reason)) in vanished.Zip(told))
        {
            if (project is not null && !own(project))
                others.Add((one.FullName, project.ToString()));
            else if (reason is not null && changes)
                unknown.Add((one.FullName, reason));
            else
                ours.Add(one);
        }
        warnings.AddRange(others.GroupBy(one => one.Project, one => one.FullName).Select(project => (DeployCodes.OtherProject,
            $"{Names(project)} of the app '{app}' {(project.Count() == 1 ? "was" : "were")} published by another project ({project.Key}), and left alone: tell the two projects apart by <SluiceApp> in one of them. "
            + $"Where it is this project, which moved, and its code no longer has {(project.Count() == 1 ? "it" : "them")}: sluice deployment delete '{project.First()}'.")));
        warnings.AddRange(unknown.GroupBy(one => one.Reason, one => one.FullName).Select(group => (DeployCodes.OtherProject,
            $"Which project published {Names(group)} of the app '{app}' cannot be told now ({group.Key.TrimEnd('.')}), so {(group.Count() == 1 ? "it was" : "they were")} left alone.")));
        return ours;
    }

    /// <summary>Warnings of deployments that a publish is about to change and that another project published before.</summary>
    /// <param name="changed">The deployments, of which the merge has read the records already.</param>
    /// <param name="own">This project.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<(string Code, string Message)>> TakenAsync(IEnumerable<PlannedDeployment> changed, ProjectIdentity own, CancellationToken cancellationToken)
    {
        var taken = new List<(string FullName, string Project)>();
        foreach (PlannedDeployment one in changed.Where(one => one.Live is { } live && OwnerMark.Of(live)?.App == app))
        {
            if ((await OfAsync(one.Live!, one.LiveName, cancellationToken).ConfigureAwait(false)).Project is { } project && own.IsOther(project))
                taken.Add((one.FullName, project.ToString()));
        }
        return [.. taken.GroupBy(one => one.Project, one => one.FullName).Select(project => (DeployCodes.OtherProject,
            $"{Names(project)} of the app '{app}' {(project.Count() == 1 ? "was" : "were")} published by another project before ({project.Key}), and this publish ({own}) takes {(project.Count() == 1 ? "it" : "them")} over: "
            + "tell the two projects apart by <SluiceApp> in one of them, and rename what both declare. Where it is one project that moved, nothing is to be done."))];
    }

    /// <summary>The project of a live deployment; null where nobody knows, with the reason where it may be known later.</summary>
    public async Task<(ProjectIdentity? Project, string? Reason)> OfAsync(Deployment live, string fullName, CancellationToken cancellationToken)
    {
        if (VersionPointer.Of(live.JobVariables) is not { } pointer)
            return (null, null);
        try
        {
            BuildFacts? origin = (await records.ReadAsync(pointer, fullName, cancellationToken).ConfigureAwait(false)).Origin;
            return (ProjectIdentity.Of(origin ?? (await records.ReadAsync(pointer, cancellationToken).ConfigureAwait(false)).Build), null);
        }
        catch (StorageException e)
        {
            return (null, VersionHistory.IsLost(e) ? null : e.Message);
        }
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names);
}
