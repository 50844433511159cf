using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Deploy;
using Sluice.Deploy.Ci;

namespace Sluice.Cli.Commands;

/// <summary><c>deployment apply</c>: applies files of deployments, all or none.</summary>
internal static class DeploymentApplyCommand
{
    public static Command Create(CliContext context)
    {
        var files = new Argument<string[]>("FILE") { Description = "Files that 'deployment build' wrote, or Prefect 2's.", Arity = ArgumentArity.OneOrMore };
        var upload = new Option<bool>("--upload") { Description = "Store the programs anew that the files were built from." };
        var plan = new Option<bool>("--plan") { Description = "Say what would change, and do nothing." };
        var exitCode = new Option<bool>("--exit-code") { Description = "With --plan: exit with 3 when something would change." };
        var rules = new FileApplyOptions();
        return new Verb(context, "apply", "Applies files of deployments: all of them, or, where anything is wrong with one, none.")
        {
            Examples = ["sluice deployment apply weather-report-deployment.yaml", "sluice deployment apply deployments/*.yaml --plan"],
        }.With([files, upload, plan, exitCode, .. rules.All]).Reads().Checks(call =>
        {
            if (call.Get(exitCode) && !call.Get(plan))
                throw CliException.BadUsage("--exit-code belongs to --plan");
        }).Does(async (call, cancellationToken) =>
        {
            DeployOutcome? outcome = await RunAsync(
                call, call.Get(files), call.Get(upload),
                rules.Read(call) with { PlanOnly = call.Get(plan) },
                cancellationToken);
            if (outcome is null)
                return ExitCodes.Failed;
            return call.Get(exitCode) && outcome.HasChanges ? ExitCodes.PlanFoundChanges : ExitCodes.Ok;
        });
    }

    /// <summary>Applies and prints. Null when it failed.</summary>
    public static async Task<DeployOutcome?> RunAsync(Invocation call, string[] files, bool upload, DeployRequest request, CancellationToken cancellationToken)
    {
        // The lines come when all is done; until then progress has the terminal for itself.
        using StringWriter lines = new();
        string doing = "Applying";
        DeployResult result;
        await using (ServerSources sources = ServerSources.Opening(async () => (await call.ConnectAsync(CancellationToken.None)).Api))
        await using (StatusLine.Start(call.Screen, () => $"{Volatile.Read(ref doing)} …", call.Time))
        {
            var runner = new DeployRunner(new()
            {
                Home = call.Home,
                Output = lines,
                Progress = text => Volatile.Write(ref doing, text),
                Command = OwnCommand.Text,
                Sources = sources.Sources,
                Time = call.Time,
                OpenApiAsync = async token =>
                {
                    ApiConnection connection = await call.ConnectAsync(token);
                    return new(connection.Api, connection.Server?.Url ?? $"the embedded API in {call.Home.Root}", IsLocal: connection.Server is null);
                },
            });
            request = request with { Assembly = files[0], Command = OwnCommand.Text };
            result = await runner.ApplyFilesAsync(files, upload, request, cancellationToken);
        }
        IReadOnlyList<DeployError> unwritten = MarkdownSummary.Add(request, result, Environment.GetEnvironmentVariable, new(string.Join(", ", files.Select(Path.GetFileName)), "file"));
        await CiOutput.WriteAsync(call.Screen.Error, [.. result.Diagnostics, .. unwritten], underMSBuild: false, cancellationToken);
        if (!call.Json)
            call.Screen.Out.Write(lines);
        else if (result.Outcome is { } outcome)
            PlanOutputs.Print(call, outcome, applied: !request.PlanOnly);
        return result.Succeeded ? result.Outcome : null;
    }
}
