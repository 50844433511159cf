using Sluice.Orchestration;

namespace Sluice.Server.Events;

/// <summary>The events and logs of a server, as its routes and sockets need them: past ones by filter, new ones in the order of their commits.</summary>
internal interface IEvents
{
    /// <summary>One page of the events that a filter includes, in its order, and how many there are in all.</summary>
    Task<(IReadOnlyList<ServerEvent> Page, int Total)> ListEventsAsync(EventFilter filter, int limit, int offset, CancellationToken cancellationToken);

    /// <summary>Every event that a filter includes, in its order, a page of the table at a time.</summary>
    IAsyncEnumerable<ServerEvent> ScanEventsAsync(EventFilter filter, CancellationToken cancellationToken);

    /// <summary>Events committed after <paramref name="seq"/>, in the order of their commits.</summary>
    Task<IReadOnlyList<ServerEvent>> EventsAfterAsync(long seq, int limit, CancellationToken cancellationToken);

    /// <summary>The newest event's place, 0 without any.</summary>
    Task<long> NewestEventAsync(CancellationToken cancellationToken);

    /// <summary>Logs committed after <paramref name="seq"/>, in the order of their commits.</summary>
    Task<IReadOnlyList<(long Seq, Log Log)>> LogsAfterAsync(long seq, int limit, CancellationToken cancellationToken);

    /// <summary>The newest log's place, 0 without any.</summary>
    Task<long> NewestLogAsync(CancellationToken cancellationToken);
}
