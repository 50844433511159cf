namespace Sluice.Worker.Launch;

/// <summary>Starts claimed runs somewhere: as processes here; containers and Kubernetes jobs have launchers of their own.</summary>
internal interface IRunLauncher
{
    /// <summary>Prepares what the run needs (packages, images) and starts it. Once it returns, cancelling has no effect any more.</summary>
    /// <exception cref="LaunchException">It cannot be started.</exception>
    Task<ILaunchedRun> LaunchAsync(RunRequest request, CancellationToken cancellationToken);
}
