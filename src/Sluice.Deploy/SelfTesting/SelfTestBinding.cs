using System.Text.Json;
using Sluice.Deploy.Manifest;

namespace Sluice.Deploy.SelfTesting;

/// <summary>Parameters that a deployment, or one of its schedules, starts runs with.</summary>
/// <param name="Where">Whose they are, for messages.</param>
/// <param name="Entrypoint">The flow's.</param>
/// <param name="Parameters">By name; a run may be given further ones.</param>
internal sealed record SelfTestBinding(string Where, string Entrypoint, IReadOnlyDictionary<string, JsonElement> Parameters)
{
    /// <summary>All of a manifest.</summary>
    public static IEnumerable<SelfTestBinding> Of(FlowsManifest manifest)
    {
        foreach (FlowManifest flow in manifest.Flows)
        {
            foreach (DeploymentManifest deployment in flow.Deployments)
            {
                string name = $"{flow.Name}/{deployment.Name}";
                IReadOnlyDictionary<string, JsonElement> own = deployment.Parameters ?? new Dictionary<string, JsonElement>();
                yield return new(name, flow.Entrypoint, own);
                foreach (ScheduleManifest schedule in (deployment.Schedules ?? []).Where(s => s.Parameters is { Count: > 0 }))
                {
                    var merged = new Dictionary<string, JsonElement>(own, StringComparer.Ordinal);
                    foreach ((string parameter, JsonElement value) in schedule.Parameters!)
                        merged[parameter] = value;
                    yield return new($"{name}, schedule '{schedule.Slug}'", flow.Entrypoint, merged);
                }
            }
        }
    }

    /// <summary>Whether a problem is about a parameter that is not given: whoever starts a run gives it.</summary>
    public bool IsLeftOpen(string path) => path.StartsWith("$.", StringComparison.Ordinal) && !Parameters.ContainsKey(path[2..]) && path.IndexOfAny(['.', '['], 2) < 0;
}
