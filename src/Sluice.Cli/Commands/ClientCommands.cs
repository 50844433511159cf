using System.CommandLine;
using Sluice.Cli.Clients;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Runs;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;

namespace Sluice.Cli.Commands;

/// <summary><c>client …</c>.</summary>
internal static class ClientCommands
{
    public static IEnumerable<Command> Create(CliContext context) => [Generate(context)];

    private static Verb Generate(CliContext context)
    {
        var from = new Option<string?>("--from") { Description = "The orchestration API whose deployments are read. Default: as --api-url.", HelpName = "URL" };
        var space = new Option<string>("--namespace") { Description = "The namespace of the clients; the project's root namespace makes them stand beside its own ones. Default: none.", HelpName = "NAME", DefaultValueFactory = _ => "" };
        var output = new Option<string?>("--output", "-o") { Description = "The C# file. Default: standard output.", HelpName = "FILE" };
        var filter = new Option<string[]>("--filter") { Description = "Only these deployments, as flow/deployment where * stands for anything; may be repeated.", HelpName = "FLOW/DEPLOYMENT" };
        var check = new Option<bool>("--check") { Description = "With --output: write nothing, and exit with 3 when the file is not up to date." };
        return new Verb(context, "generate", "Writes typed C# clients for the deployments of a server, Python flows included: Deployments.FLOW.DEPLOYMENT.RunAsync(…).")
        {
            Examples =
            [
                "sluice client generate --from http://127.0.0.1:4200/api --namespace My.App --output Deployments.cs",
                "sluice client generate --filter \"Weather report/*\" --output Deployments.cs --check",
            ],
        }.With(from, space, output, filter, check).Checks(call =>
        {
            if (call.Get(from) is not null && call.ApiUrlOption is not null)
                throw CliException.BadUsage("--from and --api-url say the same: write one of them");
            if (call.Get(from) is { } url)
                Check(url);
            if (call.Get(check) && call.Get(output) is null)
                throw CliException.BadUsage("--check belongs to --output FILE");
            if (call.Get(space) is { Length: > 0 } name && ClientFile.RefuseNamespace(name) is { } reason)
                throw CliException.BadUsage($"--namespace '{name}' is no namespace: {reason}; write e.g. My.App");
            foreach (string pattern in call.Get(filter) ?? [])
                if (pattern.Split('/').Length != 2)
                    throw CliException.BadUsage($"--filter '{pattern}' is not flow/deployment; write e.g. \"Weather report/daily\" or \"Weather report/*\"");
        }).Does(async (call, cancellationToken) =>
        {
            await using ApiConnection connection = await ApiConnection.OpenAsync(call.Home, call.Settings, call.Get(from) ?? call.ApiUrlOption, call.Time, cancellationToken);
            List<Deployment> all = await Pages.AllAsync(offset => connection.Api.ListDeploymentsAsync(new() { Limit = Pages.Size, Offset = offset }, cancellationToken));
            FlowNames flows = await FlowNames.LoadAsync(connection.Api, all.Select(deployment => deployment.FlowId), cancellationToken);
            List<Deployment> chosen = [.. all.Where(deployment => ClientFile.Fits(call.Get(filter) ?? [], flows[deployment.FlowId], deployment.Name))];
            if (chosen.Count == 0)
            {
                throw new CliException(all.Count == 0
                    ? $"there are no deployments in {connection.Where}: nothing to write clients for"
                    : $"no deployment in {connection.Where} fits --filter {string.Join(" ", call.Get(filter)!)}.{DidYouMean.Question(call.Get(filter)![0], all.Select(flows.FullName))} 'sluice deployment ls' lists them");
            }

            var file = new ClientFile(call.Get(space), chosen.Select(deployment => (flows[deployment.FlowId], deployment)));
            foreach (string problem in file.Problems)
                call.Screen.Note(problem);
            if (call.Get(output) is not { } path)
            {
                call.Screen.Out.Write(file.Text);
                return ExitCodes.Ok;
            }
            string full = Path.GetFullPath(path);
            string count = $"{chosen.Count} deployment{(chosen.Count == 1 ? "" : "s")} of {connection.Where}";
            if (File.Exists(full) && await File.ReadAllTextAsync(full, cancellationToken) is var before && before.ReplaceLineEndings("\n") == file.Text)
            {
                call.Screen.Line($"{path} is up to date with {count}.");
                return ExitCodes.Ok;
            }
            if (call.Get(check))
            {
                call.Screen.Line($"{path} {(File.Exists(full) ? "is not up to date" : "does not exist")}: 'sluice client generate' without --check writes it for {count}.");
                return ExitCodes.PlanFoundChanges;
            }
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            AtomicFile.Write(full, System.Text.Encoding.UTF8.GetBytes(file.Text), ownerOnly: false);
            call.Screen.Line($"Wrote {path}: clients for {count}.");
            return ExitCodes.Ok;
        });
    }

    private static void Check(string url)
    {
        try
        {
            _ = new ApiEndpoint(url);
        }
        catch (OrchestrationException exception)
        {
            throw new CliException($"--from: {exception.Message}", ExitCodes.BadUsage, exception);
        }
    }
}
