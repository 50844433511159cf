using Sluice.Orchestration;
using Sluice.Orchestration.Json;

namespace Sluice.Server.Http;

/// <summary>The routes of flows.</summary>
internal static class FlowRoutes
{
    private const string Missing = "Flow not found";

    private static OrchestrationJson Json => OrchestrationJson.Default;

    public static void Map(ApiRoutes routes)
    {
        routes.Post("/flows/", async request =>
        {
            Flow flow = await request.Api.EnsureFlowAsync(await request.BodyAsync(Json.FlowCreate), request.Aborted);
            return Answer.CreatedOrOk(flow, flow.Created >= request.Started);
        });
        routes.Get("/flows/{id:guid}", async request => Answer.OkOrMissing(await request.Api.ReadFlowAsync(request.Id(), request.Aborted), Missing));
        routes.Get("/flows/name/{name}", async request => Answer.OkOrMissing(await request.Api.FindFlowAsync(request.Name(), request.Aborted), Missing));
        routes.Patch("/flows/{id:guid}", async request =>
        {
            await request.Api.UpdateFlowAsync(request.Id(), await request.BodyAsync(Json.FlowUpdate), request.Aborted);
            return Answer.NoContent;
        });
        routes.Delete("/flows/{id:guid}", async request => Answer.DeletedOrMissing(await request.Api.DeleteFlowAsync(request.Id(), request.Aborted), Missing));
        routes.Post("/flows/filter", async request => Answer.Ok(await request.Api.ListFlowsAsync(await request.BodyAsync(Json.FlowsQuery), request.Aborted)));
        routes.Post("/flows/count", async request =>
        {
            FlowsQuery query = await request.BodyAsync(Json.FlowsQuery);
            return Answer.Ok(await Paging.CountAsync((limit, offset) => request.Api.ListFlowsAsync(query with { Limit = limit, Offset = offset }, request.Aborted)));
        });
        routes.Post("/flows/paginate", async request =>
        {
            var (query, page) = await request.BodyWithPageAsync(Json.FlowsQuery);
            return await Paging.PageAsync(page, query.Limit, (limit, offset) => request.Api.ListFlowsAsync(query with { Limit = limit, Offset = offset }, request.Aborted));
        });
    }
}
