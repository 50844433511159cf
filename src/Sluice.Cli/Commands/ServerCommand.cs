using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Services;
using Sluice.Server;

namespace Sluice.Cli.Commands;

/// <summary><c>server start</c>: the API over HTTP, and the scheduler. Workers run apart.</summary>
internal static class ServerCommand
{
    public static Command Create(CliContext context)
    {
        var options = new ServerOptions();
        return new Verb(context, "start", "Serves the API of SLUICE_HOME over HTTP and creates the runs that are due, until Ctrl+C.")
        {
            Examples = ["sluice server start", "PREFECT_SERVER_API_AUTH_STRING=admin:secret sluice server start --host 0.0.0.0 --port 4200"],
        }.With([.. options.All]).Does(async (call, cancellationToken) =>
        {
            ServerAddress address = options.Read(call);
            await using ApiConnection connection = await ApiConnection.OpenEmbeddedAsync(context, cancellationToken);
            var services = new ServerServices(connection.Api, call.Time, call.Screen.Note);
            await using RunningServer server = await RunningServer.StartAsync(call, connection.Api, address, cancellationToken);
            call.Screen.Line($"Server: {server.Endpoint.Url}");
            call.Screen.Line($"Data:   {call.Home.Root}");
            call.Screen.Line($"Use it with PREFECT_API_URL={server.Endpoint.Url}. Ctrl+C stops it.");
            return await LongRun.UntilStoppedAsync(call.Signals, [(stop, _) => services.RunAsync(stop)]);
        });
    }
}
