using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Runtime.Binding;
using Sluice.Runtime.Logs;

namespace Sluice.Runtime.Orchestrated;

/// <summary>
/// Executes one flow run as Prefect's engine does: read the run, declare retries, check parameters, ask for RUNNING, run the code, send its logs,
/// report how it ended, and try again when the server says so.
/// </summary>
internal sealed class OrchestratedRun
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstContact = TimeSpan.FromSeconds(15);

    // For the logs, and again for the state: with the grace of the code, that ends before the 30 seconds after which workers kill.
    private static readonly TimeSpan ReportingAfterStop = TimeSpan.FromSeconds(2);

    private readonly IOrchestrationApi _api;
    private readonly RunEnvironment _environment;
    private readonly IReadOnlyList<FlowDefinition> _flows;
    private readonly RunStop _stop;
    private readonly Patience _patience;
    private readonly StateReporter _states;
    private readonly LogShipper _logs;
    private readonly FlowLogger _logger;

    /// <summary>Prepares the run.</summary>
    public OrchestratedRun(IOrchestrationApi api, RunEnvironment environment, IReadOnlyList<FlowDefinition> flows, RunStop stop, TimeProvider time)
    {
        _api = api;
        _environment = environment;
        _flows = flows;
        _stop = stop;
        Time = time;
        _patience = new(time);
        _states = new(api, environment.FlowRunId, environment.Attempt, _patience, time);
        _logs = new(environment.FlowRunId, batch => _patience.AskAsync(token => api.CreateLogsAsync(batch, token), null, CancellationToken.None), time);
        _logger = new(_logs, environment.LogLevel, time);
    }

    /// <summary>What keeps results.</summary>
    public required ResultKeeper Results { get; init; }

    /// <summary>Waits for an event of the server, see <see cref="CancellationObserver.WaitForEventAsync"/>.</summary>
    public Func<string, string, CancellationToken, Task<bool>>? WaitForEventAsync { get; init; }

    /// <summary>How long code may take to unwind.</summary>
    public TimeSpan Grace { get; init; } = FlowAttempt.DefaultGrace;

    private TimeProvider Time { get; }

    /// <summary>Executes the run. Problems with the API go to stderr, one line each.</summary>
    public async Task<RunEnd> ExecuteAsync()
    {
        Guid id = _environment.FlowRunId;
        try
        {
            FlowRun? run = await _patience.AskAsync(token => _api.ReadFlowRunAsync(id, token), FirstContact, _stop.Token).ConfigureAwait(false);
            if (run is null)
            {
                await Console.Error.WriteLineAsync($"There is no flow run {id} on this server: check PREFECT_API_URL.").ConfigureAwait(false);
                return new(ExitCodes.Failed);
            }

            return run.StateType switch
            {
                { } type when type.IsFinal() => new(ExitCodes.Ok),
                StateType.Cancelling => await EndAsync(Cancelled(abandoned: false)).ConfigureAwait(false),
                _ => await ExecuteAsync(run).ConfigureAwait(false),
            };
        }
        catch (OrchestrationException exception)
        {
            await Console.Error.WriteLineAsync($"Flow run {id} could not be reported: {exception.Message}").ConfigureAwait(false);
            return new(_stop.Reason is StopReason.Interrupted or StopReason.Terminated ? ExitCodes.For(_stop.Reason) : ExitCodes.Failed, Abandoned: true);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"Flow run {id} was stopped before its state could be reported.").ConfigureAwait(false);
            return new(ExitCodes.For(_stop.Reason), Abandoned: true);
        }
    }

    private async Task<RunEnd> ExecuteAsync(FlowRun run)
    {
        (FlowDefinition? flow, string? problem) = await FlowSelection.FindAsync(_flows, _environment, run, _api, _patience, _stop.Token).ConfigureAwait(false);
        if (flow is null)
        {
            return await EndAsync(Failed(problem!)).ConfigureAwait(false);
        }

        BindingErrors errors = new();
        FlowCall? call = Parameters.TryBind(flow, Parameters.ToObject(run.Parameters), errors);
        if (call is null)
        {
            string reasons = string.Join("; ", errors.Items.Select(error => $"{error.Path}: {error.Message}"));
            return await EndAsync(Failed($"Validation of flow parameters failed with error: {reasons}")).ConfigureAwait(false);
        }

        await DeclareAsync(flow, run).ConfigureAwait(false);
        using CancellationTokenSource over = new();
        Task beside = Task.WhenAll(
            new CancellationObserver(_api, run.Id, _stop, Time) { WaitForEventAsync = WaitForEventAsync }.RunAsync(over.Token),
            Heartbeat.RunAsync(_api, run, flow.Name, _environment.Heartbeat, Time, over.Token),
            LeaseKeeper.RunAsync(_api, run.Id, _environment.Lease, _stop, Time, over.Token));
        try
        {
            using ExitGuard guard = new(ReportCrashAsync);
            return await TryUntilDoneAsync(flow, call, run).ConfigureAwait(false);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await beside.ConfigureAwait(false);
        }
    }

    private async Task<RunEnd> TryUntilDoneAsync(FlowDefinition flow, FlowCall call, FlowRun run)
    {
        AttemptOutcome? outcome = null;
        for (int attempt = run.RunCount + 1; ; attempt++)
        {
            try
            {
                // A server rounds to seconds and lets a run start that is due in less than half of one.
                if (outcome is null && run.State?.StateDetails.ScheduledTime is { } due && due - Time.GetUtcNow() <= TimeSpan.FromSeconds(0.5))
                {
                    // A timer counts whole milliseconds, and may be one early.
                    for (TimeSpan early = due - Time.GetUtcNow(); early > TimeSpan.Zero; early = due - Time.GetUtcNow())
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(early.TotalMilliseconds)), Time, _stop.Token).ConfigureAwait(false);
                    }
                }

                State? state = await _states.EnterRunningAsync(attempt == run.RunCount + 1 ? null : "Retrying", flow.CrashRetries, _stop.Token).ConfigureAwait(false);
                if (state?.Type == StateType.Cancelling)
                {
                    break;
                }

                if (state?.Type != StateType.Running)
                {
                    // CANCELLED for want of a slot, AwaitingConcurrencySlot, paused: not this process's turn.
                    return new(ExitCodes.Ok);
                }

                FlowAttempt code = new() { Timeout = flow.TimeoutSeconds > 0 ? TimeSpan.FromSeconds(flow.TimeoutSeconds) : null, Grace = Grace, Time = Time };
                outcome = await WithSlotAsync(state, () => code.RunAsync(call, token => ContextFor(flow, run, attempt, token), _stop.Token)).ConfigureAwait(false);
                if (outcome.End == AttemptEnd.Stopped)
                {
                    break;
                }

                State? retry = await ConcludeAsync(flow, outcome).ConfigureAwait(false);
                if (retry is null)
                {
                    return new(ExitCodes.Ok, outcome.Abandoned);
                }

                outcome = null;
                TimeSpan pause = PauseUntil(retry);
                _logger.LogWarning("Try {Attempt} failed; the next one starts in {Pause} s", attempt, Math.Ceiling(pause.TotalSeconds).ToString(CultureInfo.InvariantCulture));
                await Task.Delay(pause, Time, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.Reason != StopReason.None)
            {
                break;
            }
        }

        return await EndStoppedAsync(outcome).ConfigureAwait(false);
    }

    /// <summary>Holds the run's slot under its deployment's concurrency limit, where it has one, while the code runs.</summary>
    private async Task<AttemptOutcome> WithSlotAsync(State running, Func<Task<AttemptOutcome>> code)
    {
        using CancellationTokenSource over = new();
        Task keeping = running.StateDetails.DeploymentConcurrencyLeaseId is { } lease ? SlotKeeper.RunAsync(_api, lease, _stop, Time, over.Token) : Task.CompletedTask;
        try
        {
            return await code().ConfigureAwait(false);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await keeping.ConfigureAwait(false);
        }
    }

    /// <summary>Reports a try that ended by itself or ran out of time.</summary>
    /// <returns>The AwaitingRetry state when there is to be another try.</returns>
    private async Task<State?> ConcludeAsync(FlowDefinition flow, AttemptOutcome outcome)
    {
        StateCreate state;
        switch (outcome.End)
        {
            case AttemptEnd.Completed:
                using (Deadline keeping = new(_stop, ReportingAfterStop))
                {
                    ResultData data = await Results.KeepAsync(outcome.Result, flow.PersistResult, _logger, keeping.Token).ConfigureAwait(false);
                    state = new() { Type = StateType.Completed, Data = JsonSerializer.SerializeToElement(data, OrchestrationJson.Default.ResultData) };
                }

                break;
            case AttemptEnd.TimedOut:
                string seconds = flow.TimeoutSeconds.ToString(CultureInfo.InvariantCulture);
                string timeout = $"Flow run exceeded timeout of {seconds} second(s)";
                if (outcome.Abandoned)
                {
                    timeout += string.Create(CultureInfo.InvariantCulture, $"; its code did not stop within {Grace.TotalSeconds} seconds of being asked to, so it is not tried again");
                }

                _logger.LogError(outcome.Error is OperationCanceledException ? null : outcome.Error, "{Message}", timeout);
                state = Failed(timeout) with { Name = "TimedOut" };
                break;
            default:
                _logger.LogError(outcome.Error, "Encountered exception during execution:");
                state = Failed($"Flow run encountered an exception: {Failure.Describe(outcome.Error)}");
                break;
        }

        await FlushLogsAsync().ConfigureAwait(false);
        using Deadline deadline = new(_stop, ReportingAfterStop);
        State? retry = await _states.ReportAsync(state, deadline.Token).ConfigureAwait(false);
        if (retry is not null && outcome.Abandoned)
        {
            // The old try still runs in this process: a second one beside it could do its work twice.
            await _states.ForceAsync(state, deadline.Token).ConfigureAwait(false);
            return null;
        }

        return retry;
    }

    /// <summary>
    /// Ends a run that was asked to stop. A run that the server is cancelling becomes CANCELLED here: harmless where its worker says the same later,
    /// and right where no worker is left. A run that is only being terminated keeps its state, unless the worker wants it put back.
    /// </summary>
    private async Task<RunEnd> EndStoppedAsync(AttemptOutcome? outcome)
    {
        bool abandoned = outcome?.Abandoned == true;
        if (outcome?.Error is not (null or OperationCanceledException))
        {
            _logger.LogError(outcome.Error, "Encountered exception while stopping:");
        }

        FlowRun? run;
        using (Deadline asking = new(_stop, ReportingAfterStop))
        {
            run = await _patience.AskAsync(token => _api.ReadFlowRunAsync(_environment.FlowRunId, token), null, asking.Token).ConfigureAwait(false);
        }

        if (run is null)
        {
            await Console.Error.WriteLineAsync($"Flow run {_environment.FlowRunId} was deleted while it ran.").ConfigureAwait(false);
            return new(ExitCodes.Ok, abandoned);
        }

        if (_stop.Reason == StopReason.Lost)
        {
            await Console.Error.WriteLineAsync($"Flow run {_environment.FlowRunId} is stopped: the server gave this attempt up, since it showed no sign of life.").ConfigureAwait(false);
            return new(ExitCodes.Ok, abandoned);
        }

        bool final = run.StateType is { } type && type.IsFinal();
        if (!final && run.StateType != StateType.Cancelling && _stop.Reason != StopReason.SlotLost)
        {
            _logger.LogWarning("The process was asked to end ({Signal}) before the flow was done", _stop.Reason == StopReason.Interrupted ? "SIGINT" : "SIGTERM");
        }

        await FlushLogsAsync().ConfigureAwait(false);
        if (final)
        {
            return new(ExitCodes.Ok, abandoned);
        }

        using Deadline deadline = new(_stop, ReportingAfterStop);
        if (run.StateType == StateType.Cancelling)
        {
            await _states.ReportAsync(Cancelled(abandoned), deadline.Token).ConfigureAwait(false);
            return new(ExitCodes.Ok, abandoned);
        }

        if (_stop.Reason == StopReason.SlotLost)
        {
            await _states.ReportAsync(new() { Type = StateType.Crashed, Message = "The flow run was stopped: its slot under the deployment's concurrency limit could not be kept, and another run may have it." }, deadline.Token).ConfigureAwait(false);
            return new(ExitCodes.Ok, abandoned);
        }

        if (!_environment.ReschedulesOnTermination || _stop.Reason != StopReason.Terminated)
        {
            return new(ExitCodes.For(_stop.Reason), abandoned);
        }

        if (run.EmpiricalPolicy.RetryType is not null)
        {
            // Workers do not see runs that are retried in process.
            FlowRunUpdate seen = new() { EmpiricalPolicy = run.EmpiricalPolicy with { RetryType = "reschedule" } };
            await _patience.AskAsync(token => _api.UpdateFlowRunAsync(run.Id, seen, token), null, deadline.Token).ConfigureAwait(false);
        }

        StateCreate again = new() { Type = StateType.Scheduled, Name = "AwaitingRetry", StateDetails = new() { ScheduledTime = Time.GetUtcNow() }, Message = "Its process was terminated." };
        await _states.ReportAsync(again, deadline.Token).ConfigureAwait(false);
        return new(ExitCodes.Ok, abandoned);
    }

    /// <summary>Ends a run whose code did not start.</summary>
    private async Task<RunEnd> EndAsync(StateCreate state)
    {
        if (state.Type == StateType.Failed)
        {
            _logger.LogError("{Message}", state.Message);
        }

        await FlushLogsAsync().ConfigureAwait(false);
        using Deadline deadline = new(_stop, ReportingAfterStop);
        if (await _states.ReportAsync(state, deadline.Token).ConfigureAwait(false) is not null)
        {
            // What is wrong with the program or the parameters is wrong the next time, too.
            await _states.ForceAsync(state, deadline.Token).ConfigureAwait(false);
        }

        return new(ExitCodes.Ok);
    }

    private async Task ReportCrashAsync(string message)
    {
        _logger.LogCritical("{Message}", message);
        await FlushLogsAsync().ConfigureAwait(false);
        await _states.ReportAsync(new() { Type = StateType.Crashed, Message = message }, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task FlushLogsAsync()
    {
        using Deadline deadline = new(_stop, ReportingAfterStop);
        try
        {
            await _logs.FlushAsync().WaitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("The last log records could not be sent in time.").ConfigureAwait(false);
        }
    }

    /// <summary>Puts version and retries on the run, where the server's rules look for them. A run that was created with retries of its own keeps those.</summary>
    private async Task DeclareAsync(FlowDefinition flow, FlowRun run)
    {
        bool version = flow.Version is not null && flow.Version != run.FlowVersion;
        bool retries = flow.Retries > 0 && run.EmpiricalPolicy.Retries is null;
        if (!version && !retries)
        {
            return;
        }

        FlowRunUpdate update = new()
        {
            FlowVersion = version ? flow.Version : null,
            EmpiricalPolicy = retries ? run.EmpiricalPolicy with { Retries = flow.Retries, RetryDelay = (int)Math.Ceiling(flow.RetryDelaySeconds) } : null,
        };
        await _patience.AskAsync(token => _api.UpdateFlowRunAsync(run.Id, update, token), null, _stop.Token).ConfigureAwait(false);
    }

    private FlowContext ContextFor(FlowDefinition flow, FlowRun run, int attempt, CancellationToken cancellation) => new(flow.Name, run.Id, _logger, cancellation)
    {
        FlowRunName = run.Name,
        DeploymentName = _environment.DeploymentName,
        ScheduledTime = run.ExpectedStartTime,
        MissedSince = MissedSince(run),
        Attempt = attempt,
        Services = new(_api, _logger, Time),
    };

    /// <summary>As the server's scheduler wrote it into the run's context, which is anybody's to write.</summary>
    private static DateTimeOffset? MissedSince(FlowRun run) =>
        run.Context is { ValueKind: JsonValueKind.Object } context && context.TryGetProperty("missed_since", out JsonElement since)
            && since.ValueKind == JsonValueKind.String && since.TryGetDateTimeOffset(out DateTimeOffset time) && run.ExpectedStartTime is { } due && time < due
            ? time.ToUniversalTime() : null;

    /// <summary>By the server's own clock, which may differ from ours; where it is too early still, the server says WAIT.</summary>
    private TimeSpan PauseUntil(State retry)
    {
        DateTimeOffset now = retry.Timestamp == default ? Time.GetUtcNow() : retry.Timestamp;
        TimeSpan pause = (retry.StateDetails.ScheduledTime ?? now) - now;
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause < LongestPause ? pause : LongestPause;
    }

    private StateCreate Cancelled(bool abandoned) => new()
    {
        Type = StateType.Cancelled,
        Message = abandoned
            ? string.Create(CultureInfo.InvariantCulture, $"Flow run was cancelled; its code did not stop within {Grace.TotalSeconds} seconds and was killed.")
            : "Flow run was cancelled.",
    };

    private static StateCreate Failed(string message) => new() { Type = StateType.Failed, Message = message };
}
