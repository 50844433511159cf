using System.CommandLine;
using Sluice.Cli.CommandLine;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Deploy.Manifest;

namespace Sluice.Cli.Commands;

/// <summary><c>manifest</c>: what the generator wrote into an assembly.</summary>
internal static class ManifestCommand
{
    public static Command Create(CliContext context)
    {
        var assembly = new Argument<string>("ASSEMBLY") { Description = "The assembly. It is read, never loaded." };
        var outputFile = new Option<string?>("--output-file") { Description = "Write it to this file.", HelpName = "FILE" };
        return new Verb(context, "manifest", "Prints the manifest of an assembly's flows and deployments, as JSON.") { Examples = ["sluice manifest bin/Release/net10.0/Weather.dll"] }
            .With(assembly, outputFile).Does((call, _) =>
            {
                string json = Json.Pretty(ManifestReader.Read(call.Get(assembly)).Json);
                if (call.Get(outputFile) is { } file)
                    AtomicFile.Write(Path.GetFullPath(file), System.Text.Encoding.UTF8.GetBytes(json + "\n"), ownerOnly: false);
                else
                    call.Screen.Line(json);
                return Task.FromResult(ExitCodes.Ok);
            });
    }
}
