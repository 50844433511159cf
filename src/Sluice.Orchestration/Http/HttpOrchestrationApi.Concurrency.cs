using System.Net;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    private const string ConcurrencyLimits = "/v2/concurrency_limits/";

    /// <summary>How long to wait where a refusal says nothing: Prefect's own default of a slot's occupancy.</summary>
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public Task<GlobalConcurrencyLimit> CreateConcurrencyLimitAsync(ConcurrencyLimitCreate limit, CancellationToken cancellationToken) =>
        _transport.SendAsync(PostOnce(ConcurrencyLimits, limit, Json.ConcurrencyLimitCreate), Json.GlobalConcurrencyLimit, cancellationToken);

    /// <inheritdoc/>
    public Task<GlobalConcurrencyLimit?> FindConcurrencyLimitAsync(string name, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get(ConcurrencyLimits + Segment(name)), Json.GlobalConcurrencyLimit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<GlobalConcurrencyLimit>> ListConcurrencyLimitsAsync(ConcurrencyLimitsQuery query, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post(ConcurrencyLimits + "filter", query, Json.ConcurrencyLimitsQuery), Json.IReadOnlyListGlobalConcurrencyLimit, cancellationToken);

    /// <inheritdoc/>
    public Task UpdateConcurrencyLimitAsync(string name, ConcurrencyLimitUpdate update, CancellationToken cancellationToken) =>
        _transport.SendAsync(Patch(ConcurrencyLimits + Segment(name), update, Json.ConcurrencyLimitUpdate), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteConcurrencyLimitAsync(string name, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(Delete(ConcurrencyLimits + Segment(name)), cancellationToken);

    /// <inheritdoc/>
    public async Task<SlotsAnswer> AcquireSlotsAsync(SlotsAcquire slots, CancellationToken cancellationToken)
    {
        ApiCall call = PostOnce(ConcurrencyLimits + "increment-with-lease", slots, Json.SlotsAcquire);
        ApiAnswer answer = await _transport.ExchangeAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.Status == HttpStatusCode.Locked)
        {
            return Refused(answer);
        }

        LeasedSlots leased = _transport.Read(call, _transport.Check(call, answer), WireJson.Default.LeasedSlots);
        return new() { Acquired = true, LeaseId = leased.LeaseId, Limits = leased.Limits };
    }

    /// <inheritdoc/>
    public async Task<SlotsAnswer> TakeSlotsAsync(SlotsAcquire slots, CancellationToken cancellationToken)
    {
        ApiCall call = PostOnce(ConcurrencyLimits + "increment", slots with { LeaseDuration = null, Holder = null }, Json.SlotsAcquire);
        ApiAnswer answer = await _transport.ExchangeAsync(call, cancellationToken).ConfigureAwait(false);
        return answer.Status == HttpStatusCode.Locked
            ? Refused(answer)
            : new() { Acquired = true, Limits = _transport.Read(call, _transport.Check(call, answer), Json.IReadOnlyListSlotsLimit) };
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<SlotsLimit>> GiveSlotsAsync(SlotsRelease slots, CancellationToken cancellationToken) =>
        _transport.SendAsync(PostOnce(ConcurrencyLimits + "decrement", slots, Json.SlotsRelease), Json.IReadOnlyListSlotsLimit, cancellationToken);

    /// <inheritdoc/>
    public Task ReleaseSlotsAsync(Guid leaseId, CancellationToken cancellationToken) => _transport.SendAsync(
        Post(ConcurrencyLimits + "decrement-with-lease", new SlotsLeaseBody { LeaseId = leaseId }, WireJson.Default.SlotsLeaseBody), cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> RenewSlotsAsync(Guid leaseId, TimeSpan lease, CancellationToken cancellationToken)
    {
        ApiCall call = Post($"{ConcurrencyLimits}leases/{leaseId}/renew", new SlotsRenewal { LeaseDuration = lease.TotalSeconds }, WireJson.Default.SlotsRenewal);
        ApiAnswer answer = await _transport.ExchangeAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.Status == HttpStatusCode.Gone)
        {
            return false;
        }

        _transport.Check(call, answer);
        return true;
    }

    private static SlotsAnswer Refused(ApiAnswer answer) => new() { Acquired = false, RetryAfter = answer.RetryAfter ?? DefaultRetryAfter };
}
