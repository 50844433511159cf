using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Server.Store;

namespace Sluice.Server.Http;

/// <summary>The routes of artifacts.</summary>
internal static class ArtifactRoutes
{
    private const string Missing = "Artifact not found.";

    private static OrchestrationJson Json => OrchestrationJson.Default;

    public static void Map(ApiRoutes routes, EmbeddedStore? store)
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
        if (store is null)
        {
            routes.Post("/artifacts/filter", async request => Answer.Ok(await request.Api.ListArtifactsAsync(await request.BodyAsync(Json.ArtifactsQuery), request.Aborted)));
            return;
        }

        MapList(routes, store, "/artifacts/filter", (scope, body) => Answer.Ok<IReadOnlyList<Artifact>>(Artifacts.List(scope, body.Query, body.More)));
        MapList(routes, store, "/artifacts/count", (scope, body) => Answer.Ok(Artifacts.Count(scope, body.Query, body.More)));
        MapList(routes, store, "/artifacts/latest/filter", (scope, body) => Answer.Ok<IReadOnlyList<ArtifactCollection>>(Artifacts.ListLatest(scope, body.Query, body.More)));
        MapList(routes, store, "/artifacts/latest/count", (scope, body) => Answer.Ok(Artifacts.CountLatest(scope, body.Query, body.More)));
    }

    private static void MapList(ApiRoutes routes, EmbeddedStore store, string path, Func<Scope, ArtifactsBody, Answer> answer) => routes.Post(path, async request =>
    {
        ArtifactsBody body = await request.BodyAsync(ServerJson.Default.ArtifactsBody);
        return await store.Read(scope => answer(scope, body), request.Aborted);
    });
}
