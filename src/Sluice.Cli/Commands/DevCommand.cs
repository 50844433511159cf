using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Services;
using Sluice.Server;

namespace Sluice.Cli.Commands;

/// <summary><c>dev</c>: server, scheduler and workers in one process.</summary>
internal static class DevCommand
{
    public static Command Create(CliContext context)
    {
        var options = new ServerOptions();
        var limit = new Option<int?>("--limit", "-l") { Description = "How many flows run at once in a pool. Default: no limit.", HelpName = "N" };
        return new Verb(context, "dev", "Runs the server, the scheduler and a worker for every pool of processes in one process, until Ctrl+C.")
        {
            Examples = ["sluice dev", "sluice dev --port 0"],
        }.With([.. options.All, limit]).Checks(call => Numbers.AtLeast(1, limit.Name, call.Get(limit))).Does(async (call, cancellationToken) =>
        {
            ServerAddress address = options.Read(call);
            await using ApiConnection connection = await ApiConnection.OpenEmbeddedAsync(context, cancellationToken);
            var services = new ServerServices(connection.Api, call.Time, call.Screen.Note);
            await using RunningServer server = await RunningServer.StartAsync(call, connection.Api, address, cancellationToken);
            call.Screen.Line($"Server: {server.Endpoint.Url}");
            call.Screen.Line($"Data:   {call.Home.Root}");
            call.Screen.Line("What is published now runs here when it is due. Ctrl+C stops it all.");
            var pools = new ProcessPools(call, connection.Api, ChildApi.Of(server.Endpoint), call.Get(limit));
            return await LongRun.UntilStoppedAsync(
                call.Signals, [(stop, _) => services.RunAsync(stop), pools.RunAsync]);
        });
    }
}
