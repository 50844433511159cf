using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server.Store;
using Sluice.Server.Tasks;

namespace Sluice.Server.Http;

/// <summary>The routes of task runs, which Prefect's Python programs report and its clients read.</summary>
internal static class TaskRunRoutes
{
    private const string Missing = "Task not found";

    private static readonly string[] NotInPages =
    [
        "dynamic_key", "cache_key", "cache_expiration", "labels", "state_type", "state_name", "run_count", "flow_run_run_count", "expected_start_time",
        "next_scheduled_start_time",
    ];

    public static void Map(ApiRoutes routes, EmbeddedStore store)
    {
        routes.Post("/task_runs/", async request =>
        {
            TaskRunCreate body = await request.BodyAsync(ServerJson.Default.TaskRunCreate);
            TaskRun run = await store.Write(scope => TaskRuns.Create(scope, body), request.Aborted);
            return Answer.CreatedOrOk(run, run.Created >= request.Started);
        });
        routes.Get("/task_runs/{id:guid}", async request => Answer.OkOrMissing(await store.Read(scope => TaskRuns.Read(scope, request.Id()), request.Aborted), Missing));
        routes.Patch("/task_runs/{id:guid}", async request =>
        {
            TaskRunUpdate body = await request.BodyAsync(ServerJson.Default.TaskRunUpdate);
            return Answer.DeletedOrMissing(await store.Write(scope => TaskRuns.Update(scope, request.Id(), body), request.Aborted), "Task run not found");
        });
        routes.Delete("/task_runs/{id:guid}", async request => Answer.DeletedOrMissing(await store.Write(scope => TaskRuns.Delete(scope, request.Id()), request.Aborted), Missing));
        routes.Post("/task_runs/filter", async request =>
        {
            TaskRunsQuery query = await request.BodyAsync(ServerJson.Default.TaskRunsQuery);
            return Answer.Ok<IReadOnlyList<TaskRun>>(await store.Read(scope => TaskRuns.List(scope, query), request.Aborted));
        });
        routes.Post("/task_runs/count", async request =>
        {
            TaskRunsQuery query = await request.BodyAsync(ServerJson.Default.TaskRunsQuery);
            return Answer.Ok(await store.Read(scope => TaskRuns.Count(scope, query), request.Aborted));
        });
        routes.Post("/task_runs/paginate", async request =>
        {
            (TaskRunsQuery query, int page) = await request.BodyWithPageAsync(ServerJson.Default.TaskRunsQuery);
            int limit = query.Limit ?? Paging.MaxLimit;
            (List<TaskRun> runs, int count) = await store.Read(
                scope => (TaskRuns.List(scope, query with { Limit = limit, Offset = Paging.Offset(page, limit) }), TaskRuns.Count(scope, query)), request.Aborted);
            return Answer.Page<JsonElement>([.. runs.Select(InPage)], count, limit, page);
        });
        routes.Post("/task_runs/history", async request =>
        {
            HistoryQuery query = await request.BodyAsync(ServerJson.Default.HistoryQuery);
            return Answer.Ok<IReadOnlyList<HistoryInterval>>(await store.Read(scope => RunHistory.OfTaskRuns(scope, query), request.Aborted));
        });
        MapStates(routes, store);
    }

    /// <summary>Prefect answers less of a task run in pages.</summary>
    private static JsonElement InPage(TaskRun run)
    {
        JsonObject members = JsonSerializer.SerializeToNode(run, WireAnswers.Options.GetTypeInfo(typeof(TaskRun)))!.AsObject();
        foreach (string name in NotInPages)
        {
            members.Remove(name);
        }

        return JsonElement.Parse(members.ToJsonString());
    }

    private static void MapStates(ApiRoutes routes, EmbeddedStore store)
    {
        routes.Post("/task_runs/{id:guid}/set_state", async request =>
        {
            SetStateBody body = await request.BodyAsync(WireJson.Default.SetStateBody);
            try
            {
                OrchestrationResult result = await store.Write(scope => TaskRunStates.Set(scope, request.Id(), body.State, body.Force), request.Aborted);
                return Answer.CreatedOrOk(result, result.State?.Timestamp >= request.Started);
            }
            catch (OrchestrationException missing) when (missing.Kind == OrchestrationErrorKind.NotFound)
            {
                return Answer.Exception(StatusCodes.Status404NotFound, missing.Message);
            }
        });
        routes.Get("/task_run_states/", async request => Guid.TryParse(request.Http.Request.Query["task_run_id"], CultureInfo.InvariantCulture, out Guid id)
            ? Answer.Ok<IReadOnlyList<State>>(await store.Read(scope => TaskRunStates.Of(scope, id), request.Aborted))
            : throw new BodyException([new("uuid_parsing", "query.task_run_id", "Input should be a valid UUID")]));
        routes.Get("/task_run_states/{id:guid}", async request => Answer.OkOrMissing(
            await store.Read(scope => TaskRunStates.Read(scope, request.Id()), request.Aborted), "Flow run state not found")); // Prefect's words
    }
}
