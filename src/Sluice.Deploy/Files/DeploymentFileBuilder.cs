using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Cli.Runs;
using Sluice.Deploy.Files.Yaml;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Planning;
using Sluice.Storage.Labels;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Files;

/// <summary>Builds <c>deployment.yaml</c> files from a program: stores it, and writes what deploying it needs, to be edited and applied later.</summary>
/// <param name="environment">Its surroundings; no API is opened.</param>
public sealed class DeploymentFileBuilder(DeployEnvironment environment)
{
    /// <summary>Builds. Expected failures are data in the result.</summary>
    public async Task<BuildResult> RunAsync(BuildRequest request, CancellationToken cancellationToken)
    {
        var warnings = new List<(string Code, string Message)>();
        try
        {
            IReadOnlyList<BuiltFile> files = await BuildAsync(request, warnings, cancellationToken).ConfigureAwait(false);
            return new(files, [.. warnings.Select(w => new DeployError(w.Code, w.Message, request.Assembly, IsWarning: true))]);
        }
        catch (BuiltFileException e)
        {
            return new([], [FileSet.Error(e.File, e.Fault)]);
        }
        catch (Exception e) when (Failures.Explain(e, environment.Home) is { } explained)
        {
            return new([], [.. explained.Select(error => new DeployError(error.Code, error.Message, request.Assembly))]);
        }
    }

    private async Task<IReadOnlyList<BuiltFile>> BuildAsync(BuildRequest request, List<(string, string)> warnings, CancellationToken cancellationToken)
    {
        ReadManifest read = ManifestReader.Read(request.Assembly);
        FlowManifest flow = Choose(read.Manifest, request);
        FlowsManifest chosen = read.Manifest with { Flows = [flow] };
        CheckParameters(flow, request);
        FileContents.Overrides(request.Overrides);
        if (ManifestValidator.Validate(chosen) is { Count: > 0 } errors)
            throw new DeployException(errors);
        PlannedDeployment[] planned = [.. flow.Deployments.Select(declared => new PlannedDeployment { Flow = flow, Declared = declared })];
        // Read before anything is stored, so that a file that cannot be edited stops the build.
        string[] paths = [.. planned.Select(one => PathOf(one, planned.Length, request))];
        if (paths.Index().GroupBy(one => one.Item, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } same)
            throw new DeployException((DeployCodes.BuildTarget, $"{string.Join(" and ", same.Select(one => $"'{planned[one.Index].FullName}'"))} would be the same file, {Path.GetFileName(same.Key)}: build one at a time, by --name and --output."));
        var old = new List<(string? Text, YamlMapping? Head)>();
        foreach (string path in paths)
            old.Add(await OldAsync(path, cancellationToken).ConfigureAwait(false));
        for (int i = 0; i < planned.Length; i++)
            CheckSame(planned[i], old[i], paths[i], request, warnings);
        planned = [.. planned.Select((one, i) => one with { Former = PackageOf(old[i].Head) })];

        var deploy = new DeployRequest
        {
            Assembly = request.Assembly,
            PublishDir = Path.GetDirectoryName(Path.GetFullPath(request.Assembly))!,
            Storage = request.Storage,
            StorageKey = request.StorageKey,
            TargetFramework = request.TargetFramework,
            Version = request.ProjectVersion,
            Commit = request.Commit,
            Sdk = request.Sdk,
        };
        if (!request.SkipUpload)
            (planned, _) = await FileProgram.StoreAsync(read with { Manifest = chosen }, deploy, planned, environment, warnings, cancellationToken).ConfigureAwait(false);

        string host = HostName.Current(environment.Variable);
        var built = new List<(BuiltFile File, string Text)>();
        for (int i = 0; i < planned.Length; i++)
        {
            FileContents contents = FileContents.Of(planned[i], DeploymentDesign.Of(planned[i], deploy, read.Manifest.Assembly, host), request, (old[i].Head?["work_pool_name"] as YamlScalar) is { IsNull: false } pool ? pool.Text : null);
            if (request.SkipUpload)
                contents.Below["path"] = null;
            string text;
            IReadOnlyList<string> kept;
            try
            {
                (text, kept) = DeploymentFileWriter.Write(contents, Comments(request, planned[i], read.Manifest, paths[i]), old[i].Text, Path.GetFileName(paths[i]), environment.Time.GetUtcNow());
            }
            catch (FileFaultException e)
            {
                throw new BuiltFileException(paths[i], e.Fault);
            }
            string outcome = old[i].Text is null ? "created" : old[i].Text == text ? "unchanged" : "updated";
            built.Add((new(paths[i], planned[i].FullName, outcome, planned[i].Package?.Text ?? planned[i].Image?.Reference, kept), text));
        }
        // Storing takes minutes where the store is far: who saved the file meanwhile keeps it.
        for (int i = 0; i < paths.Length; i++)
        {
            if ((await OldAsync(paths[i], cancellationToken).ConfigureAwait(false)).Text != old[i].Text)
                throw new BuiltFileException(paths[i], new(1, 1, DeployCodes.BuildTarget, "The file was changed while the program was stored, and is left as it is now: build again."));
        }
        await FileWrites.WriteAsync([.. built.Where(one => one.File.Outcome != "unchanged").Select(one => (one.File.File, one.Text))], cancellationToken).ConfigureAwait(false);
        return [.. built.Select(one => one.File)];
    }

    private static FlowManifest Choose(FlowsManifest manifest, BuildRequest request)
    {
        string flows = manifest.Flows.Count == 0 ? "it has none" : "it has " + string.Join(", ", manifest.Flows.Select(flow => $"'{flow.Name}' ({MethodOf(flow)})"));
        FlowManifest[] fits = request.Flow is not { } wanted ? [.. manifest.Flows]
            : manifest.Flows.Where(flow => flow.Name == wanted).ToArray() is { Length: > 0 } named ? named
            : [.. manifest.Flows.Where(flow => flow.Entrypoint.EndsWith("." + wanted, StringComparison.Ordinal) || flow.Entrypoint.EndsWith("!" + wanted, StringComparison.Ordinal))];
        if (fits is not [var flow])
        {
            throw new DeployException((DeployCodes.BuildTarget, fits.Length == 0 && request.Flow is { } missing
                ? $"{manifest.Assembly} has no flow or method '{missing}'.{DidYouMean.Question(missing, manifest.Flows.SelectMany(f => (string[])[f.Name, MethodOf(f)]))} Flows by method: {flows}."
                : manifest.Flows.Count == 0 ? $"{manifest.Assembly} has no method with [Flow]: name the program whose flows are to be deployed."
                : $"Say which flow of {manifest.Assembly} is meant, as {Path.GetFileName(request.Assembly)}:{MethodOf(manifest.Flows[0])}: {flows}."));
        }
        if (request.Name is not { } name)
        {
            return flow.Deployments.Count == 0 ? throw new DeployException((DeployCodes.BuildTarget, $"The flow '{flow.Name}' has no [Deployment]: give the deployment a name by --name."))
                : request.Output is null || flow.Deployments.Count == 1 ? flow
                : throw new DeployException((DeployCodes.BuildTarget, $"The flow '{flow.Name}' has several deployments ({string.Join(", ", flow.Deployments.Select(d => d.Name))}), and --output names one file: say which by --name."));
        }
        return flow with { Deployments = [flow.Deployments.FirstOrDefault(declared => declared.Name == name) ?? new() { Name = name }] };
    }

    private static string MethodOf(FlowManifest flow) => flow.Entrypoint[(flow.Entrypoint.LastIndexOf('.') + 1)..];

    private static void CheckParameters(FlowManifest flow, BuildRequest request)
    {
        if (request.Parameters is not { } given || flow.ParameterOpenapiSchema.ValueKind != JsonValueKind.Object)
            return;
        string[] known = flow.ParameterOpenapiSchema.TryGetProperty("properties", out JsonElement properties) ? [.. properties.EnumerateObject().Select(property => property.Name)] : [];
        List<(string, string)> errors = [.. given.Keys.Where(name => !known.Contains(name)).Select(name =>
            (DeployCodes.ParametersDoNotFit, $"The flow '{flow.Name}' has no parameter '{name}'.{DidYouMean.Question(name, known)} It takes {(known.Length == 0 ? "none" : string.Join(", ", known))}."))];
        if (errors.Count == 0)
            errors.AddRange(Schemas.ParameterSchema.Parse(flow.ParameterOpenapiSchema).Validate(given, ignoreRequired: true).Select(violation => (DeployCodes.ParametersDoNotFit, $"The parameters do not fit: {violation.Path}: {violation.Message}")));
        if (errors.Count > 0)
            throw new DeployException(errors);
    }

    private static string PathOf(PlannedDeployment planned, int count, BuildRequest request)
    {
        string name = request.Output ?? $"{Slug(planned.Flow.Name)}{(count > 1 ? "-" + Slug(planned.Declared.Name) : "")}-deployment.yaml";
        string extension = Path.GetExtension(name);
        if (extension is not ("" or ".yaml" or ".yml"))
            throw new DeployException((DeployCodes.BuildTarget, $"--output {name} ends in {extension}: a file of a deployment ends in .yaml, or in nothing, which becomes .yaml."));
        return Path.GetFullPath(extension.Length == 0 ? name + ".yaml" : name, request.Folder);
    }

    private static string Slug(string name)
    {
        var slug = new StringBuilder();
        foreach (char c in name.ToLowerInvariant())
        {
            if (char.IsLetterOrDigit(c))
                slug.Append(c);
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }
        return slug.ToString().TrimEnd('-') is { Length: > 0 } text ? text : "flow";
    }

    /// <summary>The edits in a file are those of its deployment, and become nobody else's. A flow that was renamed has its method, one that was rewritten its name.</summary>
    private static void CheckSame(PlannedDeployment planned, (string? Text, YamlMapping? Head) old, string path, BuildRequest request, List<(string Code, string Message)> warnings)
    {
        if (old.Text is not { } text)
            return;
        YamlMapping? below = DeploymentFileWriter.BelowOf(text);
        if (Said(below, "flow_name") is { } flow && flow != planned.Flow.Name && Said(below, "entrypoint") != planned.Flow.Entrypoint)
            throw new BuiltFileException(path, new(1, 1, DeployCodes.BuildTarget, $"The file is that of the flow '{flow}', whose edits would become those of '{planned.Flow.Name}': write '{planned.Flow.Name}' to another file by --output, or move this one away."));
        string name = planned.Declared.Name;
        // What Prefect built says whose it is above the banner alone, and keeps that where no name is given.
        if ((FileComments.Declared(text)?["name"]?.ToString() ?? (request.Name is null ? null : Said(old.Head, "name"))) is not { } other || other == name)
            return;
        if (request.Name is not null)
            throw new BuiltFileException(path, new(1, 1, DeployCodes.BuildTarget, $"The file is that of the deployment '{other}', whose edits would become those of '{name}': write '{name}' to another file by --output, or move this one away."));
        if (FileComments.Named(text) == other)
            throw new BuiltFileException(path, new(1, 1, DeployCodes.BuildTarget, $"The file is that of the deployment '{other}', which --name made and the code does not have, and its edits would become those of '{name}': build it by --name {other}, or write '{name}' to another file by --output."));
        warnings.Add((DeployCodes.BuildTarget, $"{Path.GetFileName(path)} was that of the deployment '{other}' and is that of '{name}' now, as the code calls it, with what was edited there. Where these are two, bring the file back and write '{name}' to another one by --output."));

        static string? Said(YamlMapping? part, string key) => part?[key] is YamlScalar { IsNull: false } said ? said.Text : null;
    }

    private static List<string> Comments(BuildRequest request, PlannedDeployment planned, FlowsManifest code, string path)
    {
        List<string> comments = [FileComments.SourceLine(Path.GetRelativePath(Path.GetDirectoryName(path)!, Path.GetFullPath(request.Assembly)).Replace('\\', '/'))];
        if ((planned.Declared.Storage ?? request.Storage) is { } storage)
            comments.Add(FileComments.StorageLine(storage));
        if ((planned.Declared.StorageKey ?? request.StorageKey) is { Length: > 0 } key)
            comments.Add(FileComments.StorageKeyLine(key));
        if (request.Name is { } name && !code.Flows.Any(flow => flow.Entrypoint == planned.Flow.Entrypoint && flow.Deployments.Any(declared => declared.Name == name)))
            comments.Add(FileComments.NamedLine(name));
        return comments;
    }

    private static PackageReference? PackageOf(YamlMapping? head) =>
        ((head?["infra_overrides"] as YamlMapping)?["env"] as YamlMapping)?[PackageReference.Variable] is YamlScalar text ? PackageReference.TryParse(text.Text) : null;

    private static async Task<(string? Text, YamlMapping? Head)> OldAsync(string path, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
            throw new BuiltFileException(path, new(1, 1, DeployCodes.BuildTarget, "This is a folder: move it away, or write another file by --output."));
        if (!File.Exists(path))
            return (null, null);
        try
        {
            string text = await DeploymentFileReader.TextAsync(path, cancellationToken).ConfigureAwait(false);
            var head = FileSeal.BelowStart(text) is >= 0 and var start ? YamlReader.Read(text[..start]) as YamlMapping : null;
            head?.ToJson();
            return (text, head);
        }
        catch (FileFaultException e)
        {
            throw new BuiltFileException(path, e.Fault);
        }
    }

    private sealed class BuiltFileException(string file, FileFault fault) : Exception(fault.Message)
    {
        public string File { get; } = file;

        public FileFault Fault { get; } = fault;
    }
}
