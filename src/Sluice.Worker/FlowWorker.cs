using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Sluice.Orchestration;
using Sluice.Worker.Launch;
using Sluice.Worker.Programs;
using Sluice.Worker.Results;
using Sluice.Worker.Runs;

namespace Sluice.Worker;

/// <summary>
/// Claims runs of a pool, pulls their packages, launches and watches them. What a run's process writes becomes log records of the run: loggers
/// <c>sluice.stdout</c> (INFO) and <c>sluice.stderr</c> (ERROR).
/// </summary>
public sealed class FlowWorker
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(30);

    /// <summary>How far ahead runs are looked for, as Prefect's workers do.</summary>
    private static readonly TimeSpan LookAhead = TimeSpan.FromSeconds(10);

    /// <summary>How long before its due time a run is claimed, so that its process has started when it is due.</summary>
    private static readonly TimeSpan Prestart = TimeSpan.FromSeconds(2);

    /// <summary>A run that was refused is not tried again sooner.</summary>
    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(10);

    /// <summary>The shortest time between two looks that only changes cause: a busy API would else be asked without end.</summary>
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan OutagePause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly IOrchestrationApi _api;
    private readonly FlowWorkerOptions _options;
    private readonly TimeProvider _time;
    private readonly IRunLauncher _launcher;
    private readonly ApiCalls _calls;
    private readonly RunSource _source;
    private readonly Action<string> _log;
    private readonly ConcurrentDictionary<Guid, ActiveRun> _runs = new();
    private readonly Dictionary<Guid, DateTimeOffset> _refused = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Creates a worker; <see cref="RunAsync"/> runs it, once.</summary>
    public FlowWorker(IOrchestrationApi api, FlowWorkerOptions options, TimeProvider time)
        : this(api, options, time, launcher: null)
    {
    }

    internal FlowWorker(IOrchestrationApi api, FlowWorkerOptions options, TimeProvider time, IRunLauncher? launcher)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Limit ?? 1, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Lease, TimeSpan.FromSeconds(3), nameof(options));
        var gate = new Lock();
        (_api, _options, _time) = (api, options, time);
        _log = line =>
        {
            lock (gate)
                options.Log(line);
        };
        _calls = new(time, _log);
        _source = options.Served is { } served ? new ServedRuns(api, _calls, [.. served.Keys])
            : options.Pool is not null ? new PoolRuns(api, _calls, options, _log)
            : throw new ArgumentException("A worker serves a pool or deployments.", nameof(options));
        _launcher = launcher ?? (options.Served is { } programs ? new ServedLauncher(programs) : (IRunLauncher)new ProcessLauncher(
            new ProgramCache(options.Home, options.Sources, time, policy: options.Policy), new ResultPlaces(options.Sources, _log), options.Presign ? new PresignedRuns(options.Sources) : null, options.Policy));
    }

    /// <summary>
    /// Works until cancelled. The first cancellation of <paramref name="stop"/> is a graceful stop: no more claims, running flows are waited for, and
    /// runs whose process has not started are given back; <paramref name="abort"/> ends running flows (SIGTERM, 30 s, SIGKILL of the tree).
    /// Returns when the last process has ended and was reported. An API that cannot be reached is waited for.
    /// </summary>
    /// <exception cref="OrchestrationException">The pool does not exist, or the API refuses the worker. Running flows are waited for first.</exception>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop, abort);
        await using CancellationTokenRegistration waking = stopping.Token.Register(Wake);
        using var over = new CancellationTokenSource();
        RunServices services;
        try
        {
            ApiInfo info = await _calls.CallAsync(_api.GetInfoAsync, stopping.Token);
            services = new(_api, _calls, info, _launcher, _options, _time, _log);
            await _source.PrepareAsync(info, stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return;
        }

        Task heartbeats = _options is { OnlyFlowRun: null, Pool: not null } ? await BeginHeartbeatsAsync(stopping.Token) : Task.CompletedTask;
        // The next look finds which run is CANCELLING.
        Task events = CancellationEvents.RunAsync(services, Wake, over.Token);
        Task leases = services.Info.IsSluice ? RepeatAsync(_options.Lease / 3, RenewLeasesAsync, over.Token) : Task.CompletedTask;
        try
        {
            _options.Serving();
            await ServeAsync(services, stopping, abort);
        }
        finally
        {
            await stopping.CancelAsync();
            await over.CancelAsync();
            await Task.WhenAll(heartbeats, leases);
            // Whatever became of the events, the worker ends as it would have.
            await events.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (events.Exception is { } defect)
                _log($"The server's events could not be heard, because of a defect of the worker: {defect.InnerException}");
            if (_launcher is IAsyncDisposable launcher)
                await launcher.DisposeAsync();
        }
    }

    private async Task ServeAsync(RunServices services, CancellationTokenSource stopping, CancellationToken abort)
    {
        var unreachable = new UnreachableRuns(services);
        long change = services.Info.Change;
        ExceptionDispatchInfo? failure = null;
        while (!stopping.IsCancellationRequested || !_runs.IsEmpty)
        {
            DateTimeOffset? next = null;
            long looked = _time.GetTimestamp();
            try
            {
                if (!_runs.IsEmpty && !abort.IsCancellationRequested)
                    await CancelRunsAsync(abort);
                if (!stopping.IsCancellationRequested && !(_runs.Count >= _options.Limit))
                    next = await LookAsync(services, unreachable, stopping, abort);
                change = await WaitAsync(services, change, next);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                continue;
            }
            catch (Exception e)
            {
                // No outage, which is waited for, but a refusal or a defect: finish what runs, then say it.
                failure ??= ExceptionDispatchInfo.Capture(e);
                await stopping.CancelAsync();
                await Task.Delay(OutagePause, _time, CancellationToken.None);
            }

            if (LookPause - _time.GetElapsedTime(looked) is { Ticks: > 0 } pause)
                await Task.Delay(pause, _time, CancellationToken.None);
        }

        failure?.Throw();
    }

    /// <summary>Claims and starts what is due. Answers when to look again at the latest; null when only a change can bring something.</summary>
    private async Task<DateTimeOffset?> LookAsync(RunServices services, UnreachableRuns unreachable, CancellationTokenSource stopping, CancellationToken abort)
    {
        DateTimeOffset now = _time.GetUtcNow(), horizon = now + LookAhead;
        foreach (Guid id in _refused.Where(refused => refused.Value <= now).Select(refused => refused.Key).ToList())
            _refused.Remove(id);

        (DateTimeOffset? after, DateTimeOffset before) = (null, horizon);
        if (_options.OnlyFlowRun is { } only)
        {
            FlowRun? run = await _calls.CallAsync(token => _api.ReadFlowRunAsync(only, token), stopping.Token);
            if (run?.StateType != StateType.Scheduled)
            {
                if (!_runs.ContainsKey(only))
                    await stopping.CancelAsync();
                return null;
            }

            // However long the queue is, the answer is then a short one that holds this run.
            if (run.NextScheduledStartTime is { } due)
                (after, before) = (due.AddSeconds(-1), due.AddSeconds(1));
        }

        DateTimeOffset? next = null;
        while (await LookAsync())
        {
            // A limit of the pool may have hidden others behind runs that are left alone.
        }
        if (unreachable.Next is { } again && (next is null || again < next))
            next = again;
        return next ?? await NextDueAsync(services, horizon, stopping.Token);

        // Answers whether to look again without what was found to be out of reach.
        async Task<bool> LookAsync()
        {
            IReadOnlyList<Guid>? without = unreachable.Deployments;
            foreach (FlowRun run in await _source.LookAsync(after, before, without, stopping.Token))
            {
                if (_runs.ContainsKey(run.Id) || (_options.OnlyFlowRun is { } wanted && wanted != run.Id))
                    continue;
                DateTimeOffset from = (run.NextScheduledStartTime ?? now) - Prestart;
                if (_refused.TryGetValue(run.Id, out DateTimeOffset until) && until > from)
                    from = until;
                if (from > now)
                {
                    next = next is { } earlier && earlier < from ? earlier : from;
                    continue;
                }
                if (_runs.Count >= _options.Limit || stopping.IsCancellationRequested)
                    return false;
                // Who asked for just this run has looked already.
                (bool reachable, Deployment? deployment) = _options.OnlyFlowRun is null ? await unreachable.LookAsync(run, stopping.Token) : (true, null);
                if (reachable && !await ClaimAsync(services, run, deployment, stopping, abort))
                    _refused[run.Id] = now + RefusedPause;
            }
            return services.Info.IsSluice && (unreachable.Deployments?.Count ?? 0) > (without?.Count ?? 0);
        }
    }

    private async Task<bool> ClaimAsync(RunServices services, FlowRun run, Deployment? deployment, CancellationTokenSource stopping, CancellationToken abort)
    {
        var report = new RunReport(services, run);
        if (!await report.ClaimAsync(stopping.Token, abort))
            return false;
        var active = new ActiveRun(services, run, deployment, report);
        _runs[run.Id] = active;
        _ = FollowAsync(services, active, stopping, abort);
        return true;
    }

    private async Task FollowAsync(RunServices services, ActiveRun active, CancellationTokenSource stopping, CancellationToken abort)
    {
        try
        {
            await active.RunAsync(stopping.Token, abort);
        }
        catch (Exception e)
        {
            _log($"The flow run {active.Id} is no longer watched, because of a defect of the worker: {e}");
        }
        finally
        {
            if (_options.OnlyFlowRun is not null)
                await stopping.CancelAsync();
            _runs.TryRemove(active.Id, out _);
            Wake();
        }
    }

    /// <summary>When the next run beyond the horizon wants to be claimed, for a server that announces changes; others are asked again anyway.</summary>
    private async Task<DateTimeOffset?> NextDueAsync(RunServices services, DateTimeOffset horizon, CancellationToken cancellationToken)
    {
        if (!services.Info.IsSluice)
            return null;
        FlowRunsQuery query = _source.Scheduled(new() { State = new() { Type = new() { Any = [StateType.Scheduled] } }, NextScheduledStartTime = new() { After = horizon } })
            with { Sort = "NEXT_SCHEDULED_START_TIME_ASC", Limit = 1 };
        IReadOnlyList<FlowRun> runs = await _calls.CallAsync(token => _api.ListFlowRunsAsync(query, token), cancellationToken);
        return runs is [{ NextScheduledStartTime: { } due }] ? due - Prestart : null;
    }

    private async Task CancelRunsAsync(CancellationToken cancellationToken)
    {
        var query = new FlowRunsQuery
        {
            FlowRuns = new() { Id = new() { Any = [.. _runs.Keys] }, State = new() { Type = new() { Any = [StateType.Cancelling, StateType.Cancelled] } } },
        };
        IReadOnlyList<FlowRun> cancelling = [];
        await _calls.TryAsync(async token => cancelling = await _api.ListFlowRunsAsync(query, token), cancellationToken);
        foreach (FlowRun run in cancelling)
        {
            // Before it had the type CANCELLING, Prefect 2 wrote CANCELLED with this name.
            if ((run.StateType == StateType.Cancelling || run.StateName == "Cancelling") && _runs.TryGetValue(run.Id, out ActiveRun? active))
                active.Cancel();
        }
    }

    /// <summary>Waits for a change, the next due time, the end of a run or a stop. Answers the newest change.</summary>
    private async Task<long> WaitAsync(RunServices services, long change, DateTimeOffset? next)
    {
        TimeSpan longest = services.Info.IsSluice ? LongestWait : LookAhead;
        while (true)
        {
            TimeSpan wait = next - _time.GetUtcNow() is { } rest && rest < longest ? rest : longest;
            if (wait <= TimeSpan.Zero)
                return change;
            using var woken = new CancellationTokenSource();
            Task wake = _wake.Reader.ReadAsync(woken.Token).AsTask();
            Task<long?> changed = ReadChangeAsync(change, wait, woken.Token);
            await Task.WhenAny(wake, changed);
            await woken.CancelAsync();
            await Task.WhenAll(wake, changed).ContinueWith(_ => { }, TaskScheduler.Default);
            if (wake.IsCompletedSuccessfully)
                return changed.IsCompletedSuccessfully ? changed.Result ?? change : change;
            long? newest = await changed;
            if (newest != change || !services.Info.IsSluice)
                return newest ?? change;
        }
    }

    /// <summary>Waits for a change. Null after an outage, which may have hidden one.</summary>
    private async Task<long?> ReadChangeAsync(long change, TimeSpan timeout, CancellationToken cancellationToken)
    {
        long newest = change;
        if (await _calls.TryAsync(async token => newest = await _api.WaitForChangeAsync(change, timeout, token), cancellationToken))
            return newest;
        await Task.Delay(OutagePause, _time, cancellationToken);
        return null;
    }

    /// <summary>Sends heartbeats; answers after the first, so that whoever sees this worker serve sees it online as well.</summary>
    private async Task<Task> BeginHeartbeatsAsync(CancellationToken cancellationToken)
    {
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task beating = RepeatAsync(
            HeartbeatInterval,
            async token =>
            {
                try
                {
                    await HeartbeatAsync(token);
                }
                finally
                {
                    first.TrySetResult();
                }
            },
            cancellationToken);
        await first.Task;
        return beating;
    }

    private Task HeartbeatAsync(CancellationToken cancellationToken) => _calls.TryAsync(
        token => _api.HeartbeatWorkerAsync(_options.Pool!, new() { Name = _options.Name, HeartbeatIntervalSeconds = (int)HeartbeatInterval.TotalSeconds, Labels = _options.Labels }, token),
        cancellationToken);

    private async Task RenewLeasesAsync(CancellationToken cancellationToken)
    {
        RunLease[] held = [.. _runs.Values.Select(run => new RunLease(run.Id, run.Claim))];
        if (held.Length > 0)
            await _calls.TryAsync(token => _api.RenewLeasesAsync(held, _options.Lease, token), cancellationToken);
    }

    private async Task RepeatAsync(TimeSpan interval, Func<CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, _time);
        try
        {
            do
            {
                try
                {
                    await action(cancellationToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    _log(e is OrchestrationException ? e.Message : e.ToString());
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private void Wake() => _wake.Writer.TryWrite(true);
}
