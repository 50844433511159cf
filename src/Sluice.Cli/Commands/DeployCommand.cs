using System.CommandLine;
using Sluice.Cli.CommandLine;

namespace Sluice.Cli.Commands;

/// <summary><c>deploy</c>.</summary>
internal static class DeployCommand
{
    public static Command Create(CliContext context) =>
        new Verb(context, "deploy", "Packages a published program, stores it and applies its deployments.").Does((_, _) => throw new NotImplementedException());

    public static Task<int> RunRequestAsync(string requestFile, CancellationToken cancellationToken) => throw new NotImplementedException();
}
