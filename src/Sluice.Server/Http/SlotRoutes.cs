using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Http;

/// <summary>Which runs take up the slots of pools and queues, as <c>prefect work-pool slots</c> and <c>prefect work-queue slots</c> ask.</summary>
internal static class SlotRoutes
{
    private const int RunsOfEach = 10;

    /// <summary>Prefect's <c>SLOT_OCCUPYING_STATES</c>.</summary>
    private static readonly StateType[] s_occupying = [StateType.Pending, StateType.Running];

    public static void Map(ApiRoutes routes, IWorkQueues queues)
    {
        routes.Post("/work_queues/{id:guid}/concurrency_status", async request =>
        {
            QueueSlotsQuery query = await request.BodyAsync(ServerJson.Default.QueueSlotsQuery);
            if (await queues.ReadWorkQueueAsync(request.Id(), request.Aborted) is not { } queue)
                return Answer.Problem(StatusCodes.Status404NotFound, "Work queue not found.");
            int page = query.Page ?? 1, limit = Refuse.BadPage(query.Limit, null).Limit;
            FlowRunsQuery holders = Holders() with { WorkPoolQueues = new() { Id = new() { Any = [queue.Id] } } };
            int count = await request.Api.CountFlowRunsAsync(holders, request.Aborted);
            return Answer.Ok(new QueueSlotStatus
            {
                ActiveSlots = count,
                ConcurrencyLimit = queue.ConcurrencyLimit,
                FlowRuns = await RunsAsync(request, holders with { Limit = limit, Offset = Paging.Offset(page, limit) }),
                Count = count,
                Limit = limit,
                Pages = Pages(count, limit),
                Page = page,
            });
        });
        routes.Post("/work_pools/{name}/concurrency_status", async request =>
        {
            PoolSlotsQuery query = await request.BodyAsync(ServerJson.Default.PoolSlotsQuery);
            if (await request.Api.FindWorkPoolAsync(request.Name(), request.Aborted) is not { } pool)
                return Answer.Problem(StatusCodes.Status404NotFound, $"Work pool '{request.Name()}' not found.");
            int page = query.Page ?? 1, limit = Refuse.BadPage(query.Limit, null).Limit;
            FlowRunsQuery holders = Holders() with { WorkPools = new() { Name = new() { Any = [pool.Name] } } };
            IReadOnlyList<WorkQueue> all = await request.Api.ListWorkQueuesAsync(pool.Name, request.Aborted);
            var shown = new List<QueueSlots>();
            foreach (WorkQueue queue in all.Skip(Paging.Offset(page, limit)).Take(limit))
            {
                FlowRunsQuery ofQueue = holders with { WorkPoolQueues = new() { Id = new() { Any = [queue.Id] } } };
                int active = await request.Api.CountFlowRunsAsync(ofQueue, request.Aborted);
                shown.Add(new()
                {
                    QueueId = queue.Id,
                    QueueName = queue.Name,
                    ActiveSlots = active,
                    ConcurrencyLimit = queue.ConcurrencyLimit,
                    FlowRuns = active == 0 ? [] : await RunsAsync(request, ofQueue with { Limit = query.FlowRunLimit ?? RunsOfEach }),
                    FlowRunCount = active,
                });
            }

            return Answer.Ok(new PoolSlotStatus
            {
                ActiveSlots = await request.Api.CountFlowRunsAsync(holders, request.Aborted),
                ConcurrencyLimit = pool.ConcurrencyLimit,
                Queues = shown,
                Count = all.Count,
                Limit = limit,
                Pages = Pages(all.Count, limit),
                Page = page,
            });
        });
    }

    private static FlowRunsQuery Holders() => new() { FlowRuns = new() { State = new() { Type = new() { Any = s_occupying } } }, Sort = "ID_DESC" };

    private static async Task<IReadOnlyList<SlotHolder>> RunsAsync(ApiRequest request, FlowRunsQuery query) =>
        query.Limit == 0 ? [] : [.. (await request.Api.ListFlowRunsAsync(query, request.Aborted)).Select(run => SlotHolder.Of(run, request.Time.GetUtcNow()))];

    private static int Pages(int count, int limit) => limit > 0 ? (count + limit - 1) / limit : 0;
}
