using System.ComponentModel;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Secrets;
using Sluice.Worker.Launch;
using Sluice.Worker.Templates;

namespace Sluice.Worker.Runs;

/// <summary>A run that this worker claimed: started, watched, and reported when its process ended.</summary>
/// <param name="services">What it uses.</param>
/// <param name="run">The run.</param>
/// <param name="known">Its deployment as it was just before the claim; null to read it.</param>
/// <param name="report">Claimed it.</param>
internal sealed class ActiveRun(RunServices services, FlowRun run, Deployment? known, RunReport report)
{
    /// <summary>A grandchild may hold the output open after the process ended; its output is waited for so long.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(3);

    /// <summary>How long an aborted worker tries to report after its processes are gone.</summary>
    private static readonly TimeSpan ReportGrace = TimeSpan.FromSeconds(10);

    // Never disposed, since it may be cancelled at any time; it holds nothing that would need it.
    private readonly CancellationTokenSource _cancelling = new();
    private readonly RunReport _report = report;
    private string _name = run.Name;
    private TimeSpan _grace = services.Options.TerminationGrace;
    private bool _streams = true;

    /// <summary>The run.</summary>
    public Guid Id => run.Id;

    /// <summary>The claim under which it is this worker's.</summary>
    public Guid? Claim => _report.Claim;

    /// <summary>Ends the run, since the API says that it is CANCELLING. May be called again.</summary>
    public void Cancel() => _cancelling.Cancel();

    /// <summary>Starts and watches the run to its end.</summary>
    /// <param name="stop">A run whose process has not started is given back.</param>
    /// <param name="abort">Its process is ended too.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        using var giveUp = new CancellationTokenSource();
        using CancellationTokenRegistration aborting = abort.Register(() => giveUp.CancelAfter(_grace + ReportGrace));
        using var over = new CancellationTokenSource();
        Task renewing = _report.SlotLease is { } slot ? SlotRenewal.RunAsync(services, slot, over.Token) : Task.CompletedTask;
        try
        {
            await using ILaunchedRun? launched = await StartAsync(stop, abort, giveUp.Token);
            if (launched is not null)
                await WatchAsync(launched, abort, giveUp.Token);
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            services.Log($"{_name}: the worker ended before it could report how the flow run ended.");
        }
        catch (Exception e) when (e is OrchestrationException or IOException or UnauthorizedAccessException or Win32Exception)
        {
            services.Log($"{_name}: {e.Message}");
        }
        finally
        {
            await over.CancelAsync();
            await renewing;
        }
    }

    private async Task<ILaunchedRun?> StartAsync(CancellationToken stop, CancellationToken abort, CancellationToken giveUp)
    {
        using var starting = CancellationTokenSource.CreateLinkedTokenSource(stop, abort, _cancelling.Token);
        try
        {
            Deployment? deployment = known;
            if (deployment is null && run.DeploymentId is { } deploymentId)
            {
                deployment = await services.Calls.CallAsync(token => services.Api.ReadDeploymentAsync(deploymentId, token), starting.Token);
                if (deployment is null)
                {
                    await _report.CancelledAsync("The deployment of the flow run was deleted.", giveUp);
                    return null;
                }
            }

            Task<WorkPool?> pool = FindPoolAsync(starting.Token);
            Flow? flow = await services.Calls.CallAsync(token => services.Api.ReadFlowAsync(run.FlowId, token), starting.Token);
            _name = $"{flow?.Name ?? "?"}/{run.Name}";
            JobVariables variables = await ConfigureAsync(await pool, deployment, starting.Token);
            if (!await _report.SubmittingAsync(await pool, starting.Token))
            {
                services.Log($"{_name}: no longer this worker's to start.");
                return null;
            }
            var environment = RunEnvironment.Of(run, flow?.Name, deployment, variables, services.Options, services.Info.IsSluice, _report.Claim);
            await AddSecretsAsync(environment, variables, starting.Token);
            ILaunchedRun launched = await services.Launcher.LaunchAsync(new(run, deployment, variables, environment, TellAsync), starting.Token);
            services.Log($"{_name}: started as {launched.InfrastructurePid}.");
            return launched;
        }
        catch (OperationCanceledException) when (_cancelling.IsCancellationRequested)
        {
            await _report.CancelledAsync("Flow run was cancelled before it started.", giveUp);
            services.Log($"{_name}: cancelled before it started.");
        }
        catch (OperationCanceledException) when (starting.IsCancellationRequested)
        {
            await _report.GiveBackAsync(giveUp);
            services.Log($"{_name}: given back.");
        }
        catch (Exception e)
        {
            // Whatever it was, the run must not stay PENDING.
            if (e is not (LaunchException or IOException or UnauthorizedAccessException or OrchestrationException))
                services.Log($"{_name}: a defect of the worker: {e}");
            string message = $"Flow run process could not be started: {e.Message.TrimEnd('.')}.";
            await _report.LogAsync(40, message, giveUp);
            await _report.CrashedAsync(message, giveUp);
            services.Log($"{_name}: {message}");
        }

        return null;
    }

    /// <summary>The run's pool as it is now, since an administrator may have changed its template; null for a run without one.</summary>
    private async Task<WorkPool?> FindPoolAsync(CancellationToken cancellationToken) =>
        services.Options.Pool is { } pool ? await services.Calls.CallAsync(token => services.Api.FindWorkPoolAsync(pool, token), cancellationToken) : null;

    private async Task<JobVariables> ConfigureAsync(WorkPool? pool, Deployment? deployment, CancellationToken cancellationToken)
    {
        var server = new ServerValues(services.Api, services.Calls, services.Options.Sources, services.Time, (message, token) => TellAsync(message, token));
        JobVariables variables = JobVariables.Read(await server.ResolveAsync(new JobTemplate(pool).Apply(deployment?.JobVariables, run.JobVariables), cancellationToken));
        (_grace, _streams) = (variables.TerminationGrace ?? _grace, variables.StreamOutput);
        return variables;
    }

    private Task TellAsync(string message, CancellationToken cancellationToken)
    {
        services.Log($"{_name}: {message}");
        return _report.LogAsync(20, message, cancellationToken);
    }

    private async Task AddSecretsAsync(IDictionary<string, string?> environment, JobVariables variables, CancellationToken cancellationToken)
    {
        try
        {
            string? names = variables.Env.GetValueOrDefault(RunSecrets.Variable);
            await StoreCalls.CallAsync(() => RunSecrets.AddToAsync(environment, names, services.Options.Sources.Secrets, cancellationToken), services.Time, cancellationToken);
        }
        catch (StorageException e)
        {
            throw new LaunchException(e.Message, e);
        }
    }

    private async Task WatchAsync(ILaunchedRun launched, CancellationToken abort, CancellationToken giveUp)
    {
        using var stopReading = new CancellationTokenSource();
        Task started = _report.StartedAsync(launched.InfrastructurePid, giveUp);
        Task output = Task.WhenAll(launched.Outputs.Select(
            stream => _streams ? new OutputPump(services.Api, services.Calls, run.Id, stream, services.Time, services.Log).RunAsync(stopReading.Token, giveUp) : DropAsync(stream, stopReading.Token)));

        bool killed = await WaitAsync(launched, abort);
        int exitCode = await launched.Exited;
        stopReading.CancelAfter(OutputGrace);
        await output;
        await started;
        await ConcludeAsync(launched, exitCode, killed, abort.IsCancellationRequested, giveUp);
    }

    /// <summary>Where the pool does not want a run's output in its log: read it all the same, or the run would block.</summary>
    private static async Task DropAsync(RunOutput output, CancellationToken stopReading)
    {
        try
        {
            await output.Stream.CopyToAsync(Stream.Null, stopReading);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // What still holds the stream is no longer this run's process.
        }
    }

    /// <summary>Waits for the end of the process, bringing it about when asked to. Answers whether it had to be killed.</summary>
    private async Task<bool> WaitAsync(ILaunchedRun launched, CancellationToken abort)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(abort, _cancelling.Token);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration asking = ending.Token.Register(asked.SetResult);
        if (await Task.WhenAny(launched.Exited, asked.Task) == launched.Exited)
            return false;

        launched.Terminate();
        using var exited = new CancellationTokenSource();
        await Task.WhenAny(launched.Exited, Task.Delay(_grace, services.Time, exited.Token));
        await exited.CancelAsync();
        bool killed = !launched.Exited.IsCompleted;
        if (killed)
            services.Log(FormattableString.Invariant($"{_name}: did not end within {_grace.TotalSeconds} s of SIGTERM and is killed."));

        // Also after it obeyed: nothing that it started may outlive a cancelled run.
        launched.Kill();
        await launched.Exited;
        return killed;
    }

    private async Task ConcludeAsync(ILaunchedRun launched, int exitCode, bool killed, bool aborted, CancellationToken giveUp)
    {
        FlowRun? now = await _report.ReadAsync(giveUp);
        if (now?.StateType is not { } type)
        {
            services.Log($"{_name}: ended; the flow run was deleted meanwhile.");
        }
        else if (type.IsFinal())
        {
            services.Log($"{_name}: {now.StateName ?? type.ToString()}.");
        }
        else if (now.InfrastructurePid is { } owner && owner != launched.InfrastructurePid)
        {
            services.Log($"{_name}: its process ended, but the flow run is at {owner} by now.");
        }
        else if (type == StateType.Cancelling)
        {
            await _report.CancelledAsync(
                killed ? FormattableString.Invariant($"Flow run was cancelled. It did not end within {_grace.TotalSeconds} seconds and was killed.") : "Flow run was cancelled.",
                giveUp);
            services.Log($"{_name}: Cancelled.");
        }
        else if (LacksOutcome(now, type, exitCode))
        {
            string message = aborted ? $"Worker '{services.Options.Name}' was stopped, and the flow run with it." : launched.DescribeExit(exitCode);
            await _report.CrashedAsync(message, giveUp);
            services.Log($"{_name}: Crashed. {message}");
        }
        else
        {
            services.Log($"{_name}: ended as {now.StateName ?? type.ToString()}.");
        }
    }

    /// <summary>
    /// A process that ends well may leave its run scheduled again or paused. One that waits for a retry of its own must not end: no worker would ever
    /// take its run.
    /// </summary>
    private static bool LacksOutcome(FlowRun now, StateType type, int exitCode) =>
        exitCode != 0 || type is StateType.Pending or StateType.Running || (type == StateType.Scheduled && now.EmpiricalPolicy.RetryType == "in_process");
}
