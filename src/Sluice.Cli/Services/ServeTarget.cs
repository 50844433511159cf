using System.Diagnostics;
using System.Reflection;
using Sluice.Cli.CommandLine;
using Sluice.Deploy.Manifest;
using Sluice.Worker;

namespace Sluice.Cli.Services;

/// <summary>A program that is served, built where it is a project.</summary>
internal sealed record ServeTarget(FlowsManifest Manifest, ServedProgram Program, string? Version)
{
    private const int ToldLines = 20;

    /// <summary>Finds what a user names, and builds it where it is source.</summary>
    /// <exception cref="CliException">It is nothing that can be served, it does not build, or it has no deployments.</exception>
    public static async Task<ServeTarget> FindAsync(Invocation call, string target, CancellationToken cancellationToken)
    {
        string path = Path.GetFullPath(target);
        string assembly = IsAssembly(path) ? path : await BuildAsync(call, ProjectOf(path, target), cancellationToken);
        FlowsManifest manifest = ManifestReader.Read(assembly).Manifest;
        if (!manifest.Flows.Any(flow => flow.Deployments.Count > 0))
            throw new CliException($"'{assembly}' has nothing to serve: mark a method with [Flow] and [Deployment]");
        return new(manifest, ServedProgram.Of(assembly), AssemblyName.GetAssemblyName(assembly).Version?.ToString(3));
    }

    private static bool IsAssembly(string path) => path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);

    private static string ProjectOf(string path, string target)
    {
        if (Directory.Exists(path))
        {
            string[] projects = [.. Directory.EnumerateFiles(path, "*.*proj").Order(StringComparer.Ordinal)];
            return projects is [var only] ? only : throw CliException.BadUsage(projects.Length == 0
                ? $"there is no project in '{path}': name a project, a .cs file or a built assembly"
                : $"there are several projects in '{path}': name one of {string.Join(", ", projects.Select(Path.GetFileName))}");
        }
        if (!File.Exists(path))
            throw CliException.BadUsage($"'{target}' does not exist: name a project, a .cs file, a folder with a project or a built assembly");
        string extension = Path.GetExtension(path);
        return extension == ".cs" || extension.EndsWith("proj", StringComparison.Ordinal) ? path
            : throw CliException.BadUsage($"'{target}' cannot be served: name a project, a .cs file, a folder with a project or a built assembly (.dll)");
    }

    private static async Task<string> BuildAsync(Invocation call, string project, CancellationToken cancellationToken)
    {
        call.Screen.Note($"Building {Path.GetFileName(project)} …");
        string answer = Path.GetTempFileName();
        try
        {
            // Building deploys nothing; the switch keeps it so whatever the project's own hooks are.
            var start = new ProcessStartInfo(
                Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet",
                ["build", project, "-c", "Release", "-nologo", "-tl:off", "-v:quiet", "-p:SluiceDeploy=false", "-t:Build", "-getProperty:TargetPath", "-getResultOutputFile:" + answer])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = Path.GetDirectoryName(project)!,
            };
            using Process build = Process.Start(start)!;
            Task<string> output = build.StandardOutput.ReadToEndAsync(cancellationToken), error = build.StandardError.ReadToEndAsync(cancellationToken);
            try
            {
                await build.WaitForExitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                build.Kill(entireProcessTree: true);
                throw;
            }
            string[] lines = (await output + await error).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (build.ExitCode != 0)
            {
                foreach (string line in lines.Where(line => line.Contains("error", StringComparison.OrdinalIgnoreCase)).Distinct().Take(ToldLines))
                    call.Screen.Note(line);
                throw new CliException($"'{project}' does not build: mend it, or see 'dotnet build {Path.GetFileName(project)}'");
            }
            string assembly = (await File.ReadAllTextAsync(answer, cancellationToken)).Trim();
            return IsAssembly(assembly) ? assembly : throw new CliException($"'{project}' builds no single assembly: where it has several target frameworks, build it and name the .dll");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new CliException($"'{project}' cannot be built: there is no .NET SDK here ({e.Message}). Build it elsewhere and name the .dll", ExitCodes.Failed, e);
        }
        finally
        {
            File.Delete(answer);
        }
    }
}
