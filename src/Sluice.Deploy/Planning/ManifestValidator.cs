using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Ownership;
using Sluice.Deploy.Planning.Merge;
using Sluice.Schedules;
using Sluice.Schemas;
using Sluice.Storage.Secrets;

namespace Sluice.Deploy.Planning;

/// <summary>Checks everything that can be known before anything is stored or sent. Finds all faults, not the first.</summary>
internal static partial class ManifestValidator
{
    // Prefect refuses them in names of flows and deployments, which are parts of URLs.
    private const string Banned = "/%&><";

    private const int MaxMisfires = 10_000;

    // What Prefect and Sluice take, in characters of JSON.
    private const int MaxParameters = 524_288;

    public static List<(string Code, string Message)> Validate(FlowsManifest manifest)
    {
        var errors = new List<(string, string)>();
        var flows = new HashSet<string>(StringComparer.Ordinal);
        foreach (FlowManifest flow in manifest.Flows.Where(f => f.Deployments.Count > 0))
        {
            if (RefuseName(flow.Name) is { } refused)
                errors.Add((DeployCodes.DeclarationInvalid, $"The flow name '{flow.Name}' {refused}."));
            if (!flows.Add(flow.Name))
                errors.Add((DeployCodes.DeclarationInvalid, $"Two flows are named '{flow.Name}': rename one by [Flow(\"…\")]."));
            ParameterSchema? schema = ParseSchema(flow, errors);
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (DeploymentManifest deployment in flow.Deployments)
            {
                string fullName = $"{flow.Name}/{deployment.Name}";
                if (RefuseName(deployment.Name) is { } reason)
                    errors.Add((DeployCodes.DeclarationInvalid, $"The deployment name '{deployment.Name}' of flow '{flow.Name}' {reason}."));
                if (!names.Add(deployment.Name))
                    errors.Add((DeployCodes.DeclarationInvalid, $"{fullName} is declared twice: rename one."));
                if (deployment.ConcurrencyLimit is < 1)
                    errors.Add((DeployCodes.DeclarationInvalid, $"{fullName}: a concurrency limit is at least 1; leave it out for none."));
                if (deployment.JobVariables?.TryGetValue("env", out JsonElement env) == true && env.ValueKind != JsonValueKind.Object)
                    errors.Add((DeployCodes.DeclarationInvalid, $"{fullName}: 'env' of JobVariables must be a JSON object of names and values."));
                if (deployment.Secrets?.FirstOrDefault(name => !RunSecrets.IsName(name)) is { } secret)
                    errors.Add((DeployCodes.DeclarationInvalid, $"{fullName}: '{secret}' cannot be the name of a secret, which becomes an environment variable: use letters, digits and underscores."));
                errors.AddRange(CheckPlaces(deployment.WorkPoolName, deployment.WorkQueueName).Select(e => (e.Code, $"{fullName}: {e.Message}")));
                if (deployment.Tags?.Any(string.IsNullOrWhiteSpace) == true)
                    errors.Add((DeployCodes.DeclarationInvalid, $"{fullName}: a tag is empty: leave it out."));
                if (deployment.Image is { } image && !IsImage(image))
                    errors.Add((DeployCodes.DeclarationInvalid, $"{fullName}: '{image}' is no name of a container image: write it as registry.example/team/app:1.2."));
                CheckParameters(fullName, schema, deployment.Parameters, errors);
                CheckSchedules(fullName, schema, deployment, errors);
            }
        }
        return errors;
    }

    /// <summary>Variables that publishing writes for itself, set by a declaration: what they say of a deployment would be taken for ours.</summary>
    public static IEnumerable<(string Code, string Message)> CheckOwnVariables(FlowsManifest manifest) =>
        from flow in manifest.Flows
        from deployment in flow.Deployments
        where deployment.JobVariables?.TryGetValue("env", out JsonElement env) == true && env.ValueKind == JsonValueKind.Object
        from name in deployment.JobVariables!["env"].EnumerateObject().Select(variable => variable.Name).Where(DeploymentFields.IsOwnVariable)
        select (DeployCodes.DeclarationInvalid, $"{flow.Name}/{deployment.Name}: JobVariables set {name}, which publishing writes itself{(name == OwnerMark.EnvironmentVariable ? " (-p:SluiceEnvironment=NAME)" : "")}: name the variable otherwise, or leave it out.");

    /// <summary>Names of a pool and a queue that no server takes.</summary>
    public static IEnumerable<(string Code, string Message)> CheckPlaces(string? pool, string? queue)
    {
        if (pool is not null && RefuseName(pool) is { } badPool)
            yield return (DeployCodes.DeclarationInvalid, $"The work pool name '{pool}' {badPool}.");
        if (queue is not null && RefuseName(queue) is { } badQueue)
            yield return (DeployCodes.DeclarationInvalid, $"The work queue name '{queue}' {badQueue}.");
    }

    private static string? RefuseName(string name) =>
        string.IsNullOrWhiteSpace(name) ? "is empty" : name.IndexOfAny(Banned.ToCharArray()) is >= 0 and var at ? $"contains '{name[at]}', which no name may ({string.Join(' ', Banned.ToCharArray())})" : null;

    private static ParameterSchema? ParseSchema(FlowManifest flow, List<(string, string)> errors)
    {
        if (flow.ParameterOpenapiSchema.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return null;
        try
        {
            return ParameterSchema.Parse(flow.ParameterOpenapiSchema);
        }
        catch (ArgumentException e)
        {
            errors.Add((DeployCodes.ManifestUnreadable, $"The parameter schema of flow '{flow.Name}' is invalid: {e.Message}"));
            return null;
        }
    }

    private static void CheckParameters(string where, ParameterSchema? schema, IReadOnlyDictionary<string, JsonElement>? parameters, List<(string, string)> errors)
    {
        if (parameters is null or { Count: 0 })
            return;
        if (parameters.Sum(p => (long)p.Key.Length + JsonMarshal.GetRawUtf8Value(p.Value).Length) > MaxParameters)
            errors.Add((DeployCodes.ParametersDoNotFit, string.Create(CultureInfo.InvariantCulture, $"{where}: the parameters are too large: at most {MaxParameters} characters of JSON are taken. Name a file or an object in their place.")));
        if (schema is null)
            return;
        errors.AddRange(schema.Validate(parameters, ignoreRequired: true)
            .Select(v => (DeployCodes.ParametersDoNotFit, $"{where}: the parameters do not fit: {v.Path}: {v.Message}")));
    }

    private static void CheckSchedules(string fullName, ParameterSchema? schema, DeploymentManifest deployment, List<(string, string)> errors)
    {
        var slugs = new HashSet<string>(StringComparer.Ordinal);
        foreach (ScheduleManifest schedule in deployment.Schedules ?? [])
        {
            string where = $"{fullName}, schedule '{schedule.Slug}'";
            if (!slugs.Add(schedule.Slug))
                errors.Add((DeployCodes.ScheduleInvalid, $"{fullName} has two schedules with the slug '{schedule.Slug}': give one another Slug."));
            if (!ScheduleTexts.TryParse(schedule, out _, out string? error))
                errors.Add((DeployCodes.ScheduleInvalid, string.Create(CultureInfo.InvariantCulture, $"{where}: {error}")));
            if (schedule.MaxMisfires is < 1 or > MaxMisfires)
                errors.Add((DeployCodes.ScheduleInvalid, string.Create(CultureInfo.InvariantCulture, $"{where}: MaxMisfires is {schedule.MaxMisfires}; it takes 1 to {MaxMisfires}.")));
            CheckParameters(where, schema, schedule.Parameters, errors);
        }
    }

    private static bool IsImage(string image) => image.Contains("{{", StringComparison.Ordinal) || image.Contains("${", StringComparison.Ordinal) || ImageReference().IsMatch(image);

    // Docker's grammar: registry, lower-case path, tag, digest.
    [GeneratedRegex(@"^(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?\z", RegexOptions.NonBacktracking)]
    private static partial Regex ImageReference();
}
