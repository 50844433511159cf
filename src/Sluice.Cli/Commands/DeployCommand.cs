using System.CommandLine;
using System.Text.Json;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Deploy;
using Sluice.Deploy.Ci;
using Sluice.Orchestration;
using Spectre.Console;

namespace Sluice.Cli.Commands;

/// <summary><c>deploy</c>: packages what was published, stores it and applies its deployments. <c>deployment plan</c>: says what that would do.</summary>
internal static class DeployCommand
{
    public static Command Create(CliContext context) => Create(context, isPlan: false);

    public static Command CreatePlan(CliContext context) => Create(context, isPlan: true);

    private static Verb Create(CliContext context, bool isPlan)
    {
        var request = new Option<string?>("--request") { Description = "A JSON file that says it all: what 'dotnet publish' writes.", HelpName = "FILE" };
        var assembly = new Option<string?>("--assembly") { Description = "The program's assembly, which holds the manifest.", HelpName = "DLL" };
        var publishDir = new Option<string?>("--publish-dir") { Description = "The folder that was published. Default: the assembly's.", HelpName = "FOLDER" };
        var storage = new Option<string?>("--storage") { Description = "The storage URI. Default: $SLUICE_HOME/storage.", HelpName = "URI" };
        var storageKey = new Option<string?>("--storage-key") { Description = "The package's folder in the store.", HelpName = "KEY" };
        var workPool = new Option<string?>("--work-pool") { Description = "The pool of deployments that name none.", HelpName = "POOL" };
        var createWorkPool = new Option<bool>("--create-work-pool") { Description = "Create a pool that is missing." };
        var workQueue = new Option<string?>("--work-queue") { Description = "The queue of deployments that name none.", HelpName = "QUEUE" };
        var version = new Option<string?>("--deployment-version") { Description = "The version of deployments that name none.", HelpName = "VERSION" };
        var targetFramework = new Option<string?>("--target-framework") { Description = "The framework it was published for. Default: as the runtime configuration says.", HelpName = "TFM" };
        var runtime = new Option<string?>("--runtime") { Description = "The runtime identifier it was published for.", HelpName = "RID" };
        var sdk = new Option<string?>("--sdk") { Description = "The .NET SDK that built it, for provenance and versions, as 10.0.100.", HelpName = "VERSION" };
        var signingKey = new Option<string?>("--signing-key-file") { Description = "A PEM file with the key that signs the package ('sluice key create'). Default: SLUICE_SIGNING_KEY, which holds the PEM text itself.", HelpName = "FILE" };
        var plan = new Option<bool>("--plan") { Description = "Say what would change, and do nothing." };
        var exitCode = new Option<bool>("--exit-code") { Description = $"{(isPlan ? "E" : "With --plan: e")}xit with 3 when something would change." };
        var conflicts = new Option<string?>("--conflicts") { Description = "Fields that both the code and somebody on the server changed: 'fail' stops and names them, 'keep' takes the server's value, 'code' the code's. Default: fail.", HelpName = "fail|keep|code" }
            .AcceptOnlyFromAmong("fail", "keep", "code");
        PlanOutputs outputs = new();
        var skipUpload = new Option<bool>("--skip-upload") { Description = "Keep the package that is deployed." };
        var skipApply = new Option<bool>("--skip-apply") { Description = "Store the package, and leave the deployments as they are." };
        var allowBreaking = new Option<bool>("--allow-breaking-changes") { Description = "Apply parameter schemas that refuse what the live ones accept." };
        var noDefaultLabels = new Option<bool>("--no-default-labels") { Description = "Do not bind packages on this machine's disk to this machine, and add no label for the storage system." };
        OwnershipOptions ownership = new();
        Option[] others = [.. ownership.All, publishDir, storage, storageKey, workPool, createWorkPool, workQueue, version, targetFramework, runtime, sdk, .. isPlan ? Array.Empty<Option>() : [plan, skipApply], skipUpload, allowBreaking, noDefaultLabels, conflicts, signingKey, .. outputs.All];
        Verb verb = isPlan
            ? new Verb(context, "plan", "Says field by field what a deploy of a published program would change, and does nothing.")
            {
                Examples =
                [
                    "sluice deployment plan --assembly bin/Release/net10.0/publish/Weather.dll",
                    "sluice deployment plan --assembly bin/Release/net10.0/publish/Weather.dll --output json --exit-code",
                ],
            }
            : new Verb(context, "deploy", "Packages a published program, stores it and applies its deployments. 'dotnet publish' calls it.")
            {
                Examples =
                [
                    "sluice deploy --assembly bin/Release/net10.0/publish/Weather.dll",
                    "sluice deploy --assembly bin/Release/net10.0/publish/Weather.dll --plan --exit-code",
                ],
            };
        if (!isPlan)
            verb.Subcommands.Add(DeployRecoverCommand.Create(context));
        return verb.With([request, assembly, .. others, exitCode]).Reads().Checks(call =>
        {
            if ((call.Get(request) is null) == (call.Get(assembly) is null))
                throw CliException.BadUsage("write one of --request FILE and --assembly DLL");
            if (call.Get(request) is not null && others.Any(call.IsGiven))
                throw CliException.BadUsage("--request says it all: write no other option but --api-url beside it");
            if (!isPlan && call.Get(exitCode) && !call.Get(plan))
                throw CliException.BadUsage("--exit-code belongs to --plan");
        }).Does(async (call, cancellationToken) =>
        {
            if (call.Get(request) is { } file)
            {
                DeployRequest read = await ReadAsync(file, cancellationToken);
                read = read with { ApiUrl = call.ApiUrlOption ?? read.ApiUrl, PlanOnly = isPlan || read.PlanOnly };
                DeployOutcome? requested = await RunWithProgressAsync(call, read, cancellationToken);
                return requested is null ? ExitCodes.Failed : call.Get(exitCode) && requested.HasChanges ? ExitCodes.PlanFoundChanges : ExitCodes.Ok;
            }
            string path = Path.GetFullPath(call.Get(assembly)!);
            DeployOutcome? outcome = await RunWithProgressAsync(
                call,
                ownership.Of(call, new()
                {
                    Assembly = path,
                    PublishDir = Path.GetFullPath(call.Get(publishDir) ?? Path.GetDirectoryName(path)!),
                    ApiUrl = call.ApiUrlOption,
                    Storage = call.Get(storage),
                    StorageKey = call.Get(storageKey),
                    WorkPool = call.Get(workPool),
                    CreateWorkPool = call.Get(createWorkPool),
                    WorkQueue = call.Get(workQueue),
                    DeploymentVersion = call.Get(version),
                    TargetFramework = call.Get(targetFramework),
                    RuntimeIdentifier = call.Get(runtime),
                    Sdk = call.Get(sdk),
                    PlanOnly = isPlan || call.Get(plan),
                    SkipUpload = call.Get(skipUpload),
                    SkipApply = !isPlan && call.Get(skipApply),
                    Conflicts = call.Get(conflicts),
                    PlanFile = outputs.PlanFile(call),
                    AllowBreakingChanges = call.Get(allowBreaking),
                    AddDefaultLabels = !call.Get(noDefaultLabels),
                    SigningKeyFile = call.Get(signingKey),
                    SummaryFile = outputs.SummaryFile(call),
                }),
                cancellationToken);
            if (outcome is null)
                return ExitCodes.Failed;
            return call.Get(exitCode) && outcome.HasChanges ? ExitCodes.PlanFoundChanges : ExitCodes.Ok;
        });
    }

    /// <summary>
    /// What every publish calls: lines for people on standard output; errors and warnings on standard error, in the form that MSBuild reads as such.
    /// </summary>
    public static async Task<int> RunRequestAsync(string requestFile, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(await ReadAsync(requestFile, cancellationToken), SluiceHome.FromEnvironment(), Console.Out, Console.Error, null, cancellationToken) is null
                ? ExitCodes.Failed
                : ExitCodes.Ok;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            (string message, int exitCode) = Failures.Describe(exception);
            await CiOutput.WriteAsync(Console.Error, [new DeployError("SLC1000", Failures.OneLine(message), "sluice")], underMSBuild: true, cancellationToken);
            Failures.WriteDetails(exception, Console.Error);
            return exitCode;
        }
    }

    private static async Task<DeployOutcome?> RunWithProgressAsync(Invocation call, DeployRequest request, CancellationToken cancellationToken)
    {
        // The lines come when all is done; until then progress has the terminal for itself.
        using StringWriter lines = new(), diagnostics = new();
        DeployOutcome? outcome;
        string doing = "Packaging, storing and applying";
        await using (StatusLine.Start(call.Screen, () => $"{Volatile.Read(ref doing)} …", call.Time))
            outcome = await RunAsync(request, call.Home, lines, diagnostics, text => Volatile.Write(ref doing, text), cancellationToken);
        if (!call.Json)
            Write(call.Screen, lines.ToString());
        else if (outcome is not null)
            PlanOutputs.Print(call, outcome, applied: request is { PlanOnly: false, SkipApply: false });
        call.Screen.Error.Write(diagnostics);
        return outcome;
    }

    /// <summary>The lines, on a terminal with the outcome of each deployment in its colour.</summary>
    private static void Write(Screen screen, string lines)
    {
        foreach (string line in lines.Split(Environment.NewLine)[..^1])
        {
            Style? style = line is [var symbol, ' ', ..] ? symbol switch
            {
                '+' => new(Color.Green),
                '~' or '>' => new(Color.Yellow),
                '-' => new(Color.Red),
                '=' => new(Color.Grey),
                _ => null,
            } : line.StartsWith("    ", StringComparison.Ordinal) && line.Contains("conflict: ", StringComparison.Ordinal) ? new(Color.Red) : null;
            if (style is { } coloured)
                screen.Line("", line, coloured);
            else
                screen.Line(line);
        }
    }

    private static async Task<DeployOutcome?> RunAsync(DeployRequest request, SluiceHome home, TextWriter output, TextWriter error, Action<string>? progress, CancellationToken cancellationToken)
    {
        await using ServerSources sources = ServerSources.Opening(async () =>
            (await ApiConnection.OpenAsync(home, new CliSettings(home), request.ApiUrl, TimeProvider.System, CancellationToken.None)).Api);
        var runner = new DeployRunner(new()
        {
            Home = home,
            Output = output,
            Progress = progress,
            Command = OwnCommand.Text,
            OpenApiAsync = token => OpenAsync(request, home, token),
            Sources = sources.Sources,
        });
        DeployResult result = await runner.RunAsync(request, cancellationToken);
        await CiOutput.WriteAsync(error, [.. result.Diagnostics, .. MarkdownSummary.Add(request, result, Environment.GetEnvironmentVariable)], request.OutcomeFile is not null, cancellationToken);
        return result.Outcome;
    }

    private static async Task<DeployTarget> OpenAsync(DeployRequest request, SluiceHome home, CancellationToken cancellationToken)
    {
        ApiConnection connection = await ApiConnection.OpenAsync(home, new CliSettings(home), request.ApiUrl, TimeProvider.System, cancellationToken);
        string description = connection.Server?.Url ?? $"the embedded API in {home.Root}";
        return new(connection.Api, description, IsLocal: connection.Server is null);
    }

    private static async Task<DeployRequest> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            byte[] json = await File.ReadAllBytesAsync(file, cancellationToken);
            return JsonSerializer.Deserialize(json, DeployJson.Default.DeployRequest) ?? throw CliException.BadUsage($"'{file}' holds null, not a request");
        }
        catch (JsonException exception)
        {
            throw new CliException($"'{file}' is not a request: {exception.Message}", ExitCodes.BadUsage, exception);
        }
    }
}
