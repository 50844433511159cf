using System.Net;
using Sluice.Orchestration.Http.Prefect2;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    private const string ConcurrencyLimits = "/v2/concurrency_limits/";

    /// <summary>How long to wait where a refusal says nothing: Prefect's own default of a slot's occupancy.</summary>
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task<GlobalConcurrencyLimit> CreateConcurrencyLimitAsync(ConcurrencyLimitCreate limit, CancellationToken cancellationToken)
    {
        await RequirePrefect3Async(cancellationToken).ConfigureAwait(false);
        return await _transport.SendAsync(PostOnce(ConcurrencyLimits, limit, Json.ConcurrencyLimitCreate), Json.GlobalConcurrencyLimit, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<GlobalConcurrencyLimit?> FindConcurrencyLimitAsync(string name, CancellationToken cancellationToken)
    {
        await RequirePrefect3Async(cancellationToken).ConfigureAwait(false);
        return await _transport.FindAsync(Get(ConcurrencyLimits + Segment(name)), Json.GlobalConcurrencyLimit, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<GlobalConcurrencyLimit>> ListConcurrencyLimitsAsync(ConcurrencyLimitsQuery query, CancellationToken cancellationToken)
    {
        await RequirePrefect3Async(cancellationToken).ConfigureAwait(false);
        return await _transport.SendAsync(Post(ConcurrencyLimits + "filter", query, Json.ConcurrencyLimitsQuery), Json.IReadOnlyListGlobalConcurrencyLimit, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task UpdateConcurrencyLimitAsync(string name, ConcurrencyLimitUpdate update, CancellationToken cancellationToken)
    {
        await RequirePrefect3Async(cancellationToken).ConfigureAwait(false);
        await _transport.SendAsync(Patch(ConcurrencyLimits + Segment(name), update, Json.ConcurrencyLimitUpdate), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteConcurrencyLimitAsync(string name, CancellationToken cancellationToken)
    {
        await RequirePrefect3Async(cancellationToken).ConfigureAwait(false);
        return await _transport.DeleteAsync(Delete(ConcurrencyLimits + Segment(name)), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<SlotsAnswer> AcquireSlotsAsync(SlotsAcquire slots, CancellationToken cancellationToken)
    {
        await RequirePrefect3Async(cancellationToken).ConfigureAwait(false);
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
        await RequirePrefect3Async(cancellationToken).ConfigureAwait(false);
        ApiCall call = PostOnce(ConcurrencyLimits + "increment", slots with { LeaseDuration = null, Holder = null }, Json.SlotsAcquire);
        ApiAnswer answer = await _transport.ExchangeAsync(call, cancellationToken).ConfigureAwait(false);
        return answer.Status == HttpStatusCode.Locked
            ? Refused(answer)
            : new() { Acquired = true, Limits = _transport.Read(call, _transport.Check(call, answer), Json.IReadOnlyListSlotsLimit) };
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SlotsLimit>> GiveSlotsAsync(SlotsRelease slots, CancellationToken cancellationToken)
    {
        await RequirePrefect3Async(cancellationToken).ConfigureAwait(false);
        return await _transport.SendAsync(PostOnce(ConcurrencyLimits + "decrement", slots, Json.SlotsRelease), Json.IReadOnlyListSlotsLimit, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task ReleaseSlotsAsync(Guid leaseId, CancellationToken cancellationToken)
    {
        await RequirePrefect3Async(cancellationToken).ConfigureAwait(false);
        await _transport.SendAsync(
        Post(ConcurrencyLimits + "decrement-with-lease", new SlotsLeaseBody { LeaseId = leaseId }, WireJson.Default.SlotsLeaseBody), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> RenewSlotsAsync(Guid leaseId, TimeSpan lease, CancellationToken cancellationToken)
    {
        await RequirePrefect3Async(cancellationToken).ConfigureAwait(false);
        ApiCall call = Post($"{ConcurrencyLimits}leases/{leaseId}/renew", new SlotsRenewal { LeaseDuration = lease.TotalSeconds }, WireJson.Default.SlotsRenewal);
        ApiAnswer answer = await _transport.ExchangeAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.Status == HttpStatusCode.Gone)
        {
            return false;
        }

        _transport.Check(call, answer);
        return true;
    }

    private async ValueTask RequirePrefect3Async(CancellationToken cancellationToken)
    {
        if (await IsPrefect2Async(cancellationToken).ConfigureAwait(false))
        {
            throw Prefect2Dialect.Unsupported($"has no global concurrency limits: {Endpoint} is {_transport.Server}. Limit the work queue instead.");
        }
    }

    private static SlotsAnswer Refused(ApiAnswer answer) => new() { Acquired = false, RetryAfter = answer.RetryAfter ?? DefaultRetryAfter };
}
