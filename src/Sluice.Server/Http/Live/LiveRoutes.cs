using Sluice.Orchestration;
using Sluice.Server.Events;

namespace Sluice.Server.Http.Live;

/// <summary>The sockets of a server over one store, and the feeds that they share.</summary>
internal static class LiveRoutes
{
    public static void Map(ApiRoutes routes, IOrchestrationApi api, IEvents events, SocketDoor door, ApiHostOptions options)
    {
        LiveFeed<ServerEvent> eventFeed = new(
            async (after, limit, ended) => [.. (await events.EventsAfterAsync(after, limit, ended)).Select(one => new LiveItem<ServerEvent>(one.Seq, one, StreamRoutes.Json(one)))],
            events.NewestEventAsync, api.WaitForChangeAsync, options.Report);
        LiveFeed<Log> logFeed = new(
            async (after, limit, ended) => [.. (await events.LogsAfterAsync(after, limit, ended)).Select(one => new LiveItem<Log>(one.Seq, one.Log, Answer.Ok(one.Log).Json!))],
            events.NewestLogAsync, api.WaitForChangeAsync, options.Report);
        new StreamRoutes(api, events, eventFeed, logFeed, door, options.Time).Map(routes);
        routes.Socket("/work_pools/{name}/workers/connect", new WorkerChannel(api, eventFeed, door, options).ServeAsync);
    }
}
