using System.ComponentModel;
using System.Diagnostics;
using Sluice.Storage.Docker;
using Sluice.Storage.Packages;
using Sluice.Worker.Programs;

namespace Sluice.Worker.Launch;

/// <summary>Runs flows as processes of this machine: a package's program, or the deployment's <c>command</c> where there is no package.</summary>
internal sealed class ProcessLauncher(ProgramCache programs) : IRunLauncher
{
    /// <inheritdoc/>
    public async Task<ILaunchedRun> LaunchAsync(RunRequest request, CancellationToken cancellationToken)
    {
        if (request.Variables.Env.TryGetValue(PackageReference.Variable, out string? reference) && reference is not null)
            return await LaunchPackageAsync(request, reference, cancellationToken);
        if (ImageTargets.Serves(request.Deployment?.Path))
            throw new LaunchException($"its program is in a container image ({request.Deployment!.Path}), and this worker starts processes: serve its queue by a Docker or Kubernetes worker, or publish it with a storage of packages");
        if (request.Variables.Command is { } command)
            return LaunchCommand(request, command);
        throw new LaunchException("its deployment names neither a package nor a command: deploy it with `dotnet publish`, or set the job variable command");
    }

    private async Task<ILaunchedRun> LaunchPackageAsync(RunRequest request, string text, CancellationToken cancellationToken)
    {
        CachedPackage package = await programs.GetAsync(text, request.TellAsync, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        IDictionary<string, string?> environment = EnvironmentOf(request);
        LaunchException? failure = null;
        foreach (PackageProgram program in PackagePrograms.Find(package, environment))
        {
            if (program.DotnetRoot is { } root)
                environment.TryAdd("DOTNET_ROOT", root);
            try
            {
                return Start(program.Path, program.Arguments, package.Folder, environment, package.Manifest.TargetFramework, temporary: null);
            }
            catch (LaunchException e)
            {
                failure ??= e;
            }
        }

        throw failure!;
    }

    private static RunningProcess LaunchCommand(RunRequest request, string command)
    {
        IReadOnlyList<string> words;
        try
        {
            words = CommandLine.Split(command);
        }
        catch (FormatException e)
        {
            throw new LaunchException($"its command `{command}` cannot be read: {e.Message}", e);
        }

        string? temporary = null;
        string folder = request.Variables.WorkingDirectory is { } named
            ? Path.GetFullPath(named)
            : temporary = Directory.CreateTempSubdirectory("sluice-run-").FullName;
        if (!Directory.Exists(folder))
            throw new LaunchException($"there is no folder '{folder}' (job variable working_dir) on the worker's machine");
        try
        {
            IDictionary<string, string?> environment = EnvironmentOf(request);
            string program = ProgramFinder.Find(words[0], folder, environment);
            return Start(program, words.Skip(1), folder, environment, targetFramework: null, temporary);
        }
        catch (LaunchException)
        {
            if (temporary is not null)
                Directory.Delete(temporary);
            throw;
        }
    }

    private static RunningProcess Start(
        string program, IEnumerable<string> arguments, string folder, IDictionary<string, string?> environment, string? targetFramework, string? temporary)
    {
        try
        {
            return RunningProcess.Start(program, arguments, folder, environment, targetFramework, temporary);
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException)
        {
            throw new LaunchException($"'{program}': {e.Message}", e);
        }
    }

    private static IDictionary<string, string?> EnvironmentOf(RunRequest request)
    {
        // ProcessStartInfo gives a copy of the worker's environment that compares names as the system does.
        IDictionary<string, string?> environment = new ProcessStartInfo().Environment;
        foreach (var (name, value) in request.Environment)
        {
            if (value is null)
                environment.Remove(name);
            else
                environment[name] = value;
        }

        return environment;
    }
}
