using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Services;
using Sluice.Deploy;
using Sluice.Orchestration;

namespace Sluice.Cli.Commands;

/// <summary><c>serve</c>: runs the deployments of programs of this machine, without pool, worker and package.</summary>
internal static class ServeCommand
{
    public static Command Create(CliContext context)
    {
        var targets = new Argument<string[]>("PROGRAM")
        {
            Description = "A project, a .cs file or a folder with one project, which is built; or a built assembly (.dll). Default: the project of this folder.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var limit = new Option<int?>("--limit", "-l") { Description = "How many flows run at once. Default: no limit.", HelpName = "N" };
        var noPause = new Option<bool>("--no-pause") { Description = "Leaves the deployments as they are when it stops. Default: they are paused, so that no runs pile up until it serves them again." };
        return new Verb(context, "serve", "Deploys programs where they lie and runs what is due, until Ctrl+C: no work pool, no worker, no package.")
        {
            Examples = ["sluice serve", "sluice serve src/Weather src/Billing --limit 4", "sluice serve bin/Release/net10.0/Weather.dll --no-pause"],
        }.With(targets, limit, noPause).Checks(call => Numbers.AtLeast(1, limit.Name, call.Get(limit))).DoesWithApi(async (call, connection, cancellationToken) =>
        {
            await RefuseOldAsync(connection, cancellationToken);
            var served = new List<(ServedDeployment Deployment, Worker.ServedProgram Program)>();
            // All are built before the first is applied: a deployment whose schedules are active is served.
            var found = new List<ServeTarget>();
            foreach (string target in call.Get(targets) is { Length: > 0 } given ? given : ["."])
                found.Add(await ServeTarget.FindAsync(call, target, cancellationToken));
            if (found.SelectMany(program => program.Manifest.Flows.SelectMany(flow => flow.Deployments.Select(deployment => $"{flow.Name}/{deployment.Name}")))
                .GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1)?.Key is { } twice)
                throw new CliException($"two of the programs declare '{twice}': rename one, or serve one of them");
            await using ChildApi children = await connection.HostForChildrenAsync(cancellationToken);
            var programs = new ServedPrograms(call, connection.Api, children, served, call.Get(limit)) { Pauses = !call.Get(noPause), Where = connection.Where };
            try
            {
                foreach (ServeTarget program in found)
                    foreach (ServedDeployment deployment in await ServedDeployments.ApplyAsync(program.Manifest, program.Program.Folder, program.Version, connection.Api, OpenSurroundings.Of(call, connection.Api), cancellationToken))
                        served.Add((deployment, program.Program));
            }
            catch
            {
                await programs.PauseAsync(CancellationToken.None);
                throw;
            }

            var services = new List<Func<CancellationToken, CancellationToken, Task>> { programs.RunAsync };
            // Without a server somebody has to create the runs that are due.
            if (connection.Server is null)
                services.Add((stop, _) => new Server.ServerServices(connection.Api, call.Time).RunAsync(stop));
            return await LongRun.UntilStoppedAsync(call.Signals, services);
        });
    }

    /// <summary>Before anything is built.</summary>
    private static async Task RefuseOldAsync(ApiConnection connection, CancellationToken cancellationToken)
    {
        ApiInfo info = await connection.Api.GetInfoAsync(cancellationToken);
        if (info.IsPrefect2)
            throw new CliException($"the server at {connection.Where} is Prefect {info.Version}, which has no runs without a work pool: deploy with 'dotnet publish' and start 'sluice worker start' there, or use Prefect 3");
    }
}
