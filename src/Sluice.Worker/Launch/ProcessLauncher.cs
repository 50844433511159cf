using System.ComponentModel;
using System.Diagnostics;
using Sluice.Storage.Docker;
using Sluice.Storage.Packages;
using Sluice.Storage.Trust;
using Sluice.Worker.Programs;
using Sluice.Worker.Results;

namespace Sluice.Worker.Launch;

/// <summary>Runs flows as processes of this machine: a package's program, or the deployment's <c>command</c> where there is no package.</summary>
/// <param name="programs">Gives the programs of packages and sources.</param>
/// <param name="results">Gives places for results.</param>
/// <param name="presigned">Where runs pull their packages themselves, by presigned URLs; null where this worker does.</param>
/// <param name="policy">What programs must be; null for any.</param>
internal sealed class ProcessLauncher(ProgramCache programs, ResultPlaces results, PresignedRuns? presigned = null, PackagePolicy? policy = null) : IRunLauncher, IAsyncDisposable
{
    /// <inheritdoc/>
    public async Task<ILaunchedRun> LaunchAsync(RunRequest request, CancellationToken cancellationToken)
    {
        LaunchRules.CheckEnvironment(policy, request.Variables.Env);
        if (request.Variables.Env.TryGetValue(PackageReference.Variable, out string? reference) && reference is not null)
            return presigned is null ? await LaunchPackageAsync(request, reference, cancellationToken) : await LaunchPresignedAsync(request, reference, presigned, cancellationToken);
        if (ImageTargets.Serves(request.Deployment?.Path))
            throw new LaunchException($"its program is in a container image ({request.Deployment!.Path}), and this worker starts processes: serve its queue by a Docker or Kubernetes worker, or publish it with a storage of packages");
        if (request.Variables.Command is { } command)
        {
            LaunchRules.CheckCommand(policy, command);
            return LaunchCommand(request, command, EnvironmentOf(request), held: null);
        }
        throw new LaunchException("its deployment names neither a package nor a command: deploy it with `dotnet publish`, or set the job variable command");
    }

    private async Task<ILaunchedRun> LaunchPackageAsync(RunRequest request, string text, CancellationToken cancellationToken)
    {
        CachedPackage package = await programs.GetAsync(text, request.TellAsync, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        IDictionary<string, string?> environment = EnvironmentOf(request);
        // The run's own variables win, here as elsewhere.
        IAsyncDisposable? place = request.Variables.Env.ContainsKey(ResultPlaces.UrlVariable) ? null : results.Open(package, request.Run.Id, environment);
        try
        {
            return StartPackage(package, environment, place);
        }
        catch
        {
            if (place is not null)
                await place.DisposeAsync();
            throw;
        }
    }

    private static RunningProcess StartPackage(CachedPackage package, IDictionary<string, string?> environment, IAsyncDisposable? place)
    {
        LaunchException? failure = null;
        foreach (PackageProgram program in PackagePrograms.Find(package, environment))
        {
            if (program.DotnetRoot is { } root)
                environment.TryAdd("DOTNET_ROOT", root);
            try
            {
                return Start(program.Path, program.Arguments, package.Folder, environment, package.Manifest.TargetFramework, temporary: null, place);
            }
            catch (LaunchException e)
            {
                failure ??= e;
            }
        }
        throw failure!;
    }

    /// <summary>As a container gets its program: the run's own process pulls it, by URLs and without credentials.</summary>
    private async Task<ILaunchedRun> LaunchPresignedAsync(RunRequest request, string reference, PresignedRuns presigned, CancellationToken cancellationToken)
    {
        // What pulls the package holds it against the policy, so it must be ours.
        if (request.Variables.Command is { } other && other != PresignedRuns.DefaultCommand)
            LaunchRules.CheckCommand(policy, other);
        IDictionary<string, string?> environment = EnvironmentOf(request);
        LaunchRules.HandOver(policy, environment);
        IAsyncDisposable? list = await presigned.PrepareAsync(request, reference, environment, cancellationToken);
        try
        {
            return LaunchCommand(request, request.Variables.Command ?? PresignedRuns.DefaultCommand, environment, list);
        }
        catch
        {
            if (list is not null)
                await list.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => results.DisposeAsync();

    private static RunningProcess LaunchCommand(RunRequest request, string command, IDictionary<string, string?> environment, IAsyncDisposable? held)
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
            string program = ProgramFinder.Find(words[0], folder, environment);
            return Start(program, words.Skip(1), folder, environment, targetFramework: null, temporary, held);
        }
        catch (LaunchException)
        {
            if (temporary is not null)
                Directory.Delete(temporary);
            throw;
        }
    }

    private static RunningProcess Start(
        string program, IEnumerable<string> arguments, string folder, IDictionary<string, string?> environment, string? targetFramework, string? temporary,
        IAsyncDisposable? held)
    {
        try
        {
            return RunningProcess.Start(program, arguments, folder, environment, targetFramework, temporary, held);
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException)
        {
            throw new LaunchException($"'{program}': {e.Message}", e);
        }
    }

    internal static IDictionary<string, string?> EnvironmentOf(RunRequest request)
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
