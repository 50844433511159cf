using System.CommandLine;
using System.Text.Json;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Deploy;
using Sluice.Orchestration;

namespace Sluice.Cli.Commands;

/// <summary><c>deploy</c>: packages what was published, stores it and applies its deployments.</summary>
internal static class DeployCommand
{
    public static Command Create(CliContext context)
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
        var signingKey = new Option<string?>("--signing-key-file") { Description = "A PEM file with the key that signs the package ('sluice key create'). Default: SLUICE_SIGNING_KEY, which holds the PEM text itself.", HelpName = "FILE" };
        var summary = new Option<string?>("--summary") { Description = "A file that gets the plan, or what was done, as Markdown, at its end.", HelpName = "FILE" };
        var plan = new Option<bool>("--plan") { Description = "Say what would change, and do nothing." };
        var exitCode = new Option<bool>("--exit-code") { Description = "With --plan: exit with 3 when something would change." };
        var skipUpload = new Option<bool>("--skip-upload") { Description = "Keep the package that is deployed." };
        var skipApply = new Option<bool>("--skip-apply") { Description = "Store the package, and leave the deployments as they are." };
        var allowBreaking = new Option<bool>("--allow-breaking-changes") { Description = "Apply parameter schemas that refuse what the live ones accept." };
        var noDefaultLabels = new Option<bool>("--no-default-labels") { Description = "Do not bind packages on this machine's disk to this machine, and add no label for the storage system." };
        OwnershipOptions ownership = new();
        Option[] others = [.. ownership.All, publishDir, storage, storageKey, workPool, createWorkPool, workQueue, version, targetFramework, runtime, plan, skipUpload, skipApply, allowBreaking, noDefaultLabels, signingKey, summary];
        return new Verb(context, "deploy", "Packages a published program, stores it and applies its deployments. 'dotnet publish' calls it.")
        {
            Examples =
            [
                "sluice deploy --assembly bin/Release/net10.0/publish/Weather.dll",
                "sluice deploy --assembly bin/Release/net10.0/publish/Weather.dll --plan --exit-code",
            ],
        }.With([request, assembly, .. others, exitCode]).Checks(call =>
        {
            if ((call.Get(request) is null) == (call.Get(assembly) is null))
                throw CliException.BadUsage("write one of --request FILE and --assembly DLL");
            if (call.Get(request) is not null && others.Any(call.IsGiven))
                throw CliException.BadUsage("--request says it all: write no other option but --api-url beside it");
            if (call.Get(exitCode) && !call.Get(plan))
                throw CliException.BadUsage("--exit-code belongs to --plan");
        }).Does(async (call, cancellationToken) =>
        {
            if (call.Get(request) is { } file)
            {
                DeployRequest read = await ReadAsync(file, cancellationToken);
                return await RunAsync(call.ApiUrlOption is { } url ? read with { ApiUrl = url } : read, call.Home, call.Screen.Out, call.Screen.Error, null, cancellationToken) is null
                    ? ExitCodes.Failed
                    : ExitCodes.Ok;
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
                    PlanOnly = call.Get(plan),
                    SkipUpload = call.Get(skipUpload),
                    SkipApply = call.Get(skipApply),
                    AllowBreakingChanges = call.Get(allowBreaking),
                    AddDefaultLabels = !call.Get(noDefaultLabels),
                    SigningKeyFile = call.Get(signingKey),
                    SummaryFile = call.Get(summary),
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
            await Console.Error.WriteLineAsync(new DeployError("SLC1000", Failures.OneLine(message), "sluice").ToString());
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
        call.Screen.Out.Write(lines);
        call.Screen.Error.Write(diagnostics);
        return outcome;
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
        foreach (DeployError diagnostic in result.Diagnostics)
            await error.WriteLineAsync(diagnostic.ToString());
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
