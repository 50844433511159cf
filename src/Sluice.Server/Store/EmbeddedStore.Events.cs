using System.Runtime.CompilerServices;
using Sluice.Orchestration;
using Sluice.Server.Events;

namespace Sluice.Server.Store;

/// <summary>Events, and what is live of them and of logs.</summary>
internal sealed partial class EmbeddedStore : IEvents
{
    public Task CreateEventsAsync(IReadOnlyList<EventCreate> events, CancellationToken cancellationToken) =>
        events.Count == 0 ? Task.CompletedTask : Write(scope => Events.Create(scope, events), cancellationToken);

    public async Task<(IReadOnlyList<ServerEvent> Page, int Total)> ListEventsAsync(EventFilter filter, int limit, int offset, CancellationToken cancellationToken)
    {
        if (filter.IsPlain)
            return await Read(scope => Events.List(scope, filter, limit, offset), cancellationToken).ConfigureAwait(false);
        var page = new List<ServerEvent>();
        int total = 0;
        await foreach (ServerEvent one in ScanEventsAsync(filter, cancellationToken).ConfigureAwait(false))
        {
            if (total++ >= offset && page.Count < limit)
                page.Add(one);
        }
        return (page, total);
    }

    public async IAsyncEnumerable<ServerEvent> ScanEventsAsync(EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        HashSet<string>? seen = filter.Distinct ? [] : null;
        ServerEvent? last = null;
        do
        {
            List<ServerEvent> page = await Read(scope => Events.Scan(scope, filter, last), cancellationToken).ConfigureAwait(false);
            foreach (ServerEvent one in page)
            {
                if (filter.Includes(one.Body) && seen?.Add(one.Body.Resource[ServerEvent.ResourceId]) != false)
                    yield return one;
            }
            last = page.Count > 0 ? page[^1] : null;
        }
        while (last is not null);
    }

    public Task<IReadOnlyList<ServerEvent>> EventsAfterAsync(long seq, int limit, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<ServerEvent>>(scope => Events.After(scope, seq, limit), cancellationToken);

    public Task<long> NewestEventAsync(CancellationToken cancellationToken) => Read(Events.Newest, cancellationToken);

    public Task<IReadOnlyList<(long Seq, Log Log)>> LogsAfterAsync(long seq, int limit, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<(long, Log)>>(scope => Logs.After(scope, seq, limit), cancellationToken);

    public Task<long> NewestLogAsync(CancellationToken cancellationToken) =>
        Read(scope => scope.Db.Number($"SELECT MAX(seq) FROM log") ?? 0, cancellationToken);
}
