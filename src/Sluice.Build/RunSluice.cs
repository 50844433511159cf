using System.Text.Json;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Sluice.Build;

/// <summary>
/// Runs the bundled tool on a project: writes the request file, starts <c>dotnet exec sluice.dll deploy --request FILE</c> and shows what it says.
/// Lines in MSBuild's canonical form become errors and warnings. Holds no logic of deploying, and no secret ever passes through it.
/// </summary>
public sealed class RunSluice : ToolTask
{
    /// <summary>The tool, <c>sluice.dll</c>.</summary>
    [Required]
    public string ToolAssembly { get; set; } = "";

    /// <summary>The <c>dotnet</c> program; the one on PATH when empty.</summary>
    public string? DotNetHost { get; set; }

    /// <summary>The intermediate assembly, whose metadata holds the manifest.</summary>
    [Required]
    public string Assembly { get; set; } = "";

    /// <summary>The project file.</summary>
    [Required]
    public string Project { get; set; } = "";

    /// <summary>When set, only the manifest is written, to this file.</summary>
    public string? ManifestFile { get; set; }

    /// <summary>Where the request goes.</summary>
    public string? RequestFile { get; set; }

    /// <summary>Assemblies of referenced projects, to tell of flows that are not deployed.</summary>
    public ITaskItem[] References { get; set; } = [];

    /// <summary>The project's output type.</summary>
    public string? OutputType { get; set; }

    /// <summary>True in a solution publish: projects without flows stay silent.</summary>
    public bool OneOfMany { get; set; }

    /// <summary>The publish folder.</summary>
    public string? PublishDir { get; set; }

    /// <summary>The published files, relative to the folder.</summary>
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>The project's target framework.</summary>
    public string? AppTargetFramework { get; set; }

    /// <summary>The project's target frameworks, where it has several.</summary>
    public string? AppTargetFrameworks { get; set; }

    /// <summary>The runtime identifier; empty when portable.</summary>
    public string? RuntimeIdentifier { get; set; }

    /// <summary>How the program is published.</summary>
    public string? DeploymentMode { get; set; }

    /// <summary>The project's version.</summary>
    public string? Version { get; set; }

    /// <summary>The git commit.</summary>
    public string? Commit { get; set; }

    /// <summary>The .NET SDK that builds.</summary>
    public string? Sdk { get; set; }

    /// <summary>The store of the records of applies.</summary>
    public string? Records { get; set; }

    /// <summary>The API's URL.</summary>
    public string? ApiUrl { get; set; }

    /// <summary>The storage URI.</summary>
    public string? Storage { get; set; }

    /// <summary>The package's folder in the store.</summary>
    public string? StorageKey { get; set; }

    /// <summary>The work pool of deployments that name none.</summary>
    public string? WorkPool { get; set; }

    /// <summary>Whether a missing pool is created.</summary>
    public bool CreateWorkPool { get; set; }

    /// <summary>The queue of deployments that name none.</summary>
    public string? WorkQueue { get; set; }

    /// <summary>The version of deployments that name none.</summary>
    public string? DeploymentVersion { get; set; }

    /// <summary>Stores nothing.</summary>
    public bool SkipUpload { get; set; }

    /// <summary>Applies nothing.</summary>
    public bool SkipApply { get; set; }

    /// <summary>Says what would be done and does nothing.</summary>
    public bool PlanOnly { get; set; }

    /// <summary>Lets a schema refuse what the live one accepts.</summary>
    public bool AllowBreakingChanges { get; set; }

    /// <summary>Whose the deployments are; the assembly's name when empty.</summary>
    public string? App { get; set; }

    /// <summary>The environment.</summary>
    public string? DeployedEnvironment { get; set; }

    /// <summary>Whether the environment's schedules run.</summary>
    public bool EnvironmentActive { get; set; }

    /// <summary>After how long prune removes the environment.</summary>
    public string? EnvironmentTtl { get; set; }

    /// <summary>What becomes of deployments that the code no longer has.</summary>
    public string? Prune { get; set; }

    /// <summary>Deployments that were renamed.</summary>
    public string? Rename { get; set; }

    /// <summary>What becomes of fields that both the code and somebody on the server changed.</summary>
    public string? Conflicts { get; set; }

    /// <summary>Where the plan is written as JSON.</summary>
    public string? PlanFile { get; set; }

    /// <summary>The file of a file-based program.</summary>
    public string? EntryPointFile { get; set; }

    /// <summary>Stores the source of a file-based program instead of what was published.</summary>
    public bool StoreAsScript { get; set; }

    /// <summary>What a file-based program includes and is built with.</summary>
    public ITaskItem[] ScriptFiles { get; set; } = [];

    /// <summary>Projects that a file-based program references.</summary>
    public ITaskItem[] ScriptReferences { get; set; } = [];

    /// <summary>Gives deployments the default labels of their storage.</summary>
    public bool AddDefaultLabels { get; set; } = true;

    /// <summary>Whether the program is tested before it is stored: true, false, or empty for the tool's default.</summary>
    public string? SelfTest { get; set; }

    /// <summary>The SDK's container properties that the project sets, each with its Value.</summary>
    public ITaskItem[] ContainerProperties { get; set; } = [];

    /// <summary>The project's ContainerLabel items.</summary>
    public ITaskItem[] ContainerLabels { get; set; } = [];

    /// <summary>The project's ContainerEnvironmentVariable items.</summary>
    public ITaskItem[] ContainerEnvironment { get; set; } = [];

    /// <summary>The deps.json that the build made.</summary>
    public string? DepsFile { get; set; }

    /// <summary>The file with the key that signs the package.</summary>
    public string? SigningKeyFile { get; set; }

    /// <summary>The file that gets a summary as Markdown.</summary>
    public string? SummaryFile { get; set; }

    /// <summary>How the user types the tool's name.</summary>
    public string? Command { get; set; }

    /// <summary>The deployments, with Id, Version, Outcome, PackageUri, PackageSha256 and Image.</summary>
    [Output]
    public ITaskItem[] Deployments { get; private set; } = [];

    /// <inheritdoc/>
    protected override string ToolName => OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";

    /// <inheritdoc/>
    protected override MessageImportance StandardOutputLoggingImportance => MessageImportance.High;

    /// <inheritdoc/>
    protected override MessageImportance StandardErrorLoggingImportance => MessageImportance.High;

    private string OutcomeFile => Path.ChangeExtension(RequestFile!, ".outcome.json");

    /// <inheritdoc/>
    public override bool Execute()
    {
        EchoOff = true;
        // Only Windows needs ICU for IANA zone ids; elsewhere the tool starts some 25 ms sooner without it.
        if (!OperatingSystem.IsWindows())
            EnvironmentVariables = ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1"];
        UseUtf8Encoding = "Always";
        if (ManifestFile is not null)
            return base.Execute();

        FlowMetadata own = FlowMetadata.Read(Assembly);
        if (!own.HasDeployments || !string.Equals(OutputType, "Exe", StringComparison.OrdinalIgnoreCase) && !string.Equals(OutputType, "WinExe", StringComparison.OrdinalIgnoreCase))
        {
            if (NothingToDeploy(own) is { } reason)
                Log.LogMessage(MessageImportance.High, $"Sluice: nothing to deploy: {reason}");
            return true;
        }

        WriteRequest();
        return base.Execute() && ReadOutcome();
    }

    /// <inheritdoc/>
    protected override string GenerateFullPathToTool() => string.IsNullOrEmpty(DotNetHost) ? ToolExe : DotNetHost;

    /// <inheritdoc/>
    protected override string GenerateCommandLineCommands()
    {
        var line = new CommandLineBuilder();
        line.AppendSwitch("exec");
        line.AppendFileNameIfNotNull(ToolAssembly);
        if (ManifestFile is null)
        {
            line.AppendSwitch("deploy");
            line.AppendSwitchIfNotNull("--request ", RequestFile);
        }
        else
        {
            line.AppendSwitch("manifest");
            line.AppendFileNameIfNotNull(Assembly);
            line.AppendSwitchIfNotNull("--output-file ", ManifestFile);
        }
        return line.ToString();
    }

    /// <inheritdoc/>
    protected override void LogEventsFromTextOutput(string singleLine, MessageImportance messageImportance)
    {
        // A word to the CI system says again what became an error of the build: MSBuild would take it for one more.
        if (singleLine.StartsWith("::", StringComparison.Ordinal) || singleLine.StartsWith("##vso[", StringComparison.Ordinal))
            Log.LogMessage(MessageImportance.High, "{0}", singleLine);
        else
            base.LogEventsFromTextOutput(singleLine, messageImportance);
    }

    /// <inheritdoc/>
    protected override bool HandleTaskExecutionErrors()
    {
        // The tool's own coded lines have become errors already; without one, the exit code alone is left to tell.
        if (!HasLoggedErrors)
            Log.LogError(null, "SLC1000", null, Project, 0, 0, 0, 0, $"the deploy tool ended with exit code {ExitCode} and no reason; run it by hand: dotnet exec \"{ToolAssembly}\" deploy --request \"{RequestFile}\"");
        return false;
    }

    private string? NothingToDeploy(FlowMetadata own)
    {
        string name = Path.GetFileNameWithoutExtension(Project);
        if (own.HasFlows && own.HasDeployments)
            return $"{name} is a library. Publish the program that holds the flows: give {Path.GetFileName(Project)} <OutputType>Exe</OutputType>.";
        if (own.HasFlows)
            return OneOfMany ? null : $"{name} has flows but no [Deployment].";
        string[] elsewhere = [.. References
            .Where(reference => FlowMetadata.Read(reference.ItemSpec).HasDeployments)
            .Select(reference => Path.GetFileName(reference.GetMetadata("MSBuildSourceProjectFile")))];
        if (elsewhere.Length > 0)
            return $"only a published project's own flows deploy, and those of {name} are in {string.Join(", ", elsewhere)}. Publish that project.";
        return OneOfMany ? null : $"{name} has no method with [Flow] and [Deployment].";
    }

    private void WriteRequest()
    {
        File.Delete(OutcomeFile);
        Directory.CreateDirectory(Path.GetDirectoryName(RequestFile!)!);
        using FileStream file = File.Create(RequestFile!);
        using var json = new Utf8JsonWriter(file, new() { Indented = true });
        json.WriteStartObject();
        Text("assembly", Assembly);
        Text("project", Project);
        Text("publish_dir", PublishDir);
        List("files", Files.Select(item => item.ItemSpec.Replace('\\', '/')));
        Text("target_framework", AppTargetFramework);
        Text("target_frameworks", AppTargetFrameworks);
        Text("runtime_identifier", RuntimeIdentifier);
        Text("deployment_mode", DeploymentMode);
        Text("version", Version);
        Text("commit", Commit);
        Text("sdk", Sdk);
        Text("records", Records);
        Text("api_url", ApiUrl);
        Text("storage", Storage);
        Text("storage_key", StorageKey);
        Text("work_pool", WorkPool);
        json.WriteBoolean("create_work_pool", CreateWorkPool);
        Text("work_queue", WorkQueue);
        Text("deployment_version", DeploymentVersion);
        json.WriteBoolean("skip_upload", SkipUpload);
        json.WriteBoolean("skip_apply", SkipApply);
        json.WriteBoolean("plan_only", PlanOnly);
        json.WriteBoolean("allow_breaking_changes", AllowBreakingChanges);
        Text("app", App);
        Text("environment", DeployedEnvironment);
        json.WriteBoolean("environment_active", EnvironmentActive);
        Text("environment_ttl", EnvironmentTtl);
        Text("prune", Prune);
        Text("rename", Rename);
        Text("conflicts", Conflicts);
        Text("plan_file", PlanFile);
        Text("entry_point_file", EntryPointFile);
        if (StoreAsScript)
        {
            json.WriteBoolean("store_as_script", true);
            List("script_files", ScriptFiles.Select(item => item.GetMetadata("FullPath")));
            List("script_references", ScriptReferences.Select(item => item.ItemSpec));
        }
        json.WriteBoolean("add_default_labels", AddDefaultLabels);
        if (bool.TryParse(SelfTest, out bool test))
            json.WriteBoolean("self_test", test);
        json.WriteStartObject("container");
        foreach (ITaskItem property in ContainerProperties)
            Text(property.ItemSpec, property.GetMetadata("Value"));
        Texts("labels", ContainerLabels);
        Texts("environment", ContainerEnvironment);
        json.WriteEndObject();
        Text("deps_file", DepsFile);
        Text("signing_key_file", SigningKeyFile);
        Text("summary_file", SummaryFile);
        Text("command", Command);
        Text("outcome_file", OutcomeFile);
        json.WriteEndObject();

        void List(string name, IEnumerable<string> values)
        {
            json.WriteStartArray(name);
            foreach (string value in values)
                json.WriteStringValue(value);
            json.WriteEndArray();
        }

        void Text(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                json.WriteString(name, value);
        }

        void Texts(string name, ITaskItem[] items)
        {
            json.WriteStartObject(name);
            foreach (ITaskItem item in items.GroupBy(item => item.ItemSpec).Select(same => same.Last()))
                json.WriteString(item.ItemSpec, item.GetMetadata("Value"));
            json.WriteEndObject();
        }
    }

    private bool ReadOutcome()
    {
        // The tool has warned that it could not write it; the deploy is done.
        if (!File.Exists(OutcomeFile))
            return true;
        using JsonDocument outcome = JsonDocument.Parse(File.ReadAllBytes(OutcomeFile));
        JsonElement root = outcome.RootElement;
        Deployments = [.. root.GetProperty("deployments").EnumerateArray().Select(deployment =>
        {
            var item = new TaskItem(Value(deployment, "full_name"));
            item.SetMetadata("Name", Value(deployment, "full_name"));
            item.SetMetadata("Id", Value(deployment, "id"));
            item.SetMetadata("Version", Value(deployment, "version"));
            item.SetMetadata("Outcome", Value(deployment, "outcome"));
            item.SetMetadata("PackageUri", Value(root, "package_uri"));
            item.SetMetadata("PackageSha256", Value(root, "package_sha256"));
            item.SetMetadata("Image", Value(root, "image"));
            return (ITaskItem)item;
        })];
        return true;

        static string Value(JsonElement element, string name) =>
            element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    }
}
