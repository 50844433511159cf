using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Services;
using Sluice.Storage.Packages;
using Sluice.Storage.Trust;
using Sluice.Worker;

namespace Sluice.Cli.Commands;

/// <summary><c>flow-run execute</c>: what a deployment's <c>job_variables.command</c> names, so that Prefect's own workers run our packages.</summary>
internal static class FlowRunExecuteCommand
{
    private static readonly Argument<string?> Id = new("FLOW_RUN_ID")
    {
        Description = "The run, with dashes or without. Default: PREFECT__FLOW_RUN_ID.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create(CliContext context)
    {
        var policy = new PolicyOptions();
        return new Verb(context, "execute", "Executes a run for a worker of Prefect: PREFECT__FLOW_RUN_ID names the run, and SLUICE_PACKAGE (or its deployment) its package.")
        {
            Examples = ["PREFECT__FLOW_RUN_ID=… SLUICE_PACKAGE=file:///…#sha256=… sluice flow-run execute", "sluice flow-run execute 0199f3a1-5c3e-7c00-8a4e-2f6d1c9b7e10"],
        }.With([Id, .. policy.All]).Does(async (call, cancellationToken) =>
        {
            string? named = call.Get(Id);
            if (!Guid.TryParse(named ?? Environment.GetEnvironmentVariable(FlowRunExecution.FlowRunIdVariable), out Guid run))
            {
                throw CliException.BadUsage(named is not null ? $"'{named}' is no flow run's id: write it as 'sluice flow-run ls' shows it, with dashes or without"
                    : $"{FlowRunExecution.FlowRunIdVariable} names no run: this verb is started by workers, which set it; by hand, name the run: sluice flow-run execute FLOW_RUN_ID");
            }
            PackagePolicy? trusted = policy.Read(call);
            string? package = Environment.GetEnvironmentVariable(PackageReference.Variable);
            await using ApiConnection connection = await call.ConnectAsync(cancellationToken);
            // Flow programs speak HTTP, and what takes this process's place could not be served by it.
            if (connection.Server is not { } server)
                throw CliException.BadUsage("PREFECT_API_URL is not set: this verb is started by workers, which set it. 'sluice deployment run --watch' runs a flow here");
            return await new FlowRunExecution(connection.Api, call.Home, new(server.Url), ServerSources.Of(connection.Api), call.Time, trusted)
                .RunAsync(run, string.IsNullOrEmpty(package) ? null : package, cancellationToken);
        });
    }
}
