using System.CommandLine;
using Sluice.Cli.CommandLine;

namespace Sluice.Cli.Commands;

/// <summary><c>manifest</c>.</summary>
internal static class ManifestCommand
{
    public static Command Create(CliContext context) =>
        new Verb(context, "manifest", "Prints the manifest of an assembly's flows.").Does((_, _) => throw new NotImplementedException());
}
