using System.CommandLine;
using Sluice.Cli.CommandLine;

namespace Sluice.Cli.Commands;

/// <summary><c>flow-run execute</c>: what a deployment's <c>job_variables.command</c> names, so that Prefect's own workers can run our packages.</summary>
internal static class FlowRunExecuteCommand
{
    public static Command Create(CliContext context) =>
        new Verb(context, "execute", "Executes the run that PREFECT__FLOW_RUN_ID names from the package that SLUICE_PACKAGE names. Workers call this.")
            .Does((_, _) => throw new NotImplementedException());
}
