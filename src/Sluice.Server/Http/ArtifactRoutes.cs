using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Server.Store;

namespace Sluice.Server.Http;

/// <summary>The routes of artifacts.</summary>
internal static class ArtifactRoutes
{
    private const string Missing = "Artifact not found.";

    private static OrchestrationJson Json => OrchestrationJson.Default;

    public static void Map(ApiRoutes routes, IArtifactCollections? collections)
    {
        routes.Post("/artifacts/", async request => Answer.Created(await request.Api.CreateArtifactAsync(await request.BodyAsync(Json.ArtifactCreate), request.Aborted)));
        routes.Get("/artifacts/{id:guid}", async request => Answer.OkOrMissing(await request.Api.ReadArtifactAsync(request.Id(), request.Aborted), Missing));
        routes.Patch("/artifacts/{id:guid}", async request =>
        {
            await request.Api.UpdateArtifactAsync(request.Id(), await request.BodyAsync(Json.ArtifactUpdate), request.Aborted);
            return Answer.NoContent;
        });
        routes.Delete("/artifacts/{id:guid}", async request => Answer.DeletedOrMissing(await request.Api.DeleteArtifactAsync(request.Id(), request.Aborted), Missing));
        routes.Get("/artifacts/{key}/latest", async request => Answer.OkOrMissing(await request.Api.FindLatestArtifactAsync(request.Name("key"), request.Aborted), Missing));
        routes.Post("/artifacts/filter", async request => Answer.Ok(await request.Api.ListArtifactsAsync(await request.BodyAsync(Json.ArtifactsQuery), request.Aborted)));
        if (collections is null)
        {
            return;
        }

        routes.Post("/artifacts/count", async request => Answer.Ok(await collections.CountArtifactsAsync(await request.BodyAsync(Json.ArtifactsQuery), request.Aborted)));
        routes.Post("/artifacts/latest/filter", async request => Answer.Ok(await collections.ListLatestArtifactsAsync(await request.BodyAsync(Json.ArtifactsQuery), request.Aborted)));
        routes.Post("/artifacts/latest/count", async request => Answer.Ok(await collections.CountLatestArtifactsAsync(await request.BodyAsync(Json.ArtifactsQuery), request.Aborted)));
    }
}
