using System.Globalization;
using Microsoft.Extensions.Logging;
using Sluice.Orchestration;
using Sluice.Runtime.Services;

namespace Sluice;

/// <summary>
/// Limits that runs share, whatever flow they are of: a number of slots under a name (<c>sluice concurrency-limit create database 5</c>). Code holds slots while it does
/// something, and waits while there are none. A limit that does not exist holds nobody back, and the log says so. A local run without a server is held back by none.
/// </summary>
public sealed class FlowConcurrency
{
    private readonly FlowContext _context;

    internal FlowConcurrency(FlowContext context) => _context = context;

    /// <summary>Waits for slots and holds them until the answer is disposed of: <c>await using var _ = await context.Concurrency.AcquireAsync("database");</c>.</summary>
    /// <param name="name">The limit.</param>
    /// <param name="slots">How many slots, from 1 to the limit.</param>
    /// <param name="timeout">How long to wait; null for as long as the run may last.</param>
    /// <param name="cancellationToken">Ends the wait, as the run's own token does.</param>
    /// <exception cref="TimeoutException">They were not free in time.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Less than one slot.</exception>
    /// <exception cref="OrchestrationException">The server refuses (more slots than the limit has), has no such limits (Prefect 2), or cannot answer for two minutes.</exception>
    public Task<ConcurrencySlots> AcquireAsync(string name, int slots = 1, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        AcquireAsync([name], slots, timeout, cancellationToken);

    /// <summary>Waits for slots of several limits, and holds them all or none.</summary>
    /// <param name="names">The limits.</param>
    /// <param name="slots">How many slots of each, from 1.</param>
    /// <param name="timeout">How long to wait; null for as long as the run may last.</param>
    /// <param name="cancellationToken">Ends the wait, as the run's own token does.</param>
    /// <exception cref="TimeoutException">They were not free in time.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Less than one slot.</exception>
    /// <exception cref="OrchestrationException">The server refuses (more slots than the limit has), has no such limits (Prefect 2), or cannot answer for two minutes.</exception>
    public async Task<ConcurrencySlots> AcquireAsync(IReadOnlyList<string> names, int slots = 1, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        SlotsAcquire ask = new()
        {
            Names = names,
            Slots = slots,
            LeaseDuration = ConcurrencySlots.FirstLease.TotalSeconds,
            Holder = _context.FlowRunId is { } run ? new() { Type = "flow_run", Id = run } : null,
        };
        SlotsAnswer? answer = await WaitAsync((api, token) => api.AcquireSlotsAsync(ask, token), names, slots, timeout, cancellationToken).ConfigureAwait(false);
        return new(_context.Services, names, answer?.LeaseId);
    }

    /// <summary>
    /// Waits until it is this code's turn under a limit of rate, whose slots become free by themselves (<c>sluice concurrency-limit create api 10 --slot-decay-per-second 2</c>).
    /// </summary>
    /// <param name="name">The limit.</param>
    /// <param name="slots">How many slots to use up, from 1 to the limit.</param>
    /// <param name="timeout">How long to wait; null for as long as the run may last.</param>
    /// <param name="cancellationToken">Ends the wait, as the run's own token does.</param>
    /// <exception cref="TimeoutException">They were not free in time.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Less than one slot.</exception>
    /// <exception cref="OrchestrationException">The server refuses (the limit has no decay, or fewer slots), has no such limits (Prefect 2), or cannot answer for two minutes.</exception>
    public async Task RateLimitAsync(string name, int slots = 1, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        SlotsAcquire ask = new() { Names = [name], Slots = slots, Mode = "rate_limit" };
        await WaitAsync((api, token) => api.TakeSlotsAsync(ask, token), [name], slots, timeout, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks until the slots are held. Null in a local run without a server.</summary>
    private async Task<SlotsAnswer?> WaitAsync(
        Func<IOrchestrationApi, CancellationToken, Task<SlotsAnswer>> ask, IReadOnlyList<string> names, int slots, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        FlowServices services = _context.Services;
        string what = string.Join(", ", names);
        if (await services.FindApiAsync().ConfigureAwait(false) is not { } api)
        {
            services.Logger.LogDebug("No server, so no limit {Name} holds this run back", what);
            return null;
        }
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _context.Cancellation);
        long started = services.Time.GetTimestamp();
        bool told = false;
        while (true)
        {
            SlotsAnswer answer = await AskAsync(services, ask, api, either.Token).ConfigureAwait(false);
            if (answer.Acquired)
            {
                string[] unknown = [.. names.Except(answer.Limits.Select(limit => limit.Name), StringComparer.Ordinal)];
                if (unknown.Length > 0)
                    services.Logger.LogWarning("There is no concurrency limit {Name}, so nobody is held back: 'sluice concurrency-limit create {First} N' makes it", string.Join(", ", unknown), unknown[0]);
                return answer;
            }
            if (!told)
                services.Logger.LogInformation("Waiting for {Slots} of the concurrency limit {Name}", slots == 1 ? "a slot" : string.Create(CultureInfo.InvariantCulture, $"{slots} slots"), what);
            told = true;
            TimeSpan pause = answer.RetryAfter > TimeSpan.FromMilliseconds(100) ? answer.RetryAfter : TimeSpan.FromMilliseconds(100);
            if (timeout is { } most && most - services.Time.GetElapsedTime(started) is var left && left < pause)
            {
                if (left <= TimeSpan.Zero)
                    throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"No {slots} of the slots of {what} became free within {most.TotalSeconds:0.###} seconds."));
                pause = left;
            }
            await Task.Delay(pause, services.Time, either.Token).ConfigureAwait(false);
        }
    }

    private static async Task<SlotsAnswer> AskAsync(
        FlowServices services, Func<IOrchestrationApi, CancellationToken, Task<SlotsAnswer>> ask, IOrchestrationApi api, CancellationToken cancellationToken)
    {
        try
        {
            return await services.AskAsync(token => ask(api, token), cancellationToken).ConfigureAwait(false);
        }
        catch (OrchestrationException exception) when (exception.Kind == OrchestrationErrorKind.NotFound)
        {
            throw new OrchestrationException(exception.Kind, $"The server has no concurrency limits that flows can hold slots of, as Prefect has from 3.4: {exception.Message}", exception);
        }
    }
}
