using System.Reflection;
using Sluice.Cli.CommandLine;
using Sluice.Deploy.Manifest;
using Sluice.Worker;

namespace Sluice.Cli.Services;

/// <summary>A program that is served, built where it is a project.</summary>
internal sealed record ServeTarget(FlowsManifest Manifest, ServedProgram Program, string? Version)
{
    /// <summary>Finds what a user names, and builds it where it is source.</summary>
    /// <exception cref="CliException">It is nothing that can be served, it does not build, or it has no deployments.</exception>
    public static async Task<ServeTarget> FindAsync(Invocation call, string target, CancellationToken cancellationToken)
    {
        string path = Path.GetFullPath(target);
        string assembly = ProjectProgram.IsAssembly(path) ? path : await ProjectProgram.BuildAsync(call, ProjectProgram.ProjectOf(target, "served"), cancellationToken);
        FlowsManifest manifest = ManifestReader.Read(assembly).Manifest;
        if (!manifest.Flows.Any(flow => flow.Deployments.Count > 0))
            throw new CliException($"'{assembly}' has nothing to serve: mark a method with [Flow] and [Deployment]");
        return new(manifest, ServedProgram.Of(assembly), AssemblyName.GetAssemblyName(assembly).Version?.ToString(3));
    }
}
