using Sluice.Deploy.Ownership;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Journal;

/// <summary>Whose deployments an apply touches, and where they are recorded: as the live ones say, so that a file, a rollback and a publish of the same ones meet.</summary>
/// <param name="source">Says it of those that are not live yet.</param>
/// <param name="app">The app of a publish; null for what is a part of an app, or of several.</param>
/// <param name="records">The store of the request's records.</param>
/// <param name="known">Tells which stores of live ones may be opened.</param>
internal sealed class TouchedApps(IDeploySource source, string? app, Uri records, VersionRecords known)
{
    /// <summary>What is known before anything is read.</summary>
    public IReadOnlyList<AppPlace> Declared => app is null ? [] : [new(app, records)];

    /// <summary>The app and the store that one is recorded under.</summary>
    public AppPlace Of(PlannedDeployment planned) =>
        new(app ?? Mark(planned)?.App ?? source.AppOf(planned.Flow), source.RecordsOf(planned, known) ?? records);

    /// <summary>Whose mark one gets: its own, or what the live one has.</summary>
    public static OwnerMark? Mark(PlannedDeployment planned) => planned.Owner ?? (planned.Live is null ? null : OwnerMark.Of(planned.Live));

    /// <summary>All that they touch: what is recorded first, then others' apps that they take over.</summary>
    public IReadOnlyList<AppPlace> All(IReadOnlyList<PlannedDeployment> planned) =>
        [.. Declared.Concat(planned.Select(Of)).Concat(planned.Select(one => one.Live).OfType<Deployment>().Select(live => OwnerMark.Of(live) is { } mark ? new AppPlace(mark.App, known.StoreOfLive(live) ?? records) : default(AppPlace?)).OfType<AppPlace>()).Distinct()];
}
