using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>Artifacts and concurrency limits.</summary>
internal sealed partial class EmbeddedStore
{
    public Task<Artifact> CreateArtifactAsync(ArtifactCreate artifact, CancellationToken cancellationToken) =>
        Write(scope => Artifacts.Create(scope, artifact), cancellationToken);

    public Task<Artifact?> ReadArtifactAsync(Guid id, CancellationToken cancellationToken) => Read(scope => Artifacts.Read(scope, id), cancellationToken);

    public Task<Artifact?> FindLatestArtifactAsync(string key, CancellationToken cancellationToken) => Read(scope => Artifacts.Latest(scope, key), cancellationToken);

    public Task<IReadOnlyList<Artifact>> ListArtifactsAsync(ArtifactsQuery query, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<Artifact>>(scope => Artifacts.List(scope, query), cancellationToken);

    public Task UpdateArtifactAsync(Guid id, ArtifactUpdate update, CancellationToken cancellationToken) =>
        Write(scope => Artifacts.Update(scope, id, update), cancellationToken);

    public Task<bool> DeleteArtifactAsync(Guid id, CancellationToken cancellationToken) => Write(scope => Artifacts.Delete(scope, id), cancellationToken);

    public Task<GlobalConcurrencyLimit> CreateConcurrencyLimitAsync(ConcurrencyLimitCreate limit, CancellationToken cancellationToken) =>
        Write(scope => ConcurrencyLimits.Create(scope, limit), cancellationToken);

    public Task<GlobalConcurrencyLimit?> FindConcurrencyLimitAsync(string name, CancellationToken cancellationToken) =>
        Read(scope => ConcurrencyLimits.Row(scope, name) is { } row ? ConcurrencyLimits.Seen(scope, row) : null, cancellationToken);

    public Task<IReadOnlyList<GlobalConcurrencyLimit>> ListConcurrencyLimitsAsync(ConcurrencyLimitsQuery query, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<GlobalConcurrencyLimit>>(
            scope => [.. ConcurrencyLimits.Rows(scope, Sql.Raw("1"), query).Select(row => ConcurrencyLimits.Seen(scope, row))], cancellationToken);

    public Task UpdateConcurrencyLimitAsync(string name, ConcurrencyLimitUpdate update, CancellationToken cancellationToken) => Write(
        scope => ConcurrencyLimits.Update(scope, ConcurrencyLimits.Row(scope, name) ?? throw Refuse.NotFound("Concurrency Limit not found"), update), cancellationToken);

    public Task<bool> DeleteConcurrencyLimitAsync(string name, CancellationToken cancellationToken) =>
        Write(scope => ConcurrencyLimits.Row(scope, name) is { } row && ConcurrencyLimits.Delete(scope, row.Id), cancellationToken);

    public Task<SlotsAnswer> AcquireSlotsAsync(SlotsAcquire slots, CancellationToken cancellationToken) =>
        Write(scope => ConcurrencySlots.Acquire(scope, slots, leased: true), cancellationToken);

    public Task<SlotsAnswer> TakeSlotsAsync(SlotsAcquire slots, CancellationToken cancellationToken) =>
        Write(scope => ConcurrencySlots.Acquire(scope, slots, leased: false), cancellationToken);

    public Task<IReadOnlyList<SlotsLimit>> GiveSlotsAsync(SlotsRelease slots, CancellationToken cancellationToken) =>
        Write(scope => ConcurrencySlots.Give(scope, slots), cancellationToken);

    public Task ReleaseSlotsAsync(Guid leaseId, CancellationToken cancellationToken) => Write(scope => ConcurrencySlots.Release(scope, leaseId), cancellationToken);

    public Task<bool> RenewSlotsAsync(Guid leaseId, TimeSpan lease, CancellationToken cancellationToken) =>
        Write(scope => ConcurrencySlots.Renew(scope, leaseId, lease), cancellationToken);
}
