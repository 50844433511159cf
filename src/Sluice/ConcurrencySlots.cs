using Microsoft.Extensions.Logging;
using Sluice.Orchestration;
using Sluice.Runtime.Services;

namespace Sluice;

/// <summary>
/// Slots that code holds until this is disposed of. Their lease is renewed meanwhile, so that they stay held however long the work takes, and become free by themselves
/// five minutes after the process died.
/// </summary>
public sealed class ConcurrencySlots : IAsyncDisposable
{
    /// <summary>How long slots are held without a sign of life: Prefect's default.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long they are held until the first renewal: the least that Prefect takes. Slots whose answer was lost on the way are nobody's, and so become free soon.
    /// </summary>
    internal static readonly TimeSpan FirstLease = TimeSpan.FromMinutes(1);

    /// <summary>How long giving them back may take: a run that is cancelled has no more.</summary>
    private static readonly TimeSpan s_release = TimeSpan.FromSeconds(10);

    private readonly FlowServices _services;
    private readonly CancellationTokenSource _over = new();
    // Not disposed: the code that was given the token may go on using it.
    private readonly CancellationTokenSource _lost = new();
    private readonly Task _renewing;
    private int _disposed;

    internal ConcurrencySlots(FlowServices services, IReadOnlyList<string> names, Guid? leaseId)
    {
        _services = services;
        Names = names;
        LeaseId = leaseId;
        _renewing = leaseId is { } lease ? Task.Run(() => RenewAsync(lease)) : Task.CompletedTask;
    }

    /// <summary>The limits.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The server's lease; null in a local run without a server.</summary>
    public Guid? LeaseId { get; }

    /// <summary>Cancelled when the lease could not be kept and the slots may be another's: an operator freed them, or the server was away for too long.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Gives the slots back. What fails here is said in the log: they become free when the lease runs out.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        await _over.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _over.Dispose();
        if (LeaseId is not { } lease || _lost.IsCancellationRequested)
            return;
        using CancellationTokenSource bound = new(s_release);
        try
        {
            IOrchestrationApi api = await _services.ApiAsync("A slot").ConfigureAwait(false);
            await _services.AskAsync(token => api.ReleaseSlotsAsync(lease, token), bound.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OrchestrationException or OperationCanceledException)
        {
            _services.Logger.LogWarning(
                "The slots of {Name} could not be given back, and become free in five minutes: {Problem}",
                string.Join(", ", Names), exception is OrchestrationException ? exception.Message : "the server did not answer");
        }
    }

    private async Task RenewAsync(Guid lease)
    {
        IOrchestrationApi api = await _services.ApiAsync("A slot").ConfigureAwait(false);
        (TimeSpan length, long renewed) = (FirstLease, _services.Time.GetTimestamp());
        while (true)
        {
            // A server that does not answer must not hide that the lease is over.
            TimeSpan left = length - _services.Time.GetElapsedTime(renewed);
            using CancellationTokenSource ends = new(left > TimeSpan.Zero ? left : TimeSpan.Zero, _services.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_over.Token, ends.Token);
            await Task.Delay(length / 4, _services.Time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_over.IsCancellationRequested)
                return;
            bool held = true;
            try
            {
                long asked = _services.Time.GetTimestamp();
                held = await api.RenewSlotsAsync(lease, Lease, either.Token).ConfigureAwait(false);
                (length, renewed) = (Lease, asked);
            }
            catch (OperationCanceledException)
            {
                if (_over.IsCancellationRequested)
                    return;
                held = false;
            }
            catch (OrchestrationException exception)
            {
                _services.Logger.LogWarning("The slots of {Name} could not be kept this time: {Problem}", string.Join(", ", Names), exception.Message);
                held = _services.Time.GetElapsedTime(renewed) < length;
            }
            if (held)
                continue;
            _services.Logger.LogError("The slots of {Name} are lost: their lease is over, and others may hold them", string.Join(", ", Names));
            await _lost.CancelAsync().ConfigureAwait(false);
            return;
        }
    }
}
