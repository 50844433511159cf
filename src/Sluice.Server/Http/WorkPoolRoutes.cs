using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Server.Store;

namespace Sluice.Server.Http;

/// <summary>The routes of work pools, their queues and workers.</summary>
internal static class WorkPoolRoutes
{
    private static OrchestrationJson Json => OrchestrationJson.Default;

    public static void Map(ApiRoutes routes, IWorkQueues? all)
    {
        routes.Post("/work_pools/", async request => Answer.Created(await request.Api.CreateWorkPoolAsync(await request.BodyAsync(Json.WorkPoolCreate), request.Aborted)));
        routes.Get("/work_pools/{name}", async request => Answer.OkOrMissing(await request.Api.FindWorkPoolAsync(request.Name(), request.Aborted), Missing(request)));
        routes.Patch("/work_pools/{name}", async request =>
        {
            (WorkPoolUpdate update, JsonElement sent) = await request.BodyAsSentAsync(Json.WorkPoolUpdate);
            await request.Api.UpdateWorkPoolAsync(request.Name(), update with { ClearConcurrencyLimit = ApiRequest.IsNull(sent, "concurrency_limit") }, request.Aborted);
            return Answer.NoContent;
        });
        routes.Delete("/work_pools/{name}", async request => Answer.DeletedOrMissing(await request.Api.DeleteWorkPoolAsync(request.Name(), request.Aborted), Missing(request)));
        routes.Post("/work_pools/filter", async request => Answer.Ok(await request.Api.ListWorkPoolsAsync(await request.BodyAsync(Json.WorkPoolsQuery), request.Aborted)));
        routes.Post("/work_pools/count", async request =>
        {
            WorkPoolsQuery query = await request.BodyAsync(Json.WorkPoolsQuery);
            return Answer.Ok(await Paging.CountAsync((limit, offset) => request.Api.ListWorkPoolsAsync(query with { Limit = limit, Offset = offset }, request.Aborted)));
        });
        MapQueues(routes);
        if (all is not null)
        {
            WorkQueueRoutes.Map(routes, all);
            SlotRoutes.Map(routes, all);
            routes.Delete("/work_pools/{name}/workers/{worker}", async request =>
                Answer.DeletedOrMissing(await all.DeleteWorkerAsync(request.Name(), request.Name("worker"), request.Aborted), "Worker not found."));
        }

        routes.Post("/work_pools/{name}/workers/heartbeat", async request =>
        {
            await request.Api.HeartbeatWorkerAsync(request.Name(), await request.BodyAsync(Json.WorkerHeartbeat), request.Aborted);
            return Answer.NoContent;
        });
        routes.Post("/work_pools/{name}/workers/filter", async request =>
        {
            WorkersQuery query = await request.BodyAsync(ServerJson.Default.WorkersQuery);
            IReadOnlyList<WorkerInfo> workers = await request.Api.ListWorkersAsync(request.Name(), request.Aborted);
            return Answer.Ok<IReadOnlyList<WorkerInfo>>([.. workers.Where(worker => Matches(query.Workers, worker)).Skip(query.Offset ?? 0).Take(query.Limit ?? Paging.MaxLimit)]);
        });
        routes.Post("/work_pools/{name}/get_scheduled_flow_runs", async request =>
            Answer.Ok<IReadOnlyList<WorkerFlowRun>>([.. (await request.Api.GetScheduledFlowRunsAsync(request.Name(), await request.BodyAsync(Json.ScheduledFlowRunsQuery), request.Aborted)).Select(WireAnswers.ForWorker)]));
    }

    private static void MapQueues(ApiRoutes routes)
    {
        routes.Post("/work_pools/{name}/queues", async request =>
            Answer.Created(await request.Api.CreateWorkQueueAsync(request.Name(), await request.BodyAsync(Json.WorkQueueCreate), request.Aborted)));
        routes.Get("/work_pools/{name}/queues/{queue}", async request =>
            Answer.OkOrMissing(await request.Api.FindWorkQueueAsync(request.Name(), request.Name("queue"), request.Aborted), MissingQueue(request)));
        routes.Patch("/work_pools/{name}/queues/{queue}", async request =>
        {
            await request.Api.UpdateWorkQueueAsync(request.Name(), request.Name("queue"), await WorkQueueRoutes.UpdateAsync(request), request.Aborted);
            return Answer.NoContent;
        });
        routes.Delete("/work_pools/{name}/queues/{queue}", async request =>
            Answer.DeletedOrMissing(await request.Api.DeleteWorkQueueAsync(request.Name(), request.Name("queue"), request.Aborted), MissingQueue(request)));
        routes.Post("/work_pools/{name}/queues/filter", async request =>
        {
            WorkQueuesQuery query = await request.BodyAsync(ServerJson.Default.WorkQueuesQuery);
            IEnumerable<WorkQueue> queues = await request.Api.ListWorkQueuesAsync(request.Name(), request.Aborted);
            if (query.WorkQueues?.Name?.Any is { } names)
            {
                queues = queues.Where(queue => names.Contains(queue.Name));
            }

            if (query.WorkQueues?.Name?.StartsWith is { } starts)
            {
                queues = queues.Where(queue => starts.Any(start => queue.Name.StartsWith(start, StringComparison.OrdinalIgnoreCase)));
            }

            if (query.WorkQueues?.Id?.Any is { } ids)
            {
                queues = queues.Where(queue => ids.Contains(queue.Id));
            }

            return Answer.Ok<IReadOnlyList<WorkQueue>>([.. queues.Skip(query.Offset ?? 0).Take(query.Limit ?? Paging.MaxLimit)]);
        });
    }

    private static bool Matches(WorkerFilter? filter, WorkerInfo worker) =>
        !(filter?.Status?.Any?.Contains(worker.Status) == false) && !(filter?.Status?.NotAny?.Contains(worker.Status) == true)
            && !(worker.LastHeartbeatTime > filter?.LastHeartbeatTime?.Before) && !(worker.LastHeartbeatTime < filter?.LastHeartbeatTime?.After);

    private static string Missing(ApiRequest request) => $"Work pool \"{request.Name()}\" not found.";

    private static string MissingQueue(ApiRequest request) => $"Work pool queue '{request.Name()}/{request.Name("queue")}' not found.";
}
