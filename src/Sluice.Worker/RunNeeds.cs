using Sluice.Orchestration;
using Sluice.Storage.Docker;
using Sluice.Storage.Labels;
using Sluice.Storage.Packages;
using Sluice.Worker.Launch;

namespace Sluice.Worker;

/// <summary>What a worker needs to reach the package of a run.</summary>
/// <param name="Place">Where the package is; null where the run has none, or its text is no place.</param>
/// <param name="Host">The host whose disk holds it; null where any will do.</param>
/// <param name="System">The storage system's label; null where none is needed.</param>
public sealed record RunNeeds(Uri? Place, string? Host, string? System)
{
    private static readonly RunNeeds s_nothing = new(null, null, null);

    /// <summary>What the deployment's job variables, and the run's over them, ask for.</summary>
    /// <param name="deployment">The run's deployment, where it has one.</param>
    /// <param name="run">The run.</param>
    public static RunNeeds Of(Deployment? deployment, FlowRun run)
    {
        IReadOnlyDictionary<string, string?> env;
        try
        {
            env = JobVariables.Merge(deployment?.JobVariables, run.JobVariables).Env;
        }
        catch (LaunchException)
        {
            // Whoever takes it says what is wrong with them.
            return s_nothing;
        }
        if (!env.ContainsKey(PackageReference.Variable) && deployment?.Path is { } path && ImageTargets.Serves(path))
            return new(new(ImageTargets.Scheme + ":"), null, StorageLabels.Docker);
        return env.TryGetValue(PackageReference.Variable, out string? package) && package is not null && StorageLabels.PlaceOf(package) is { } place
            ? new(place, place.IsFile && env.TryGetValue(StorageLabels.PackageHostVariable, out string? host) && !string.IsNullOrEmpty(host) ? host : null, StorageLabels.Of(place))
            : s_nothing;
    }

    /// <summary>What a deployment runs, as <see cref="PackageReference.Variable"/> says it; null where it has none.</summary>
    public static string? PackageOf(Deployment deployment)
    {
        try
        {
            return JobVariables.Merge(deployment.JobVariables).Env.GetValueOrDefault(PackageReference.Variable);
        }
        catch (LaunchException)
        {
            return null;
        }
    }

    /// <summary>Why a worker with these labels leaves the run alone; null where it can take it.</summary>
    public string? Refuse(IReadOnlyList<string> labels)
    {
        if (Host is not null && !labels.Contains(Host, StringComparer.OrdinalIgnoreCase))
            return $"its package lies on the disk of the host '{Host}' ({Place})";
        if (System == StorageLabels.Docker && !labels.Contains(System, StringComparer.OrdinalIgnoreCase))
            return $"its program is in a container image, and this worker starts processes: {WorkerLabels.Remedy(System)}";
        return System is not null && !labels.Contains(System, StringComparer.OrdinalIgnoreCase) ? $"its package lies in {Place!.Scheme}:, and the worker lacks {System}: {WorkerLabels.Remedy(System)}" : null;
    }
}
