using System.Text.Json;
using Microsoft.AspNetCore.Http;
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
            (DeploymentCreate body, JsonElement sent) = await request.BodyAsSentAsync(Json.DeploymentCreate);
            Deployment deployment = await request.Api.UpsertDeploymentAsync(PrefectDeployment.AsStored(body, sent, request.Time), request.Aborted);
            return Answer.CreatedOrOk(deployment, deployment.Created >= request.Started);
        });
        routes.Patch("/deployments/{id:guid}", async request =>
        {
            (DeploymentUpdate body, JsonElement sent) = await request.BodyAsSentAsync(Json.DeploymentUpdate);
            if (await request.Api.ReadDeploymentAsync(request.Id(), request.Aborted) is null)
            {
                return Answer.Problem(StatusCodes.Status404NotFound, "Deployment not found.");
            }

            try
            {
                await request.Api.UpdateDeploymentAsync(request.Id(), PrefectDeployment.AsStored(body, sent, request.Time), request.Aborted);
            }
            catch (OrchestrationException unknown) when (IsOfTemplates(unknown))
            {
                return Answer.Problem(StatusCodes.Status400BadRequest, unknown.Message);
            }

            return Answer.NoContent;
        });
        routes.Get("/deployments/{id:guid}", async request => Answer.OkOrMissing(await request.Api.ReadDeploymentAsync(request.Id(), request.Aborted), Missing));
        routes.Get("/deployments/name/{flow}/{name}", async request => Answer.OkOrMissing(await request.Api.FindDeploymentAsync(request.Name("flow"), request.Name(), request.Aborted), Missing));
        routes.Delete("/deployments/{id:guid}", async request => Answer.DeletedOrMissing(await request.Api.DeleteDeploymentAsync(request.Id(), request.Aborted), Missing));
        MapLists(routes);
        MapSchedules(routes);

        routes.Post("/deployments/{id:guid}/create_flow_run", async request =>
        {
            DeploymentRunCreate body = await request.BodyAsync(Json.DeploymentRunCreate);
            FlowRun run;
            try
            {
                run = await request.Api.CreateDeploymentRunAsync(request.Id(), body, request.Aborted);
            }
            catch (OrchestrationException unknown) when (IsOfTemplates(unknown))
            {
                return Answer.Problem(StatusCodes.Status400BadRequest, unknown.Message);
            }

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

    /// <summary>Values of templates that cannot be told: Prefect answers 400 to them alone.</summary>
    private static bool IsOfTemplates(OrchestrationException error) =>
        error.Kind == OrchestrationErrorKind.Invalid && error.Message.StartsWith("Error hydrating", StringComparison.Ordinal);

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
            Answer.OkOrMissing((await request.Api.ReadDeploymentAsync(request.Id(), request.Aborted)) is { } deployment ? WireAnswers.NewestFirst(deployment.Schedules) : null, Missing));
        routes.Post("/deployments/{id:guid}/schedules", async request =>
        {
            IReadOnlyList<DeploymentScheduleCreate> schedules = await request.BodyAsync(Json.IReadOnlyListDeploymentScheduleCreate);
            schedules = [.. schedules.Select(schedule => schedule with { Schedule = PrefectDeployment.AsStored(schedule.Schedule, request.Time) })];
            return Answer.Created(await request.Api.CreateSchedulesAsync(request.Id(), schedules, request.Aborted));
        });
        routes.Patch("/deployments/{id:guid}/schedules/{schedule:guid}", async request =>
        {
            DeploymentScheduleUpdate body = await request.BodyAsync(Json.DeploymentScheduleUpdate);
            body = body with { Schedule = body.Schedule is { } schedule ? PrefectDeployment.AsStored(schedule, request.Time) : null };
            await request.Api.UpdateScheduleAsync(request.Id(), request.Id("schedule"), body, request.Aborted);
            return Answer.NoContent;
        });
        routes.Delete("/deployments/{id:guid}/schedules/{schedule:guid}", async request =>
            Answer.DeletedOrMissing(await request.Api.DeleteScheduleAsync(request.Id(), request.Id("schedule"), request.Aborted), "Schedule not found."));
    }
}
