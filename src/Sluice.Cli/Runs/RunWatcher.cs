using Sluice.Cli.CommandLine;
using Sluice.Cli.Commands;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Orchestration;
using Spectre.Console;

namespace Sluice.Cli.Runs;

/// <summary>
/// <c>deployment run --watch</c>: shows a run's states and logs as they come, and runs it in this process's own worker where no other lives. Driven by
/// the API's change feed.
/// </summary>
internal sealed class RunWatcher
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    /// <summary>A worker on this machine takes a due run within milliseconds; when it has not after this time, it is gone or full.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Invocation _call;
    private readonly ApiConnection _connection;
    private readonly FlowRun _run;
    private readonly string _fullName;
    private readonly Screen _screen;
    private readonly LogTail _tail;
    private readonly HashSet<Guid> _states = [];
    private OwnWorker? _worker;
    private bool _mayHost;

    private RunWatcher(Invocation call, ApiConnection connection, string fullName, FlowRun run)
    {
        _call = call;
        _connection = connection;
        _run = run;
        _fullName = fullName;
        _screen = call.Json ? call.Screen.OfErrors() : call.Screen;
        _tail = new(connection.Api, run.Id, level: null);
    }

    private IOrchestrationApi Api => _connection.Api;

    /// <summary>Watches the run to its end.</summary>
    /// <returns>0 Completed, 1 Failed or Crashed or watched too long, 130 Cancelled or stopped by the user.</returns>
    public static async Task<int> WatchAsync(Invocation call, ApiConnection connection, Deployment deployment, string fullName, FlowRun run, TimeSpan? timeout)
    {
        var watcher = new RunWatcher(call, connection, fullName, run);
        try
        {
            return await watcher.WatchAsync(deployment, timeout);
        }
        finally
        {
            if (watcher._worker is { } worker)
                await worker.DisposeAsync();
        }
    }

    private async Task<int> WatchAsync(Deployment deployment, TimeSpan? timeout)
    {
        // Ctrl+C must not cancel the calls that deal with it.
        CancellationToken abort = _call.Signals.Abort;
        DateTimeOffset? deadline = _call.Now + timeout;
        _screen.Line("Run ", _run.Name, new Style(decoration: Decoration.Bold), $" of {_fullName} ({_run.Id})");
        _mayHost = await OwnWorker.CanServeAsync(Api, deployment, _run, abort);
        long change = (await Api.GetInfoAsync(abort)).Change;
        bool stopping = false, overdue = false;
        while (true)
        {
            FlowRun run = await Api.ReadFlowRunAsync(_run.Id, abort) ?? throw new CliException($"flow run '{_run.Name}' was deleted");
            await ShowNewsAsync(run, abort);
            if (run.StateType?.IsFinal() == true)
                return await EndAsync(run, overdue, abort);
            if (!stopping && _call.Signals.Stop.IsCancellationRequested)
            {
                stopping = true;
                if (!await StopAsync(run, "", abort))
                    return ExitCodes.Cancelled;
                continue;
            }
            if (!overdue && deadline <= _call.Now)
            {
                overdue = true;
                if (!await StopAsync(run, $"It is {run.StateName} after {Words.Duration(timeout!.Value)}. ", abort))
                    return ExitCodes.Failed;
                continue;
            }
            if (_worker is null && _mayHost && run.StateType == StateType.Scheduled && await NobodyElseWillAsync(run, abort))
            {
                if (OwnWorker.Refusal(_connection, deployment, run) is { } reason)
                {
                    _screen.Note($"No worker serves {run.WorkPoolName}/{run.WorkQueueName}, and this machine cannot run it: {reason}.");
                    _mayHost = false;
                    continue;
                }
                _screen.Line($"No worker serves {run.WorkPoolName}/{run.WorkQueueName}: running it here.");
                _worker = await OwnWorker.StartAsync(_call, _connection, run, abort);
            }
            if (_worker is { Ended: true })
            {
                await _worker.DisposeAsync();
                _worker = null;
                _mayHost = false;
            }
            await using (StatusLine.Start(_screen, () => Waiting(run), _call.Time))
                change = await WaitAsync(change, stopping ? null : _call.Signals.Stop, overdue ? null : deadline, abort);
        }
    }

    private string Waiting(FlowRun run) => run switch
    {
        { StateType: StateType.Scheduled, NextScheduledStartTime: { } due } when due > _call.Now => $"Due {Words.Relative(due, _call.Now)}",
        { StateType: StateType.Scheduled } => $"Waiting for a worker of {run.WorkPoolName}/{run.WorkQueueName}",
        { StateType: StateType.Running, StartTime: { } start } => $"Running for {Words.Duration(_call.Now - start)}",
        _ => run.StateName ?? "",
    };

    /// <summary>Waits for a change, the user, the deadline or the end of the own worker.</summary>
    private async Task<long> WaitAsync(long change, CancellationToken? stop, DateTimeOffset? deadline, CancellationToken abort)
    {
        using var wake = CancellationTokenSource.CreateLinkedTokenSource(abort, stop ?? CancellationToken.None);
        TimeSpan longest = deadline is { } end && end - _call.Now < LongestWait ? TimeSpan.FromTicks(Math.Max(1, (end - _call.Now).Ticks)) : LongestWait;
        if (_worker is not { Ended: false } worker)
            return await WaitAsync();
        Task<long> waiting = WaitAsync();
        await Task.WhenAny(waiting, worker.Task);
        await wake.CancelAsync();
        return await waiting;

        async Task<long> WaitAsync()
        {
            try
            {
                return await Api.WaitForChangeAsync(change, longest, wake.Token);
            }
            catch (OperationCanceledException) when (!abort.IsCancellationRequested)
            {
                return change;
            }
        }
    }

    /// <summary>What Ctrl+C or the timeout does: cancels a run that lives in this process, else stops watching.</summary>
    /// <returns>Whether the run is to be watched on.</returns>
    private async Task<bool> StopAsync(FlowRun run, string reason, CancellationToken cancellationToken)
    {
        if (_worker is null)
        {
            _screen.Note($"{reason}Stopped watching; the run goes on. See it with 'sluice flow-run logs {Shell.Quote(_run.Name)} --follow', end it with 'sluice flow-run cancel {Shell.Quote(_run.Name)}'.");
            return false;
        }
        _screen.Note($"{reason}Cancelling the run, which lives in this process. Once more stops it at once.");
        await RunCancellation.RequestAsync(Api, run, cancellationToken);
        return true;
    }

    private async Task<bool> NobodyElseWillAsync(FlowRun run, CancellationToken cancellationToken)
    {
        if (!await WorkerPresence.IsServedAsync(Api, run, _call.Now, cancellationToken))
            return true;
        // Another machine's worker may be the only one that reaches the package: only on this machine the run is taken over.
        return _connection.Server is null && run.NextScheduledStartTime is { } due && _call.Now - due > Patience;
    }

    private async Task ShowNewsAsync(FlowRun run, CancellationToken cancellationToken)
    {
        var news = new List<(DateTimeOffset Time, Action Write)>();
        if (run.StateId is { } current && !_states.Contains(current))
        {
            foreach (State state in await Api.ListFlowRunStatesAsync(run.Id, cancellationToken))
            {
                if (_states.Add(state.Id))
                    news.Add((state.Timestamp, () => LogLines.Write(_screen, state)));
            }
        }
        foreach (Log log in await _tail.ReadAsync(cancellationToken))
            news.Add((log.Timestamp, () => LogLines.Write(_screen, log)));
        foreach ((_, Action write) in news.OrderBy(item => item.Time))
            write();
        _screen.Out.Flush();
    }

    private async Task<int> EndAsync(FlowRun run, bool overdue, CancellationToken cancellationToken)
    {
        if (_worker is { } worker)
        {
            // The program has reported; its worker sees it out, and may have a last word in the log.
            await worker.DisposeAsync();
            _worker = null;
        }
        await ShowNewsAsync(run, cancellationToken);
        if (_call.Json)
            Json.Write(_call.Screen.Out, (await RunNames.LoadAsync(Api, [run], cancellationToken)).ToJson(run));
        else
            await SummarizeAsync(run, cancellationToken);
        return run.StateType switch
        {
            _ when overdue => ExitCodes.Failed,
            StateType.Completed => ExitCodes.Ok,
            StateType.Cancelled => ExitCodes.Cancelled,
            _ => ExitCodes.Failed,
        };
    }

    private async Task SummarizeAsync(FlowRun run, CancellationToken cancellationToken)
    {
        string took = run.StartTime is null ? "" : $" after {Words.Duration(TimeSpan.FromSeconds(run.TotalRunTime))}";
        _screen.Line("", run.StateName ?? "", StateLooks.Of(run.StateType!.Value), took);
        if (await RunResult.ReadTextAsync(_connection, run, cancellationToken) is { } result)
            _screen.Line(Screen.Safe(result));
    }
}
