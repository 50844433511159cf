using System.Globalization;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Versions;

/// <summary>Brings back versions of deployments: as a publish does, but from their records, without a build. All of it is one change of the API.</summary>
/// <param name="environment">Its surroundings.</param>
public sealed class RollbackRunner(DeployEnvironment environment)
{
    /// <summary>Rolls back. Expected failures are data in the result; the lines for people go to the environment's output.</summary>
    /// <param name="request">What.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<DeployResult> RunAsync(RollbackRequest request, CancellationToken cancellationToken)
    {
        string origin = string.Join(", ", request.Deployments);
        IReadOnlyList<(string Code, string Message)> gone = [];
        var deploy = new DeployRequest
        {
            Assembly = "",
            PublishDir = "",
            PlanOnly = request.PlanOnly,
            AllowBreakingChanges = request.AllowBreakingChanges,
            Conflicts = request.Conflicts,
            PlanFile = request.PlanFile,
        };
        var runner = new DeployRunner(environment);
        DeployResult result = await runner.RunAsync(
            deploy, origin,
            async (wanted, warnings) =>
            {
                (DeployOutcome outcome, gone) = await RollBackAsync(runner, request, wanted, warnings, cancellationToken).ConfigureAwait(false);
                return outcome;
            },
            cancellationToken).ConfigureAwait(false);
        return result with { Diagnostics = [.. result.Diagnostics, .. gone.Select(error => new DeployError(error.Code, error.Message, origin))] };
    }

    private async Task<(DeployOutcome Outcome, IReadOnlyList<(string, string)> Errors)> RollBackAsync(
        DeployRunner runner, RollbackRequest request, DeployRequest deploy, List<(string, string)> warnings, CancellationToken cancellationToken)
    {
        DeployTarget target = await environment.OpenApiAsync(cancellationToken).ConfigureAwait(false);
        await using IOrchestrationApi api = target.Api;
        await using var records = new VersionRecords(environment.Sources, VersionRecords.Stores(environment.Variable(VersionRecords.StoresVariable)));
        var targets = new List<RollbackTarget>();
        foreach (string name in request.Deployments.Distinct(StringComparer.Ordinal))
            targets.Add(await FindAsync(records, api, name, request.To, cancellationToken).ConfigureAwait(false));
        await using var source = new RollbackSource(targets, records.Trusted, deploy.PlanOnly, environment);
        DeployOutcome outcome = await runner.DeployAsync(deploy, source, null, target, warnings, cancellationToken).ConfigureAwait(false);
        return (outcome, deploy.PlanOnly ? [] : await source.ConfirmAsync(cancellationToken).ConfigureAwait(false));
    }

    private static async Task<RollbackTarget> FindAsync(VersionRecords records, IOrchestrationApi api, string name, int? to, CancellationToken cancellationToken)
    {
        Deployment live = (name.Split('/') is [var flow, var own] ? await api.FindDeploymentAsync(flow, own, cancellationToken).ConfigureAwait(false) : null)
            ?? throw new DeployException((DeployCodes.VersionMissing, $"There is no deployment '{name}': it is written flow/deployment (sluice deployment ls lists them)."));
        if (VersionPointer.Of(live.JobVariables) is not { } now)
            throw new DeployException((DeployCodes.VersionMissing, $"{name} has no versions: it was not published, or before there were any. Its next publish makes the first one."));
        if (to is { } wanted && wanted >= now.Number)
        {
            throw new DeployException((DeployCodes.VersionMissing, wanted == now.Number
                ? Line($"{name} is version {wanted} already. To undo what was changed on the server since, publish, or roll back to an earlier one.")
                : Line($"{name} has no version {wanted}: the present one is {now.Number}.")));
        }
        VersionEntry? present = null;
        var seen = new List<int>();
        await foreach (VersionEntry entry in VersionHistory.ReadAsync(records, live, name, cancellationToken).ConfigureAwait(false))
        {
            present ??= entry;
            if (entry != present && entry.Unreadable is null)
                seen.Add(entry.Pointer.Number);
            if (entry == present || (to is { } number && entry.Pointer.Number > number))
                continue;
            if (entry.IsFound)
            {
                if (present.Unreadable is not null)
                    break;
                throw new DeployException((DeployCodes.VersionUnreadable, Line($"Version {entry.Pointer.Number} of {name} was found beside records that cannot be read, and nothing vouches that it was applied: check out its commit (sluice deployment versions \"{name}\" shows it) and publish.")));
            }
            if (entry.Unreadable is { } reason && (to is null || to == entry.Pointer.Number))
                throw new DeployException((DeployCodes.VersionUnreadable, Line($"Version {entry.Pointer.Number} of {name} cannot be brought back: {reason} sluice deployment versions \"{name}\" lists those that can.")));
            if (entry.Version is not null && (to is null || to == entry.Pointer.Number))
                return new(name[..name.IndexOf('/', StringComparison.Ordinal)], live, present, entry);
            break;
        }
        if (present is { Unreadable: { } lost })
            throw new DeployException((DeployCodes.VersionUnreadable, $"The versions of {name} cannot be told, since the record of the present one cannot be read: {lost} Publish again: its versions go on from there; sluice deployment versions \"{name}\" shows the commits of those before."));
        throw new DeployException((DeployCodes.VersionMissing, to is null
            ? $"{name} has no earlier version."
            : Line($"{name} has no version {to} that can be read{(seen.Count == 0 ? "" : $"; there are {string.Join(", ", seen)}")} (sluice deployment versions \"{name}\").")));
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
