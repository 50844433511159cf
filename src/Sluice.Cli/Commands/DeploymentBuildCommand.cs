using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Cli.Scheduling;
using Sluice.Cli.Services;
using Sluice.Deploy;
using Sluice.Deploy.Files;
using Sluice.Storage;

namespace Sluice.Cli.Commands;

/// <summary><c>deployment build</c>: stores a program and writes the files that its deployments are applied by.</summary>
internal static class DeploymentBuildCommand
{
    public static Command Create(CliContext context)
    {
        var target = new Argument<string>("PROGRAM[:FLOW]") { Description = "A published assembly, a project, a .cs file or a folder with a project; behind the colon the flow's name or its method. A project is published first." };
        var name = new Option<string?>("--name", "-n") { Description = "The deployment's name. Default: those of the code's [Deployment], each in a file.", HelpName = "NAME" };
        var version = new Option<string?>("--version", "-v") { Description = "Its version. Default: the project's version and commit.", HelpName = "VERSION" };
        var description = new Option<string?>("--description", "-d") { Description = "Markdown for people. Default: the flow's.", HelpName = "TEXT" };
        var tags = new Option<string[]>("--tag", "-t") { Description = "A tag; may be repeated.", HelpName = "TAG" };
        var queue = new Option<string?>("--work-queue", "-q") { Description = "The work queue, created when missing.", HelpName = "QUEUE" };
        var pool = new Option<string?>("--pool", "-p") { Description = "The work pool.", HelpName = "POOL" };
        var limit = new Option<int?>("--limit", "-l") { Description = "How many of its runs may be pending or running at once; with --apply on a Prefect 2 server, of its queue's runs.", HelpName = "N" };
        var schedule = new ScheduleOptions();
        var param = new Option<string[]>("--param") { Description = "A parameter, as JSON or else as text; may be repeated.", HelpName = "NAME=VALUE" };
        var parameters = new Option<string?>("--params") { Description = "Parameters as a JSON object.", HelpName = "JSON" };
        var overrides = new Option<string[]>("--override") { Description = "An override of the infrastructure by its dotted name, as env.LEVEL=debug; may be repeated.", HelpName = "NAME=VALUE" };
        var infra = new Option<string?>("--infra", "-i") { Description = "The type of infrastructure, as process, docker-container or kubernetes-job.", HelpName = "TYPE" };
        var infraBlock = new Option<string?>("--infra-block", "-ib") { Description = "A saved block of infrastructure, as docker-container/prod.", HelpName = "TYPE/NAME" };
        var storage = new Option<string?>("--storage-block", "-sb", "--storage") { Description = "Where the package goes: a saved block, as s3/prod, or a URI. Default: $SLUICE_HOME/storage.", HelpName = "TYPE/NAME|URI" };
        var path = new Option<string?>("--path") { Description = "A folder within the storage.", HelpName = "PATH" };
        var storageKey = new Option<string?>("--storage-key") { Description = "The package's folder in the store.", HelpName = "KEY" };
        var skipUpload = new Option<bool>("--skip-upload") { Description = "Store nothing; 'apply --upload' does." };
        var sdk = new Option<string?>("--sdk") { Description = "The .NET SDK that built the assembly, for the package's provenance, as 10.0.100. Default: of a project the one that publishes it.", HelpName = "VERSION" };
        var apply = new Option<bool>("--apply", "-a") { Description = "Apply the files at once." };
        var rules = new FileApplyOptions();
        var output = new Option<string?>("--output", "-o") { Description = "The file (.yaml or .yml). Default: {flow}-deployment.yaml here.", HelpName = "FILE" };
        Option[] options = [name, version, description, tags, queue, pool, limit, .. schedule.All, param, parameters, overrides, infra, infraBlock, storage, path, storageKey, skipUpload, sdk, apply, .. rules.All, output];
        return new Verb(context, "build", "Stores a program, and writes {flow}-deployment.yaml to be edited and applied. One that is there is edited: what people wrote above its banner stays.")
        {
            Examples =
            [
                "sluice deployment build Weather.csproj",
                "sluice deployment build Weather.csproj:BuildAsync --name nightly --cron \"0 2 * * *\" --timezone Europe/Paris --param city=Paris",
                "sluice deployment build bin/Release/net10.0/publish/Weather.dll --storage-block s3/prod --path flows --apply",
            ],
        }.With([target, .. options]).Checks(call =>
        {
            if (!call.Get(apply) && rules.All.FirstOrDefault(call.IsGiven) is { } lonely)
                throw CliException.BadUsage($"{lonely.Name} belongs to --apply");
            if (call.Get(sdk) is not null && !ProjectProgram.IsAssembly(Split(call.Get(target)).Program))
                throw CliException.BadUsage("--sdk says what built an assembly: a project is published here, and its SDK is known");
            if (call.Get(param) is { Length: > 0 } && call.Get(parameters) is not null)
                throw CliException.BadUsage("write --param or --params, not both");
            if (call.Get(infra) is not null && call.Get(infraBlock) is not null)
                throw CliException.BadUsage("write --infra or --infra-block, not both");
            if (call.Get(infra) is { } type && type.Contains('/', StringComparison.Ordinal))
                throw CliException.BadUsage($"--infra '{type}' is a type, as docker-container; a saved block is named by --infra-block {type}");
            if (call.Get(infraBlock) is { } block && block.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
                throw CliException.BadUsage($"--infra-block '{block}' is not TYPE/NAME; write e.g. --infra-block docker-container/prod");
            if (call.Get(limit) is < 1)
                throw CliException.BadUsage($"--limit is {call.Get(limit)!.Value.ToString(CultureInfo.InvariantCulture)}; it is at least 1");
            if (call.Get(path) is not null && call.Get(storage) is null)
                throw CliException.BadUsage("--path is a folder within --storage-block: name the block");
            if (call.Get(path) is { } folder)
                StorageFolder.Within(call.Get(storage)!, folder);
            if (call.Get(storageKey) is { } key && StoreKey.Refuse(key) is { } reason)
                throw CliException.BadUsage($"--storage-key '{key}' is no folder of a store: {reason}; write e.g. teams/greet");
        }).Does(async (call, cancellationToken) =>
        {
            (string program, string? flow) = Split(call.Get(target));
            Sluice.Deploy.Manifest.ScheduleText? when = schedule.All.Any(call.IsGiven) ? Read(schedule.Read(call)) : null;
            IReadOnlyDictionary<string, JsonElement>? values = Parameters(call.Get(param) ?? [], call.Get(parameters));
            Dictionary<string, JsonElement>? changed = call.Get(overrides) is { Length: > 0 } given ? Pairs("--override", given).ToDictionary(pair => pair.Name, pair => Text(pair.Value), StringComparer.Ordinal) : null;
            ProjectProgram built = ProjectProgram.IsAssembly(program) ? new(Path.GetFullPath(program), null, null, null, null)
                : await ProjectProgram.PublishAsync(call, ProjectProgram.ProjectOf(program, "built"), cancellationToken);
            BuildResult result = await BuildAsync(
                call,
                new()
                {
                    Assembly = built.Assembly,
                    Flow = flow,
                    Name = call.Get(name),
                    Output = call.Get(output),
                    Folder = Environment.CurrentDirectory,
                    Version = call.Get(version),
                    Description = call.Get(description),
                    Tags = call.Get(tags) is { Length: > 0 } set ? set : null,
                    WorkQueue = call.Get(queue),
                    WorkPool = call.Get(pool),
                    ConcurrencyLimit = call.Get(limit),
                    Schedule = when,
                    Parameters = values,
                    Overrides = changed,
                    Infrastructure = call.Get(infra),
                    InfrastructureBlock = call.Get(infraBlock),
                    Storage = call.Get(path) is { } folder ? StorageFolder.Within(call.Get(storage)!, folder) : call.Get(storage),
                    StorageKey = call.Get(storageKey),
                    SkipUpload = call.Get(skipUpload),
                    ProjectVersion = built.Version,
                    Commit = built.Commit,
                    TargetFramework = built.TargetFramework,
                    Sdk = call.Get(sdk) ?? built.Sdk,
                },
                cancellationToken);
            await CiOutput.WriteAsync(call.Screen.Error, result.Diagnostics, underMSBuild: false, cancellationToken);
            if (!result.Succeeded)
                return ExitCodes.Failed;
            foreach (BuiltFile file in result.Files)
                Tell(call, file);
            string[] files = [.. result.Files.Select(file => Shown(file.File))];
            if (call.Get(apply))
            {
                return await DeploymentApplyCommand.RunAsync(call, files, upload: false, rules.Read(call) with { QueueLimit = call.Get(limit) }, cancellationToken) is null
                    ? ExitCodes.Failed : ExitCodes.Ok;
            }
            call.Screen.Line($"Edit above the banner, then: {OwnCommand.Text} deployment apply {string.Join(' ', files.Select(Shell.Quote))}{(call.Get(skipUpload) ? " --upload" : "")}");
            return ExitCodes.Ok;
        });
    }

    private static async Task<BuildResult> BuildAsync(Invocation call, BuildRequest request, CancellationToken cancellationToken)
    {
        string doing = "Packaging and storing";
        await using ServerSources sources = ServerSources.Opening(async () => (await call.ConnectAsync(CancellationToken.None)).Api);
        await using (StatusLine.Start(call.Screen, () => $"{Volatile.Read(ref doing)} …", call.Time))
        {
            return await new DeploymentFileBuilder(new()
            {
                Home = call.Home,
                Output = TextWriter.Null,
                Progress = text => Volatile.Write(ref doing, text),
                Command = OwnCommand.Text,
                Sources = sources.Sources,
                Time = call.Time,
                OpenApiAsync = _ => throw new InvalidOperationException("Building opens no API."),
            }).RunAsync(request, cancellationToken);
        }
    }

    private static void Tell(Invocation call, BuiltFile file)
    {
        call.Screen.Line($"{Shown(file.File)}: {file.Outcome} ({file.FullName}{(file.Package is { } package ? $", {package}" : ", nothing uploaded")})");
        if (file.Kept.Count > 0)
            call.Screen.Line($"  edited there, and kept: {string.Join(", ", file.Kept)}");
    }

    /// <summary>The program and the flow. A drive's colon (<c>C:\flows\App.dll</c>) begins no flow.</summary>
    private static (string Program, string? Flow) Split(string target)
    {
        int at = target.LastIndexOf(':');
        return at <= 1 || target.AsSpan(at).ContainsAny('/', '\\') || File.Exists(target) ? (target, null)
            : at == target.Length - 1 ? throw CliException.BadUsage($"'{target}' names no flow behind the colon: write its name or method, or leave out the colon")
            : (target[..at], target[(at + 1)..]);
    }

    private static Sluice.Deploy.Manifest.ScheduleText Read(ScheduleText text)
    {
        if (!text.TryParse(out _, out Schedules.ScheduleError? error))
            throw CliException.BadUsage(text.Explain(error!));
        if (text.Dst is not null)
            throw CliException.BadUsage("--dst is no option of build: write dst: in the file's schedules");
        Orchestration.Schedule wire = text.ToWire();
        return new()
        {
            Cron = wire.Cron,
            DayOr = wire.DayOr,
            Interval = wire.Interval,
            AnchorDate = wire.AnchorDate?.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
            Rrule = wire.Rrule,
            Timezone = wire.Timezone,
        };
    }

    private static IReadOnlyDictionary<string, JsonElement>? Parameters(string[] assignments, string? json)
    {
        if (json is not null)
        {
            if (TryJson(json) is not { ValueKind: JsonValueKind.Object } given)
                throw CliException.BadUsage("--params is not a JSON object; write e.g. '{\"city\": \"Seattle\"}'");
            return JsonProblem.Twice(given) is { } twice ? throw CliException.BadUsage($"--params has {twice} twice: keep one")
                : given.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);
        }
        return assignments.Length == 0 ? null : Pairs("--param", assignments).ToDictionary(pair => pair.Name, Value, StringComparer.Ordinal);

        static JsonElement Value((string Name, string Value) pair) => TryJson(pair.Value) is not { } value ? Text(pair.Value)
            : JsonProblem.Twice(value) is { } twice ? throw CliException.BadUsage($"--param {pair.Name} has {twice} twice: keep one")
            : value;
    }

    private static (string Name, string Value)[] Pairs(string option, string[] texts)
    {
        (string Name, string Value)[] pairs = [.. texts.Select(text => Pair(option, text))];
        return pairs.GroupBy(pair => pair.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice ? throw CliException.BadUsage($"{option} {twice.Key} is given {Words.Count(twice.Count(), "time")}: keep one") : pairs;
    }

    private static (string Name, string Value) Pair(string option, string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (text[..at], text[(at + 1)..])
        : throw CliException.BadUsage($"{option} '{text}' is not NAME=VALUE; write e.g. {(option == "--param" ? "--param city=Seattle" : "--override env.LEVEL=debug")}");

    private static JsonElement? TryJson(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, Output.Json.Indented.GetTypeInfo(typeof(string)));

    private static string Shown(string path) => Path.GetRelativePath(Environment.CurrentDirectory, path) is var relative && !relative.StartsWith("..", StringComparison.Ordinal) ? relative : path;
}
