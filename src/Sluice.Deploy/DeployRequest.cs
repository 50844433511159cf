using Sluice.Storage.Docker;

namespace Sluice.Deploy;

/// <summary>What the build hands to <c>sluice deploy --request FILE</c>: a JSON file with these members in snake_case. Never holds a secret.</summary>
public sealed record DeployRequest
{
    /// <summary>The intermediate assembly, whose metadata holds the manifest.</summary>
    public required string Assembly { get; init; }

    /// <summary>The project file, for messages.</summary>
    public string? Project { get; init; }

    /// <summary>The publish folder. With <see cref="Files"/> null, all its files are the package.</summary>
    public required string PublishDir { get; init; }

    /// <summary>The published files: relative paths within the publish folder.</summary>
    public IReadOnlyList<string>? Files { get; init; }

    /// <summary>As <c>net10.0</c>.</summary>
    public string? TargetFramework { get; init; }

    /// <summary>The project's frameworks, with semicolons between them, where it has several.</summary>
    public string? TargetFrameworks { get; init; }

    /// <summary>As <c>linux-x64</c>; null when portable.</summary>
    public string? RuntimeIdentifier { get; init; }

    /// <summary><c>framework-dependent</c>, <c>self-contained</c>, <c>single-file</c> or <c>native-aot</c>.</summary>
    public string? DeploymentMode { get; init; }

    /// <summary>The project's version.</summary>
    public string? Version { get; init; }

    /// <summary>The git commit.</summary>
    public string? Commit { get; init; }

    /// <summary>The .NET SDK that built, as <c>10.0.100</c>.</summary>
    public string? Sdk { get; init; }

    /// <summary>The store of the records of applies: a URI, a folder or a named block. Null: where the packages go.</summary>
    public string? Records { get; init; }

    /// <summary>The API's URL; null: <c>PREFECT_API_URL</c>, config, else the embedded API.</summary>
    public string? ApiUrl { get; init; }

    /// <summary>The storage URI; null: the home's storage.</summary>
    public string? Storage { get; init; }

    /// <summary>The package's folder in the store.</summary>
    public string? StorageKey { get; init; }

    /// <summary>The work pool of deployments that name none.</summary>
    public string? WorkPool { get; init; }

    /// <summary>Whether a missing pool is created.</summary>
    public bool CreateWorkPool { get; init; }

    /// <summary>The queue of deployments that name none.</summary>
    public string? WorkQueue { get; init; }

    /// <summary>The version of deployments that name none.</summary>
    public string? DeploymentVersion { get; init; }

    /// <summary>Stores nothing; the deployments keep their live package.</summary>
    public bool SkipUpload { get; init; }

    /// <summary>Stores the package but applies nothing.</summary>
    public bool SkipApply { get; init; }

    /// <summary>How many runs the queues of the deployments may start at once, on a Prefect 2 server, which does not limit deployments. Null leaves the queues as they are.</summary>
    public int? QueueLimit { get; init; }

    /// <summary>Says what would be done and does nothing.</summary>
    public bool PlanOnly { get; init; }

    /// <summary>Whether a schema may refuse what the live one accepts; what breaks is a warning then.</summary>
    public bool AllowBreakingChanges { get; init; }

    /// <summary>What becomes of fields that both the code and somebody on the server changed since the last publish: <c>fail</c> (when null), <c>keep</c> or <c>code</c>.</summary>
    public string? Conflicts { get; init; }

    /// <summary>Where the plan is written as JSON (a <see cref="DeployPlan"/>), carried out or not.</summary>
    public string? PlanFile { get; init; }

    /// <summary>Whose the deployments are; null: the assembly's name. Two projects with one assembly name tell themselves apart by it.</summary>
    public string? App { get; init; }

    /// <summary>The environment, as <c>pr-123</c>: a copy of the deployments under names with this suffix. Null: the deployments themselves.</summary>
    public string? Environment { get; init; }

    /// <summary>Whether the schedules of the environment's copy run; it is paused otherwise.</summary>
    public bool EnvironmentActive { get; init; }

    /// <summary>After how long prune removes the environment, as <c>7d</c>; null: never.</summary>
    public string? EnvironmentTtl { get; init; }

    /// <summary>What becomes of deployments that the code no longer has: <c>report</c> (when null), <c>pause</c> or <c>delete</c>.</summary>
    public string? Prune { get; init; }

    /// <summary>Deployments that were renamed, where the method alone does not tell: <c>flow/old=flow/new</c>, with semicolons between several.</summary>
    public string? Rename { get; init; }

    /// <summary>The <c>.cs</c> file of a file-based program; null for a project.</summary>
    public string? EntryPointFile { get; init; }

    /// <summary>Whether the package holds the source of a file-based program instead of what was published.</summary>
    public bool StoreAsScript { get; init; }

    /// <summary>With <see cref="StoreAsScript"/>: absolute paths of what the file-based program includes and is built with, besides its own file.</summary>
    public IReadOnlyList<string> ScriptFiles { get; init; } = [];

    /// <summary>With <see cref="StoreAsScript"/>: the projects that the file-based program references.</summary>
    public IReadOnlyList<string> ScriptReferences { get; init; } = [];

    /// <summary>Whether deployments get the default labels of their storage, a local one the host it is on; null is yes. A deployment may refuse them for itself.</summary>
    public bool? AddDefaultLabels { get; init; }

    /// <summary>Whether the published program is started and asked for its flows before anything is stored; null: where it becomes an image.</summary>
    public bool? SelfTest { get; init; }

    /// <summary>What the project says about its container image.</summary>
    public ImageSettings? Container { get; init; }

    /// <summary>How the user types the tool's name, for the command that is shown; null: <c>sluice</c>, or how this process was started.</summary>
    public string? Command { get; init; }

    /// <summary>The <c>deps.json</c> that the build made, for programs that are published without one: single files and native ones.</summary>
    public string? DepsFile { get; init; }

    /// <summary>A PEM file with the ECDSA P-256 key that signs the package; null: the variable <c>SLUICE_SIGNING_KEY</c>, which holds the PEM text itself, else none.</summary>
    public string? SigningKeyFile { get; init; }

    /// <summary>A file that gets the plan, or what was done, as Markdown, at its end; null for none. <c>GITHUB_STEP_SUMMARY</c> gets it besides.</summary>
    public string? SummaryFile { get; init; }

    /// <summary>Where the outcome is written as JSON (a <see cref="DeployOutcome"/>), for the task's items.</summary>
    public string? OutcomeFile { get; init; }
}
