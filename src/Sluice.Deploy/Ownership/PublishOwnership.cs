using System.Globalization;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Provenance;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;

namespace Sluice.Deploy.Ownership;

/// <summary>One publish as an owner: which app and environment its deployments are of, what it may replace, what was renamed, and what its code no longer has.</summary>
internal sealed class PublishOwnership
{
    private readonly DeployRequest _request;
    private readonly PruneRule _rule;
    private readonly DateTimeOffset _now;

    /// <summary>Reads what a publish says.</summary>
    /// <param name="request">What it says.</param>
    /// <param name="assembly">The assembly's name: the app, where nothing else is said.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="DeployException">A property cannot be read.</exception>
    public PublishOwnership(DeployRequest request, string assembly, DateTimeOffset now)
    {
        (_request, _now) = (request, now);
        App = string.IsNullOrWhiteSpace(request.App) ? assembly : request.App.Trim();
        Environment = DeployedEnvironment.Of(request);
        _rule = request.Prune?.Trim().ToLowerInvariant() switch
        {
            null or "" or "report" => PruneRule.Report,
            "pause" => PruneRule.Pause,
            "delete" => PruneRule.Delete,
            _ => throw new DeployException((DeployCodes.EnvironmentInvalid, $"SluicePrune '{request.Prune}' is unknown: write report, pause or delete.")),
        };
    }

    /// <summary>The app.</summary>
    public string App { get; }

    /// <summary>The environment; null for the deployments themselves.</summary>
    public DeployedEnvironment? Environment { get; }

    /// <summary>The deployments as they are named in the environment.</summary>
    public ReadManifest Name(ReadManifest read) => Environment is null ? read : read with { Manifest = Environment.Of(read.Manifest, _request.StorageKey) };

    /// <summary>What the app has on the server, in whatever environment.</summary>
    /// <param name="api">The server; null where nothing is applied.</param>
    /// <param name="server">What it is; null for Sluice's own.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<OwnedDeployment>> ReadAsync(IOrchestrationApi? api, ApiInfo? server, CancellationToken cancellationToken) =>
        api is null ? Task.FromResult<IReadOnlyList<OwnedDeployment>>([]) : OwnedDeployments.ReadAsync(api, server, App, cancellationToken);

    /// <summary>Leaves out what another project of this app's name published and this code does not declare: it is no orphan of this one, and no former name.</summary>
    /// <param name="planned">What the code declares.</param>
    /// <param name="all">What the app has on the server.</param>
    /// <param name="records">Tell which project published what.</param>
    /// <param name="facts">This publish's.</param>
    /// <param name="warnings">Are added to.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<OwnedDeployment>> WithoutOthersAsync(
        PlannedDeployment[] planned, IReadOnlyList<OwnedDeployment> all, VersionRecords records, Lazy<Task<BuildFacts>> facts, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        HashSet<string> names = [.. planned.Select(p => p.FullName)];
        OwnedDeployment[] vanished = [.. all.Where(o => o.IsCreated && (IsHere(o) ? !names.Contains(o.FullName) : IsOver(o)))];
        if (vanished.Length == 0 || ProjectIdentity.Of(await facts.Value.ConfigureAwait(false)) is not { } own)
            return all;
        IReadOnlyList<OwnedDeployment> ours = await new OtherProjects(App, records).WithoutAsync(vanished, project => !own.IsOther(project), _rule != PruneRule.Report, warnings, cancellationToken).ConfigureAwait(false);
        return [.. all.Except(vanished.Except(ours))];
    }

    /// <summary>Marks the deployments as this app's, recognises renames, and finds what the code no longer has.</summary>
    /// <param name="planned">What the code declares, with the live ones of the same names.</param>
    /// <param name="all">What the app has on the server; null where nothing is applied.</param>
    /// <param name="warnings">Are added to.</param>
    /// <exception cref="DeployException">An environment would replace what is not its own, or a rename names what is not there.</exception>
    public OwnedPlan Resolve(PlannedDeployment[] planned, IReadOnlyList<OwnedDeployment>? all, List<(string Code, string Message)> warnings)
    {
        if (all is null)
            return new([.. planned.Select(Mark)], [], []);
        Check(planned, warnings);
        OwnedDeployment[] here = [.. all.Where(IsHere)];
        planned = Renames.Said(_request.Rename, planned, here, Environment);
        (planned, IReadOnlyList<UnclearRename> unclear) = Renames.Find(planned, [.. Vanished()]);
        OwnedDeployment[] vanished = [.. Vanished()];

        PruneRule rule = _rule;
        if (vanished.Length > 0 && rule != PruneRule.Report && !planned.Any(p => p.Live is not null && OwnerMark.Of(p.Live) is { } mark && mark.App == App))
        {
            rule = PruneRule.Report;
            warnings.Add((DeployCodes.PruneRefused,
                $"Nothing that this publish declares was there before, and {string.Join(", ", vanished.Select(o => o.FullName))} of the app '{App}' would all be {(_rule == PruneRule.Pause ? "paused" : "deleted")}: "
                + $"is '{App}' another project too? They were left alone. Tell the two apart by <SluiceApp> in one of them; where they are to go, remove them by sluice deployment prune --app {App} --all --delete."));
        }
        // What a rename would have kept is not lost before anybody could say that it is one: at the next publish nothing of it is new.
        var orphans = vanished.Select(o => rule == PruneRule.Delete && UnclearRename.Of(o, unclear) is { } rename
            ? Orphan.Of(o, $"no longer in the code; it may be {string.Join(" or ", rename.Created)} under a new name: the next publish deletes it", PruneRule.Pause)
            : Orphan.Of(o, "no longer in the code", rule)).ToList();
        orphans.AddRange(all.Where(o => o.IsCreated && !IsHere(o) && IsOver(o))
            .Select(o => Orphan.Of(o, Expired(o.Mark), _rule == PruneRule.Delete ? PruneRule.Delete : PruneRule.Report)));
        return new([.. planned.Select(Mark)], orphans, [.. unclear.Select(one => one.ToString())]);

        IEnumerable<OwnedDeployment> Vanished() =>
            here.Where(o => o.IsCreated && planned.All(p => p.FullName != o.FullName && p.Live?.Id != o.Live.Id));
    }

    /// <summary>Why an environment's deployment goes.</summary>
    public static string Expired(OwnerMark mark) =>
        $"environment {mark.Environment} expired {mark.Expires!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}";

    private bool IsHere(OwnedDeployment owned) => owned.Mark.Environment == Environment?.Name;

    /// <summary>Whether it is of an environment whose time is over.</summary>
    private bool IsOver(OwnedDeployment owned) => owned.Mark.Environment is not null && owned.Mark.Expires <= _now;

    private void Check(PlannedDeployment[] planned, List<(string Code, string Message)> warnings)
    {
        var errors = new List<(string, string)>();
        foreach (PlannedDeployment one in planned.Where(p => p.Live is not null))
        {
            OwnerMark? mark = OwnerMark.Of(one.Live!);
            if (mark?.App == App && mark.Environment == Environment?.Name)
                continue;
            string whose = mark is null ? "was not made by a publish" : $"is of {(mark.App == App ? "" : $"the app '{mark.App}', ")}{(mark.Environment is { } other ? $"environment {other}" : "no environment")}";
            if (mark?.Environment != Environment?.Name || (mark is null && Environment is not null))
                errors.Add((DeployCodes.EnvironmentWouldReplace, $"{one.FullName} {whose}, and {(Environment is null ? "this publish, which names no environment," : $"the environment {Environment.Name}")} would replace it: nothing was applied. Name the {(Environment is null ? "deployment" : "environment")} otherwise, or delete {one.FullName} first."));
            else if (mark is not null)
                warnings.Add((DeployCodes.OtherApp, $"{one.FullName} is the app '{mark.App}''s, and this publish of '{App}' takes it over: rename one of the two, or where the assembly was renamed, keep the app by <SluiceApp>{mark.App}</SluiceApp>."));
        }
        if (errors.Count > 0)
            throw new DeployException(errors);
    }

    private PlannedDeployment Mark(PlannedDeployment planned)
    {
        OwnerMark? before = planned.Live is null ? null : OwnerMark.Of(planned.Live);
        bool isOurs = before?.App == App && before.Environment == Environment?.Name;
        return planned with
        {
            Owner = new()
            {
                App = App,
                Environment = Environment?.Name,
                // What was there before, somebody else made.
                CreatedAs = planned.Live is null || (isOurs && before!.CreatedAs == (planned.MovedFrom ?? planned.FullName)) ? planned.FullName : null,
                Expires = Environment?.TimeToLive is { } ttl ? ExpiryOf(isOurs ? before!.Expires : null, ttl) : null,
            },
        };
    }

    // An unchanged publish writes nothing, so a time that is not half over stays.
    private DateTimeOffset ExpiryOf(DateTimeOffset? before, TimeSpan ttl) =>
        before is { } live && live - _now > ttl / 2 && live - _now <= ttl ? live : new(_now.Ticks - (_now.Ticks % TimeSpan.TicksPerSecond) + ttl.Ticks, TimeSpan.Zero);
}

/// <summary>What <see cref="PublishOwnership"/> found.</summary>
/// <param name="Planned">What the code declares, marked, and with the live ones under former names.</param>
/// <param name="Orphans">What it no longer declares, and environments whose time is over.</param>
/// <param name="Notes">Lines for people.</param>
internal sealed record OwnedPlan(PlannedDeployment[] Planned, IReadOnlyList<Orphan> Orphans, IReadOnlyList<string> Notes);
