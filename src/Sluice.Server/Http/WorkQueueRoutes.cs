using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Server.Store;

namespace Sluice.Server.Http;

/// <summary>Prefect's legacy routes of work queues, which name them by id alone.</summary>
internal static class WorkQueueRoutes
{
    private const string Missing = "Work Queue not found";

    /// <summary>Prefect's <c>WorkQueueHealthPolicy</c>, by default.</summary>
    private const int LateAtMost = 0;

    private static OrchestrationJson Json => OrchestrationJson.Default;

    public static void Map(ApiRoutes routes, IWorkQueues queues)
    {
        routes.Post("/work_queues/", async request =>
            Answer.Created(await request.Api.CreateWorkQueueAsync(WorkPools.DefaultAgentPool, await request.BodyAsync(Json.WorkQueueCreate), request.Aborted)));
        routes.Post("/work_queues/filter", async request =>
            Answer.Ok(await queues.ListWorkQueuesAsync(await request.BodyAsync(ServerJson.Default.WorkQueuesQuery), request.Aborted)));
        routes.Get("/work_queues/name/{name}", async request =>
            Answer.OkOrMissing(await request.Api.FindWorkQueueAsync(WorkPools.DefaultAgentPool, request.Name(), request.Aborted), Missing));
        routes.Get("/work_queues/{id:guid}", request => WithAsync(request, queues, queue => Task.FromResult(Answer.Ok(queue))));
        routes.Patch("/work_queues/{id:guid}", async request =>
        {
            WorkQueueUpdate update = await UpdateAsync(request);
            return await WithAsync(request, queues, async queue =>
            {
                await request.Api.UpdateWorkQueueAsync(queue.WorkPoolName!, queue.Name, update, request.Aborted);
                return Answer.NoContent;
            });
        });
        routes.Delete("/work_queues/{id:guid}", request => WithAsync(request, queues, async queue =>
            Answer.DeletedOrMissing(await request.Api.DeleteWorkQueueAsync(queue.WorkPoolName!, queue.Name, request.Aborted), Missing)));
        routes.Post("/work_queues/{id:guid}/get_runs", async request =>
        {
            QueueRunsQuery query = await request.BodyAsync(ServerJson.Default.QueueRunsQuery);
            return await WithAsync(request, queues, async queue =>
            {
                ScheduledFlowRunsQuery due = new() { WorkQueueNames = [queue.Name], ScheduledBefore = query.ScheduledBefore, Limit = query.Limit };
                var runs = await request.Api.GetScheduledFlowRunsAsync(queue.WorkPoolName!, due, request.Aborted);
                return Answer.Ok<IReadOnlyList<FlowRun>>([.. runs.Select(run => run.FlowRun)]);
            });
        });
        routes.Get("/work_queues/{id:guid}/status", request => WithAsync(request, queues, async queue =>
        {
            FlowRunFilter late = new() { State = new() { Name = new() { Any = ["Late"] } } };
            int count = await request.Api.CountFlowRunsAsync(new() { FlowRuns = late, WorkPoolQueues = new() { Id = new() { Any = [queue.Id] } } }, request.Aborted);
            bool polled = queue.LastPolled + WorkQueues.PollMemory >= request.Time.GetUtcNow();
            return Answer.Ok(new WorkQueueHealth
            {
                Healthy = polled && count <= LateAtMost,
                LateRunsCount = count,
                LastPolled = queue.LastPolled,
                HealthCheckPolicy = new() { MaximumLateRuns = LateAtMost, MaximumSecondsSinceLastPolled = (int)WorkQueues.PollMemory.TotalSeconds },
            });
        }));
    }

    /// <summary>The body of a PATCH: a limit of null takes the limit away.</summary>
    public static async Task<WorkQueueUpdate> UpdateAsync(ApiRequest request)
    {
        (WorkQueueUpdate update, JsonElement sent) = await request.BodyAsSentAsync(Json.WorkQueueUpdate);
        return update with { ClearConcurrencyLimit = ApiRequest.IsNull(sent, "concurrency_limit") };
    }

    private static async Task<Answer> WithAsync(ApiRequest request, IWorkQueues queues, Func<WorkQueue, Task<Answer>> answer) =>
        await queues.ReadWorkQueueAsync(request.Id(), request.Aborted) is { } queue
            ? await answer(queue)
            : Answer.Problem(StatusCodes.Status404NotFound, Missing);
}
