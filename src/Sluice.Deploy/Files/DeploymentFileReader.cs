using System.Text;
using System.Text.Json;
using Sluice.Deploy.Files.Yaml;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Planning;
using Sluice.Orchestration;
using Sluice.Schemas;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Files;

/// <summary>Reads a <c>deployment.yaml</c>: one that <c>deployment build</c> wrote, or Prefect 2's own.</summary>
internal static class DeploymentFileReader
{
    /// <summary>What may be edited, in the order of the file.</summary>
    public static IReadOnlyList<string> Editable { get; } =
    [
        "name", "description", "version", "work_queue_name", "work_pool_name", "tags", "parameters", "schedule", "schedules", "is_schedule_active",
        "concurrency_limit", "infra_overrides", "job_variables", "infrastructure",
    ];

    private static readonly string[] s_keys =
    [
        .. Editable, "flow_name", "manifest_path", "storage", "path", "entrypoint", "parameter_openapi_schema", "timestamp", "triggers", "enforce_parameter_schema",
    ];

    /// <summary>The text of a file, without byte order mark.</summary>
    /// <exception cref="FileFaultException">It is longer than any deployment, or no UTF-8.</exception>
    public static async Task<string> TextAsync(string path, CancellationToken cancellationToken)
    {
        if (new FileInfo(path).Length > YamlReader.MaxLength * 3L)
            throw new FileFaultException(new(1, 1, DeployCodes.FileUnreadable, "The file is far longer than any deployment."));
        byte[] bytes = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            throw new FileFaultException(new(1, 1, DeployCodes.FileUnreadable, $"The file is not UTF-8 ({e.Message.ReplaceLineEndings(" ")}): save it as UTF-8."));
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="name">The file, for messages.</param>
    /// <param name="text">What <see cref="TextAsync"/> gave.</param>
    /// <returns>The file, or all that is wrong with it.</returns>
    public static (DeploymentFile? File, IReadOnlyList<FileFault> Faults) Read(string name, string text)
    {
        var values = new FileValues();
        try
        {
            // First, since what was changed there may be no YAML any more.
            if (FileSeal.FirstChange(text) is { } line)
            {
                return (null, [new(line, 1, DeployCodes.FileChangedBelow,
                    "This line is below DO NOT EDIT BELOW THIS LINE and is not as it was built: undo the change, or build the file again (sluice deployment build), which keeps what stands above.")]);
            }
            YamlNode? node = YamlReader.Read(text);
            if (node is not YamlMapping root)
                return (null, [new(node?.Line ?? 1, node?.Column ?? 1, DeployCodes.FileUnreadable, "This is no deployment: a file has keys such as name and flow_name.")]);
            DeploymentFile file = Read(name, root, values, text);
            if (values.Faults.Count == 0)
                Check(file, values);
            return values.Faults.Count == 0 ? (file, []) : (null, [.. values.Faults.OrderBy(fault => fault.Line).ThenBy(fault => fault.Column)]);
        }
        catch (FileFaultException e)
        {
            return (null, [e.Fault]);
        }
    }

    private static DeploymentFile Read(string name, YamlMapping root, FileValues values, string text)
    {
        values.CheckKeys(root, null, s_keys);
        if (root["infra_overrides"] is not null && root["job_variables"] is { } twice)
            values.Add(twice, DeployCodes.FileKey, "job_variables is another name of infra_overrides, which stands above: keep one.");
        var infrastructure = FileInfrastructure.Read(root, values);
        string variables = root["job_variables"] is null ? "infra_overrides" : "job_variables";
        IReadOnlyDictionary<string, JsonElement>? overrides = values.Map(root, variables, isText: IsVariable);
        string entrypoint = Required(root, "entrypoint", values);
        overrides = infrastructure.Into(JobVariablePaths.Expand(overrides, (path, why) =>
            values.Add(((YamlMapping)root[variables]!).Entries.First(entry => entry.Key.Text == path).Key, DeployCodes.FileValue, $"{variables}: '{FileValues.Shown(path)}' {why}.")));
        bool? active = values.Flag(root, "is_schedule_active");
        var deployment = new DeploymentManifest
        {
            Name = Required(root, "name", values),
            Description = values.Text(root, "description"),
            Version = values.Text(root, "version"),
            WorkQueueName = values.Text(root, "work_queue_name"),
            WorkPoolName = values.Text(root, "work_pool_name"),
            Tags = values.Texts(root, "tags"),
            Parameters = values.Map(root, "parameters", isText: name => IsTextParameter(root, name)),
            Schedules = new FileSchedules(values).Read(root),
            Paused = active is { } isActive ? !isActive : null,
            ConcurrencyLimit = values.Whole(root, "concurrency_limit"),
            JobVariables = overrides,
            // Prefect writes a process for whatever pool, and workers go by their pool.
            Infrastructure = infrastructure.Kind == "process" ? null : infrastructure.Kind,
        };
        if (root["triggers"] is { } triggers && triggers is not YamlScalar { IsNull: true } and not YamlSequence { Items.Count: 0 })
            values.Add(triggers, DeployCodes.FileValue, "triggers make automations of Prefect Cloud, which are not made here: leave them out, and make them there.");
        return new()
        {
            Name = name,
            Root = root,
            Flow = new() { Name = Required(root, "flow_name", values), Entrypoint = entrypoint, ParameterOpenapiSchema = Schema(root, values), Deployments = [deployment] },
            Package = PackageOf(overrides),
            Path = values.Text(root, "path"),
            ManifestPath = values.Text(root, "manifest_path"),
            StorageBlock = FileInfrastructure.StorageBlock(root, values),
            HasNoStorageBlock = root["storage"] is { } storage && FileValues.IsNull(storage),
            HasNoVersion = root["version"] is { } version && FileValues.IsNull(version),
            InfrastructureData = infrastructure.Data,
            Source = FileComments.Source(text),
            Storage = FileComments.Storage(text),
            StorageKey = FileComments.StorageKey(text),
        };
    }

    /// <summary>Whether a job variable is one of the environment, which are texts.</summary>
    public static bool IsVariable(string name) => name.StartsWith("env.", StringComparison.Ordinal);

    private static bool IsTextParameter(YamlMapping root, string name) =>
        root["parameter_openapi_schema"] is YamlMapping schema && schema["properties"] is YamlMapping properties && properties[name] is YamlMapping parameter && parameter["type"] is YamlScalar { Text: "string" };

    private static string Required(YamlMapping root, string key, FileValues values)
    {
        string? text = values.Text(root, key);
        if (string.IsNullOrWhiteSpace(text) && root[key] is null or YamlScalar)
            values.Add(root[key] ?? root, DeployCodes.FileValue, $"{key} is missing.");
        return text ?? "";
    }

    /// <summary>Prefect writes <c>required: null</c> and <c>definitions: null</c>, and sends neither.</summary>
    private static JsonElement Schema(YamlMapping root, FileValues values)
    {
        if (root["parameter_openapi_schema"] is not { } node || FileValues.IsNull(node))
            return default;
        if (node is not YamlMapping)
            return values.Wrong<JsonElement>(node, "parameter_openapi_schema", "a JSON schema");
        return values.Json(node) is { } schema
            ? JsonSerializer.SerializeToElement(schema.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null).ToDictionary(member => member.Name, member => member.Value), DeployJson.Default.DictionaryStringJsonElement)
            : default;
    }

    private static string? PackageOf(IReadOnlyDictionary<string, JsonElement>? variables) =>
        variables?.TryGetValue("env", out JsonElement env) == true && env.ValueKind == JsonValueKind.Object
            && env.TryGetProperty(PackageReference.Variable, out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static void Check(DeploymentFile file, FileValues values)
    {
        if (file.Flow.ParameterOpenapiSchema.ValueKind == JsonValueKind.Object)
        {
            try
            {
                ParameterSchema schema = ParameterSchema.Parse(file.Flow.ParameterOpenapiSchema);
                foreach (SchemaViolation violation in file.Deployment.Parameters is { } parameters ? schema.Validate(parameters, ignoreRequired: true) : [])
                    values.Add(YamlPath.Find(file.Root["parameters"]!, violation.Path), DeployCodes.ParametersDoNotFit, $"The parameters do not fit: {violation.Path}: {violation.Message}");
            }
            catch (ArgumentException e)
            {
                values.Add(file.Root["parameter_openapi_schema"]!, DeployCodes.FileValue, $"The schema of the parameters is invalid: {e.Message}");
            }
        }
        if (values.Faults.Count > 0)
            return;
        foreach ((string code, string message) in ManifestValidator.Validate(new() { ManifestVersion = 1, Assembly = file.Name, Flows = [file.Flow] }))
            values.Add(file.Root[code == DeployCodes.ScheduleInvalid ? "schedules" : "name"] ?? file.Root, code, message);
    }
}
