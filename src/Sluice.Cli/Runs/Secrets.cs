using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Schemas;

namespace Sluice.Cli.Runs;

/// <summary>Hides the parameters that a deployment's schema calls secret, in whatever is printed, for people and as JSON.</summary>
internal static class Secrets
{
    public static Deployment Hide(Deployment deployment) => Schema(deployment) is not { } schema ? deployment : deployment with
    {
        Parameters = schema.Mask(deployment.Parameters),
        Schedules = [.. deployment.Schedules.Select(schedule => schedule with { Parameters = schema.Mask(schedule.Parameters) })],
    };

    /// <summary>The deployment's schema, where it has secrets; null as well for one that cannot be read, which names none.</summary>
    public static ParameterSchema? Schema(Deployment deployment)
    {
        if (deployment.ParameterOpenapiSchema is not { ValueKind: JsonValueKind.Object } json)
            return null;
        try
        {
            return ParameterSchema.Parse(json) is { HasSecrets: true } schema ? schema : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
