using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Storage.Packages;
using Sluice.Worker;

namespace Sluice.Cli.Commands;

/// <summary><c>flow-run execute</c>: what a deployment's <c>job_variables.command</c> names, so that Prefect's own workers run our packages.</summary>
internal static class FlowRunExecuteCommand
{
    public static Command Create(CliContext context) =>
        new Verb(context, "execute", "Executes a run for a worker of Prefect: PREFECT__FLOW_RUN_ID names the run and SLUICE_PACKAGE its package.")
        {
            Examples = ["PREFECT__FLOW_RUN_ID=… SLUICE_PACKAGE=file:///…#sha256=… sluice flow-run execute"],
        }.Does(async (call, cancellationToken) =>
        {
            if (!Guid.TryParse(Environment.GetEnvironmentVariable(FlowRunExecution.FlowRunIdVariable), out Guid run))
                throw CliException.BadUsage($"{FlowRunExecution.FlowRunIdVariable} names no run: this verb is started by workers, which set it");
            if (Environment.GetEnvironmentVariable(PackageReference.Variable) is not { Length: > 0 } package)
                throw CliException.BadUsage($"{PackageReference.Variable} names no package: it comes from the deployment's job variables, which 'dotnet publish' sets");
            await using ApiConnection connection = await call.ConnectAsync(cancellationToken);
            // Flow programs speak HTTP, and what takes this process's place could not be served by it.
            if (connection.Server is not { } server)
                throw CliException.BadUsage("PREFECT_API_URL is not set: this verb is started by workers, which set it. 'sluice deployment run --watch' runs a flow here");
            return await new FlowRunExecution(connection.Api, call.Home, new(server.Url), ServerSources.Of(connection.Api), call.Time).RunAsync(run, package, cancellationToken);
        });
}
