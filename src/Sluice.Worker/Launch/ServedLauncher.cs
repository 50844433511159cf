using System.ComponentModel;

namespace Sluice.Worker.Launch;

/// <summary>Runs the programs of this machine that deployments are served by.</summary>
/// <param name="programs">By deployment.</param>
internal sealed class ServedLauncher(IReadOnlyDictionary<Guid, ServedProgram> programs) : IRunLauncher
{
    /// <inheritdoc/>
    public Task<ILaunchedRun> LaunchAsync(RunRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (request.Run.DeploymentId is not { } id || !programs.TryGetValue(id, out ServedProgram? program))
            throw new LaunchException("its deployment is not served here");
        if (!File.Exists(program.Path))
            throw new LaunchException($"its program '{program.Path}' is gone: build it and serve it again");
        try
        {
            return Task.FromResult<ILaunchedRun>(RunningProcess.Start(
                program.Path, program.Arguments, request.Variables.WorkingDirectory ?? program.Folder, ProcessLauncher.EnvironmentOf(request), targetFramework: null, temporary: null));
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException)
        {
            throw new LaunchException($"'{program.Path}': {e.Message}", e);
        }
    }
}
