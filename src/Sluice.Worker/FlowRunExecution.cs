using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Packages;
using Sluice.Storage.Secrets;
using Sluice.Storage.Trust;
using Sluice.Worker.Launch;
using Sluice.Worker.Programs;
using Sluice.Worker.Results;
using Sluice.Worker.Runs;

namespace Sluice.Worker;

/// <summary>
/// Executes a run that another program's worker claimed and started: what <c>sluice flow-run execute</c> does under Prefect's own workers. Pulls and
/// verifies the package, or builds the source, and starts its program for the run that the environment names.
/// </summary>
/// <remarks>
/// On Unix the program takes this process's place. Those workers send SIGTERM and SIGKILL to the process they started and judge its exit code, so no
/// process may stand between: one killed there would leave the flow running unseen.
/// </remarks>
/// <param name="api">The API.</param>
/// <param name="home">The home, for the package cache.</param>
/// <param name="apiUrl">The API's URL, for persisted results.</param>
/// <param name="sources">Gives the secrets and blocks that packages need.</param>
/// <param name="time">The clock.</param>
/// <param name="policy">What the program must be; null for any.</param>
public sealed class FlowRunExecution(IOrchestrationApi api, SluiceHome home, Uri apiUrl, StorageSources sources, TimeProvider time, PackagePolicy? policy = null)
{
    /// <summary>Names the run: a Guid with or without dashes (Prefect 2.10).</summary>
    public const string FlowRunIdVariable = "PREFECT__FLOW_RUN_ID";

    private const int Terminated = 143;
    private static readonly TimeSpan s_firstContact = TimeSpan.FromSeconds(15);

    // Workers kill 30 seconds after SIGTERM.
    private static readonly TimeSpan s_afterStop = TimeSpan.FromSeconds(5);

    private readonly BoundedCalls _calls = new(time);

    /// <summary>Executes the run; on Unix it returns only when the program could not be started or had nothing to do.</summary>
    /// <param name="flowRunId">The run.</param>
    /// <param name="package">The text of <c>SLUICE_PACKAGE</c>; null takes it from the job variables of the run and its deployment.</param>
    /// <param name="stop">SIGTERM: until the program has taken this process's place, ends the run as <c>PREFECT_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR</c> says.</param>
    /// <returns>The exit code: 0 when the run's end was reported, 143 when it was stopped and keeps its state.</returns>
    /// <exception cref="OrchestrationException">The run does not exist, or the API refuses.</exception>
    public async Task<int> RunAsync(Guid flowRunId, string? package, CancellationToken stop)
    {
        FlowRun run;
        try
        {
            run = await _calls.CallAsync(token => api.ReadFlowRunAsync(flowRunId, token), s_firstContact, stop)
                ?? throw new OrchestrationException(OrchestrationErrorKind.NotFound, $"There is no flow run {flowRunId} at {apiUrl}: it was deleted, or PREFECT_API_URL names another server.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Terminated;
        }
        if (run.StateType?.IsFinal() == true)
            return 0;
        if (run.StateType == StateType.Cancelling)
            return await ReportAsync(run, Cancelled);
        try
        {
            Deployment? deployment = run.DeploymentId is { } id ? await _calls.CallAsync(token => api.ReadDeploymentAsync(id, token), null, stop) : null;
            bool isSluice = (await _calls.CallAsync(api.GetInfoAsync, null, stop)).IsSluice;
            IReadOnlyDictionary<string, string?> variables = JobVariables.Merge(deployment?.JobVariables, run.JobVariables).Env;
            LaunchRules.CheckEnvironment(policy, variables);
            package ??= variables.GetValueOrDefault(PackageReference.Variable)
                ?? throw new LaunchException($"its deployment names no package ({PackageReference.Variable} among its job variables): deploy it with `dotnet publish`, or set the job variable command");
            return await LaunchAsync(run, deployment, package, isSluice, stop);
        }
        catch (Exception exception) when (exception is LaunchException or IOException or UnauthorizedAccessException or Win32Exception)
        {
            string message = $"Flow run process could not be started: {exception.Message.TrimEnd('.')}.";
            await TellAsync(run, 40, message, CancellationToken.None);
            return await ReportAsync(run, new() { Type = StateType.Crashed, Message = message });
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return await StoppedAsync(run);
        }
    }

    private static StateCreate Cancelled => new() { Type = StateType.Cancelled, Message = "Flow run was cancelled before its code started." };

    /// <summary>Ends a run whose process was asked to end before the program took its place. Rule: as the program itself does.</summary>
    private async Task<int> StoppedAsync(FlowRun before)
    {
        if (await _calls.CallAsync(token => api.ReadFlowRunAsync(before.Id, token), s_afterStop, CancellationToken.None) is not { } run || run.StateType?.IsFinal() == true)
            return 0;
        if (run.StateType == StateType.Cancelling)
            return await ReportAsync(run, Cancelled);
        bool again = string.Equals(Environment.GetEnvironmentVariable("PREFECT_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR"), "reschedule", StringComparison.OrdinalIgnoreCase);
        await TellAsync(run, 30, "The process was asked to end before the flow's program was started.", CancellationToken.None);
        return again
            ? await ReportAsync(run, new() { Type = StateType.Scheduled, Name = "AwaitingRetry", Message = "Its process was terminated.", StateDetails = new() { ScheduledTime = time.GetUtcNow() } })
            : Terminated;
    }

    private async Task<int> LaunchAsync(FlowRun run, Deployment? deployment, string package, bool isSluice, CancellationToken stop)
    {
        IDictionary<string, string?> environment = new ProcessStartInfo().Environment;
        CachedPackage pulled = await new ProgramCache(home, sources, time, PullListOf(environment), policy).GetAsync(package, (message, token) => TellAsync(run, 20, message, token), stop);
        environment.Remove(PullList.Variable);
        try
        {
            string? names = environment.TryGetValue(RunSecrets.Variable, out string? named) ? named : null;
            await StoreCalls.CallAsync(() => RunSecrets.AddToAsync(environment, names, sources.Secrets, stop), time, stop);
        }
        catch (StorageException e)
        {
            throw new LaunchException(e.Message, e);
        }

        environment[FlowRunIdVariable] = run.Id.ToString("D");
        if (deployment?.Entrypoint is { } entrypoint)
            environment["SLUICE_ENTRYPOINT"] = entrypoint;
        // Prefect 2.10 does not say it.
        if (deployment is not null)
            environment.TryAdd("PREFECT__DEPLOYMENT_NAME", deployment.Name);
        // A launcher that signs URLs has given one for the result too.
        if (environment.ContainsKey(ResultPlaces.KeyVariable))
            return await StartAsync(pulled, environment, stop);
        if (isSluice)
            environment[ResultPlaces.UrlVariable] = RunEnvironment.ResultUrl(apiUrl, run.Id);
        string? reason = await ResultPlaces.PresignAsync(pulled.Results, run.Id, sources, environment, stop);
        if (reason is not null && !isSluice && Persists(pulled.Manifest))
            await TellAsync(run, 30, $"A result that the flow persists will not be kept: {reason}.", stop);
        return await StartAsync(pulled, environment, stop);
    }

    /// <summary>The URL of the list by which a launcher lets this run pull its package.</summary>
    private static Uri? PullListOf(IDictionary<string, string?> environment) =>
        !environment.TryGetValue(PullList.Variable, out string? text) || string.IsNullOrEmpty(text) ? null
        : Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" ? url
        : throw new LaunchException($"{PullList.Variable} is no http address: leave it to the worker that sets it");

    private static bool Persists(PackageManifest package) =>
        package.Manifest.ValueKind == JsonValueKind.Object && package.Manifest.TryGetProperty("flows", out JsonElement flows) && flows.ValueKind == JsonValueKind.Array
            && flows.EnumerateArray().Any(flow => flow.ValueKind == JsonValueKind.Object && flow.TryGetProperty("persist_result", out JsonElement persists) && persists.ValueKind == JsonValueKind.True);

    private static async Task<int> StartAsync(CachedPackage pulled, IDictionary<string, string?> environment, CancellationToken stop)
    {
        Exception? failure = null;
        foreach (PackageProgram program in PackagePrograms.Find(pulled, environment))
        {
            if (program.DotnetRoot is { } root)
                environment.TryAdd("DOTNET_ROOT", root);
            stop.ThrowIfCancellationRequested();
            try
            {
                if (!OperatingSystem.IsWindows())
                    ProcessReplacement.Execute(program.Path, program.Arguments, pulled.Folder, environment);
                return await WatchAsync(RunningProcess.Start(program.Path, program.Arguments, pulled.Folder, environment, pulled.Manifest.TargetFramework, temporary: null), stop);
            }
            catch (Win32Exception exception)
            {
                failure ??= new LaunchException($"'{program.Path}': {exception.Message}", exception);
            }
        }
        throw failure!;
    }

    private static async Task<int> WatchAsync(RunningProcess process, CancellationToken stop)
    {
        await using RunningProcess running = process;
        await using CancellationTokenRegistration stopping = stop.Register(running.Terminate);
        await using Stream output = Console.OpenStandardOutput(), error = Console.OpenStandardError();
        await Task.WhenAll(running.Outputs.Select(stream => stream.Stream.CopyToAsync(stream.Level < 40 ? output : error, CancellationToken.None)));
        return await running.Exited;
    }

    /// <summary>Proposes the state in which the run ends here. A run that is being cancelled takes CANCELLED alone, and gets that.</summary>
    private async Task<int> ReportAsync(FlowRun run, StateCreate state)
    {
        while (true)
        {
            StateCreate proposal = state with { StateDetails = (state.StateDetails ?? new()) with { TransitionId = Guid.NewGuid() } };
            OrchestrationResult answer = await _calls.CallAsync(token => api.SetFlowRunStateAsync(run.Id, proposal, default, token), null, CancellationToken.None);
            if (answer is not { Status: SetStateStatus.Reject, State.Type: StateType.Cancelling } || state.Type == StateType.Cancelled)
                return 0;
            state = Cancelled;
        }
    }

    /// <summary>Writes a line for people and the run's log, which must not keep the run from its end.</summary>
    private async Task TellAsync(FlowRun run, int level, string message, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync($"sluice: {message}");
        LogCreate log = new() { Name = "sluice.worker", Level = level, Message = message, Timestamp = time.GetUtcNow(), FlowRunId = run.Id };
        try
        {
            await _calls.CallAsync(token => api.CreateLogsAsync([log], token), s_firstContact, cancellationToken);
        }
        catch (OrchestrationException exception)
        {
            await Console.Error.WriteLineAsync($"sluice: The line above is not in the run's log: {exception.Message}");
        }
    }
}
