using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;

namespace Sluice.Server.Http;

/// <summary>The routes of variables.</summary>
internal static class VariableRoutes
{
    private const string Missing = "Variable not found.";

    private static OrchestrationJson Json => OrchestrationJson.Default;

    public static void Map(ApiRoutes routes)
    {
        routes.Post("/variables/", async request => Answer.Created(await request.Api.CreateVariableAsync(await request.BodyAsync(Json.VariableCreate), request.Aborted)));
        routes.Post("/variables/filter", async request => Answer.Ok(await request.Api.ListVariablesAsync(await request.BodyAsync(Json.VariablesQuery), request.Aborted)));
        routes.Post("/variables/count", async request =>
        {
            VariablesQuery query = await request.BodyAsync(Json.VariablesQuery);
            return Answer.Ok(await Paging.CountAsync((limit, offset) => request.Api.ListVariablesAsync(query with { Limit = limit, Offset = offset }, request.Aborted)));
        });
        routes.Get("/variables/{id:guid}", async request => Answer.OkOrMissing(await request.Api.ReadVariableAsync(request.Id(), request.Aborted), Missing));
        routes.Patch("/variables/{id:guid}", request => UpdateAsync(request, request.Id()));
        routes.Delete("/variables/{id:guid}", async request => Answer.DeletedOrMissing(await request.Api.DeleteVariableAsync(request.Id(), request.Aborted), Missing));
        routes.Get("/variables/name/{name}", async request => Answer.OkOrMissing(await FindAsync(request), Missing));
        routes.Patch("/variables/name/{name}", async request =>
            await FindAsync(request) is { } variable ? await UpdateAsync(request, variable.Id) : Answer.Problem(StatusCodes.Status404NotFound, Missing));
        routes.Delete("/variables/name/{name}", async request => Answer.DeletedOrMissing(
            await FindAsync(request) is { } variable && await request.Api.DeleteVariableAsync(variable.Id, request.Aborted), Missing));
    }

    private static Task<Variable?> FindAsync(ApiRequest request) => request.Api.FindVariableAsync(request.Name(), request.Aborted);

    private static async Task<Answer> UpdateAsync(ApiRequest request, Guid id)
    {
        await request.Api.UpdateVariableAsync(id, await request.BodyAsync(Json.VariableUpdate), request.Aborted);
        return Answer.NoContent;
    }
}
