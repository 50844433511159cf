using System.Text.Json;
using Sluice.Deploy.Images;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Ownership;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Storage.Git;
using Sluice.Storage.Labels;
using Sluice.Storage.Packages;
using Sluice.Storage.Secrets;

namespace Sluice.Deploy.Planning;

/// <summary>Makes of a declaration what the API is told.</summary>
internal static class DeploymentDesign
{
    /// <summary>The command that our worker, and Prefect's process worker with <c>sluice</c> on its PATH, start a run by.</summary>
    public const string WorkerCommand = "sluice flow-run execute";

    /// <summary>The pool of deployments that name none, on Prefect 2.10, 3.x and the embedded API.</summary>
    public const string DefaultPool = "default-agent-pool";

    private const string DefaultQueue = "default";

    /// <summary>MaxMisfires of the attributes where the manifest says nothing.</summary>
    private const int DefaultMisfires = 100;

    /// <param name="planned">The deployment.</param>
    /// <param name="request">What the publish says for all of them.</param>
    /// <param name="assembly">The assembly that declares it, which is its app where it has no owner.</param>
    /// <param name="host">This machine's name.</param>
    /// <param name="server">What it goes to; null for Sluice's own.</param>
    public static DeploymentCreate Of(PlannedDeployment planned, DeployRequest request, string assembly, string host, ApiInfo? server = null)
    {
        DeploymentManifest declared = planned.Declared;
        string? pool = declared.WorkPoolName ?? request.WorkPool;
        List<ScheduleManifest> schedules = [.. declared.Schedules ?? []];
        string? package = planned.Image is null ? (planned.Package ?? LivePackage(planned.Live))?.Text : null;
        string slugs = string.Join(',', schedules.Select(s => s.Slug));
        DefaultLabels defaults = DefaultLabels.Of(planned, package, request, host);
        var labels = new Dictionary<string, JsonElement>
        {
            [OwnerMark.AppLabel] = Text(assembly),
            [DeclaredSlugs.Label] = Text(slugs),
        };
        planned.Owner?.AddLabels(labels, server);
        defaults.AddTo(labels, Text);
        return new()
        {
            Name = declared.Name,
            FlowId = default,
            Paused = declared.Paused,
            Schedules = [.. schedules.Select(s => Schedule(s, server is null or { IsSluice: true }))],
            ConcurrencyLimit = declared.ConcurrencyLimit,
            EnforceParameterSchema = true,
            ParameterOpenapiSchema = planned.Flow.ParameterOpenapiSchema is { ValueKind: JsonValueKind.Object } schema ? schema : null,
            Parameters = declared.Parameters ?? new Dictionary<string, JsonElement>(),
            Tags = declared.Tags ?? [],
            Labels = labels,
            WorkPoolName = pool,
            WorkQueueName = declared.WorkQueueName ?? request.WorkQueue ?? (pool is null ? DefaultQueue : null),
            Description = declared.Description ?? planned.Flow.Description,
            Path = planned.Image?.Path ?? (planned.Package is { } program ? program.Location?.AbsoluteUri ?? "" : planned.Live?.Path),
            Version = declared.Version ?? request.DeploymentVersion ?? VersionOf(request.Version, planned.Package?.Commit ?? request.Commit),
            Entrypoint = planned.Flow.Entrypoint,
            JobVariables = JobVariables(declared, planned.Image, package, defaults.Host, server is { IsSluice: false } ? slugs : null, env => planned.Owner?.AddVariables(env, server)),
        };
    }

    /// <summary>The package or source that a live deployment names.</summary>
    public static DeployedProgram? LivePackage(Deployment? live) => PackageOf(live?.JobVariables);

    /// <summary>The package or source that job variables name.</summary>
    public static DeployedProgram? PackageOf(IReadOnlyDictionary<string, JsonElement>? jobVariables) =>
        jobVariables?.TryGetValue("env", out JsonElement env) == true && env.ValueKind == JsonValueKind.Object
            && env.TryGetProperty(PackageReference.Variable, out JsonElement text) && text.ValueKind == JsonValueKind.String
            ? PackageReference.TryParse(text.GetString()!) is { } package ? DeployedProgram.Of(package)
                : SourceReference.TryParse(text.GetString()!) is { } source ? PinnedSource.ProgramOf(source) : null
            : null;

    private static DeploymentScheduleCreate Schedule(ScheduleManifest declared, bool isSluice)
    {
        ScheduleMisfire misfire = declared.Misfire ?? ScheduleMisfire.Skip;
        DeploymentScheduleCreate schedule = new()
        {
            Schedule = ScheduleTexts.ToSchedule(declared.Schedule),
            Active = declared.Active,
            Slug = declared.Slug,
            Parameters = declared.Parameters,
            MaxScheduledRuns = declared.MaxScheduledRuns,
        };
        // All of them, so that what the code no longer says does not stay. A Prefect server knows none.
        return !isSluice ? schedule : schedule with
        {
            Misfire = misfire,
            MaxMisfires = misfire == ScheduleMisfire.RunAll ? declared.MaxMisfires ?? DefaultMisfires : null,
            Dst = declared.Dst ?? ScheduleDst.PrefectCompatible,
        };
    }

    private static string? VersionOf(string? version, string? commit) =>
        commit is not { Length: > 0 } ? version
        : version is not { Length: > 0 } ? Short(commit)
        : version.Contains('+', StringComparison.Ordinal) ? version : $"{version}+{Short(commit)}";

    private static string Short(string commit) => commit.Length > 12 ? commit[..12] : commit;

    private static Dictionary<string, JsonElement> JobVariables(DeploymentManifest declared, DeployedImage? container, string? package, string? host, string? slugs, Action<Dictionary<string, JsonElement>> addOwner)
    {
        var variables = new Dictionary<string, JsonElement>(declared.JobVariables ?? new Dictionary<string, JsonElement>(), StringComparer.Ordinal);
        variables.TryAdd("command", Text(container?.Command ?? WorkerCommand));
        if ((container?.Reference ?? declared.Image) is { } image)
            variables["image"] = Text(image);
        var env = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (variables.TryGetValue("env", out JsonElement given))
        {
            foreach (JsonProperty variable in given.EnumerateObject())
                env[variable.Name] = variable.Value;
        }
        if (package is not null)
            env[PackageReference.Variable] = Text(package);
        if (declared.Secrets is { Count: > 0 } secrets)
            env[RunSecrets.Variable] = Text(RunSecrets.Text(secrets));
        if (slugs is not null)
            env[DeclaredSlugs.Variable] = Text(slugs);
        addOwner(env);
        if (host is not null)
            env[StorageLabels.PackageHostVariable] = Text(host);
        variables["env"] = JsonSerializer.SerializeToElement(env, DeployJson.Default.DictionaryStringJsonElement);
        return variables;
    }

    private static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, DeployJson.Default.String);
}
