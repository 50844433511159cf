using Sluice.Orchestration;

namespace Sluice.Deploy.Planning.Merge;

/// <summary>What a server has place for.</summary>
/// <param name="IsSluice">Sluice's own: it has everything.</param>
/// <param name="IsPrefect2">Prefect 2.10.</param>
internal sealed record ServerRules(bool IsSluice, bool IsPrefect2)
{
    /// <summary>One schedule, with the parameters of its deployment.</summary>
    public bool HasOneSchedule => IsPrefect2;

    /// <summary>One switch for the pause of a deployment and for that of its schedule.</summary>
    public bool HasOneSwitch => IsPrefect2;

    /// <summary>Limits of runs at once.</summary>
    public bool HasLimits => !IsPrefect2;

    /// <summary>Whether labels can be changed: Prefect 3 takes them at creation only.</summary>
    public bool HasLabels => IsSluice || IsPrefect2;

    /// <param name="server">What the API says it is; null for Sluice's own.</param>
    public static ServerRules Of(ApiInfo? server) => new(server is null or { IsSluice: true }, server is { IsPrefect2: true });
}
