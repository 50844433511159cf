using Sluice.Deploy.Manifest;

namespace Sluice.Deploy.Ownership;

/// <summary>A copy of an app's deployments under names of its own, as for a pull request: <c>-p:SluiceEnvironment=pr-123</c>.</summary>
/// <param name="Name">Lower-case letters, digits and single dashes; the suffix of its deployments.</param>
/// <param name="IsActive">Whether its schedules run; else its deployments are paused.</param>
/// <param name="TimeToLive">After how long prune removes it; null for never.</param>
internal sealed record DeployedEnvironment(string Name, bool IsActive = false, TimeSpan? TimeToLive = null)
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromMinutes(1), s_longest = TimeSpan.FromDays(3650);

    /// <summary>Reads what a publish says; null where it says no environment.</summary>
    /// <exception cref="DeployException">The name or the time to live cannot be read.</exception>
    public static DeployedEnvironment? Of(DeployRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.Environment))
        {
            return request.EnvironmentTtl is { Length: > 0 } || request.EnvironmentActive
                ? throw new DeployException((DeployCodes.EnvironmentInvalid, $"{(request.EnvironmentActive ? "SluiceEnvironmentActive" : "SluiceEnvironmentTtl")} is about an environment, and none is named: add -p:SluiceEnvironment=NAME, or leave it out."))
                : null;
        }
        TimeSpan? ttl = request.EnvironmentTtl is not { Length: > 0 } text ? null
            : LongDuration.TryParse(text, out TimeSpan duration) && duration >= s_shortest && duration <= s_longest ? duration
            : throw new DeployException((DeployCodes.EnvironmentInvalid, $"SluiceEnvironmentTtl '{text}' is no time to live: write e.g. 7d, 12h, 3600 (seconds), 00:15:00 or PT15M; at least a minute, at most ten years."));
        return EnvironmentName.TryParse(request.Environment, out string? name, out string? error)
            ? new(name, request.EnvironmentActive, ttl)
            : throw new DeployException((DeployCodes.EnvironmentInvalid, error));
    }

    /// <summary>The name of something in this environment.</summary>
    public string Suffixed(string name) => $"{name}-{Name}";

    /// <summary>The deployments of the environment: with its suffix and its tag, and paused unless it is active. Flows keep their names.</summary>
    /// <param name="manifest">What the code declares.</param>
    /// <param name="storageKey">The storage key of those that name none.</param>
    public FlowsManifest Of(FlowsManifest manifest, string? storageKey) => manifest with
    {
        Flows = [.. manifest.Flows.Select(flow => flow with { Deployments = [.. flow.Deployments.Select(deployment => Of(deployment, storageKey))] })],
    };

    private DeploymentManifest Of(DeploymentManifest deployment, string? storageKey) => deployment with
    {
        Name = Suffixed(deployment.Name),
        Tags = [.. deployment.Tags ?? [], $"environment:{Name}"],
        // Said either way, so that an environment that is made active by a later publish is resumed by it.
        Paused = IsActive ? deployment.Paused ?? false : true,
        StorageKey = KeyOf(deployment.StorageKey ?? storageKey),
    };

    // Results lie beside packages by the first folder of their keys.
    private string? KeyOf(string? key)
    {
        if (string.IsNullOrEmpty(key))
            return key;
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? Suffixed(key) : Suffixed(key[..slash]) + key[slash..];
    }
}
