using Sluice.Orchestration;
using Sluice.Orchestration.Json;

namespace Sluice.Server.Http;

/// <summary>The routes of deployments and their schedules.</summary>
internal static class DeploymentRoutes
{
    private const string Missing = "Deployment not found";

    private static OrchestrationJson Json => OrchestrationJson.Default;

    public static void Map(ApiRoutes routes)
    {
        routes.Post("/deployments/", async request =>
        {
            Deployment deployment = await request.Api.UpsertDeploymentAsync(await request.BodyAsync(Json.DeploymentCreate), request.Aborted);
            return Answer.CreatedOrOk(deployment, deployment.Created >= request.Started);
        });
        routes.Patch("/deployments/{id:guid}", async request =>
        {
            await request.Api.UpdateDeploymentAsync(request.Id(), await request.BodyAsync(Json.DeploymentUpdate), request.Aborted);
            return Answer.NoContent;
        });
        routes.Get("/deployments/{id:guid}", async request => Answer.OkOrMissing(await request.Api.ReadDeploymentAsync(request.Id(), request.Aborted), Missing));
        routes.Get("/deployments/name/{flow}/{name}", async request => Answer.OkOrMissing(await request.Api.FindDeploymentAsync(request.Name("flow"), request.Name(), request.Aborted), Missing));
        routes.Delete("/deployments/{id:guid}", async request => Answer.DeletedOrMissing(await request.Api.DeleteDeploymentAsync(request.Id(), request.Aborted), Missing));
        MapLists(routes);
        MapSchedules(routes);

        routes.Post("/deployments/{id:guid}/create_flow_run", async request =>
        {
            FlowRun run = await request.Api.CreateDeploymentRunAsync(request.Id(), await request.BodyAsync(Json.DeploymentRunCreate), request.Aborted);
            return Answer.CreatedOrOk(run, run.Created >= request.Started);
        });
        routes.Post("/deployments/get_scheduled_flow_runs", async request =>
            Answer.Ok(await request.Api.GetScheduledRunsOfDeploymentsAsync(await request.BodyAsync(Json.DeploymentRunsQuery), request.Aborted)));
        routes.Post("/deployments/{id:guid}/schedule", async request =>
        {
            await request.Api.ScheduleDeploymentAsync(request.Id(), await request.BodyAsync(Json.Backfill), request.Aborted);
            return Answer.Null;
        });
    }

    private static void MapLists(ApiRoutes routes)
    {
        routes.Post("/deployments/filter", async request => Answer.Ok(await request.Api.ListDeploymentsAsync(await request.BodyAsync(Json.DeploymentsQuery), request.Aborted)));
        routes.Post("/deployments/count", async request =>
        {
            DeploymentsQuery query = await request.BodyAsync(Json.DeploymentsQuery);
            return Answer.Ok(await Paging.CountAsync((limit, offset) => request.Api.ListDeploymentsAsync(query with { Limit = limit, Offset = offset }, request.Aborted)));
        });
        routes.Post("/deployments/paginate", async request =>
        {
            var (query, page) = await request.BodyWithPageAsync(Json.DeploymentsQuery);
            return await Paging.PageAsync(page, query.Limit, (limit, offset) => request.Api.ListDeploymentsAsync(query with { Limit = limit, Offset = offset }, request.Aborted));
        });
    }

    private static void MapSchedules(ApiRoutes routes)
    {
        foreach (bool paused in (ReadOnlySpan<bool>)[true, false])
        {
            routes.Post($"/deployments/{{id:guid}}/{(paused ? "pause_deployment" : "resume_deployment")}", async request =>
            {
                await request.Api.SetDeploymentPausedAsync(request.Id(), paused, request.Aborted);
                return Answer.Null;
            });
        }

        routes.Get("/deployments/{id:guid}/schedules", async request =>
            Answer.OkOrMissing((await request.Api.ReadDeploymentAsync(request.Id(), request.Aborted))?.Schedules, Missing));
        routes.Post("/deployments/{id:guid}/schedules", async request =>
            Answer.Created(await request.Api.CreateSchedulesAsync(request.Id(), await request.BodyAsync(Json.IReadOnlyListDeploymentScheduleCreate), request.Aborted)));
        routes.Patch("/deployments/{id:guid}/schedules/{schedule:guid}", async request =>
        {
            await request.Api.UpdateScheduleAsync(request.Id(), request.Id("schedule"), await request.BodyAsync(Json.DeploymentScheduleUpdate), request.Aborted);
            return Answer.NoContent;
        });
        routes.Delete("/deployments/{id:guid}/schedules/{schedule:guid}", async request =>
            Answer.DeletedOrMissing(await request.Api.DeleteScheduleAsync(request.Id(), request.Id("schedule"), request.Aborted), "Schedule not found."));
    }
}
