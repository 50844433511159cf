using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;

namespace Sluice.Server.Http;

/// <summary>The routes of named blocks: their types, schemas and documents.</summary>
internal static class BlockRoutes
{
    private const string MissingType = "Block type not found";
    private const string MissingSchema = "Block schema not found";
    private const string Missing = "Block document not found";

    private static OrchestrationJson Json => OrchestrationJson.Default;

    public static void Map(ApiRoutes routes)
    {
        MapTypes(routes);
        MapSchemas(routes);
        routes.Post("/block_documents/", async request =>
            Answer.Created(await request.Api.CreateBlockDocumentAsync(await request.BodyAsync(Json.BlockDocumentCreate), request.Aborted)));
        routes.Get("/block_documents/{id:guid}", async request =>
            Answer.OkOrMissing(await request.Api.ReadBlockDocumentAsync(request.Id(), IncludesSecrets(request), request.Aborted), Missing));
        routes.Get("/block_types/slug/{slug}/block_documents/name/{name}", async request => Answer.OkOrMissing(
            await request.Api.FindBlockDocumentAsync(request.Name("slug"), request.Name(), IncludesSecrets(request), request.Aborted), Missing));
        routes.Get("/block_types/slug/{slug}/block_documents", async request =>
        {
            BlockDocumentsQuery query = new() { BlockTypes = new() { Slug = new() { Any = [request.Name("slug")] } }, IncludeSecrets = IncludesSecrets(request) };
            return await request.Api.FindBlockTypeAsync(request.Name("slug"), request.Aborted) is null
                ? Answer.Problem(StatusCodes.Status404NotFound, MissingType)
                : Answer.Ok(await request.Api.ListBlockDocumentsAsync(query, request.Aborted));
        });
        routes.Patch("/block_documents/{id:guid}", async request =>
        {
            await request.Api.UpdateBlockDocumentAsync(request.Id(), await request.BodyAsync(Json.BlockDocumentUpdate), request.Aborted);
            return Answer.NoContent;
        });
        routes.Delete("/block_documents/{id:guid}", async request => Answer.DeletedOrMissing(await request.Api.DeleteBlockDocumentAsync(request.Id(), request.Aborted), Missing));
        routes.Post("/block_documents/filter", async request =>
            Answer.Ok(await request.Api.ListBlockDocumentsAsync(await request.BodyAsync(Json.BlockDocumentsQuery), request.Aborted)));
        routes.Post("/block_documents/count", async request =>
        {
            BlockDocumentsQuery query = await request.BodyAsync(Json.BlockDocumentsQuery);
            return Answer.Ok(await Paging.CountAsync((limit, offset) => request.Api.ListBlockDocumentsAsync(query with { Limit = limit, Offset = offset }, request.Aborted)));
        });
    }

    private static void MapTypes(ApiRoutes routes)
    {
        routes.Post("/block_types/", async request => Answer.Created(await request.Api.CreateBlockTypeAsync(await request.BodyAsync(Json.BlockTypeCreate), request.Aborted)));
        routes.Get("/block_types/slug/{slug}", async request => Answer.OkOrMissing(await request.Api.FindBlockTypeAsync(request.Name("slug"), request.Aborted), MissingType));
        routes.Get("/block_types/{id:guid}", async request =>
        {
            Guid id = request.Id();
            for (int offset = 0; ; offset += Paging.MaxLimit)
            {
                IReadOnlyList<BlockType> page = await request.Api.ListBlockTypesAsync(new() { Limit = Paging.MaxLimit, Offset = offset }, request.Aborted);
                if (page.Count < Paging.MaxLimit || page.Any(type => type.Id == id))
                {
                    return Answer.OkOrMissing(page.FirstOrDefault(type => type.Id == id), $"Block type with ID {id} not found");
                }
            }
        });
        routes.Patch("/block_types/{id:guid}", async request =>
        {
            await request.Api.UpdateBlockTypeAsync(request.Id(), await request.BodyAsync(Json.BlockTypeUpdate), request.Aborted);
            return Answer.NoContent;
        });
        routes.Delete("/block_types/{id:guid}", async request => Answer.DeletedOrMissing(await request.Api.DeleteBlockTypeAsync(request.Id(), request.Aborted), MissingType));
        routes.Post("/block_types/filter", async request => Answer.Ok(await request.Api.ListBlockTypesAsync(await request.BodyAsync(Json.BlockTypesQuery), request.Aborted)));
    }

    private static void MapSchemas(ApiRoutes routes)
    {
        routes.Post("/block_schemas/", async request =>
        {
            BlockSchema schema = await request.Api.EnsureBlockSchemaAsync(await request.BodyAsync(Json.BlockSchemaCreate), request.Aborted);
            return Answer.CreatedOrOk(schema, schema.Created >= request.Started);
        });
        routes.Get("/block_schemas/{id:guid}", async request =>
        {
            IReadOnlyList<BlockSchema> found = await request.Api.ListBlockSchemasAsync(new() { BlockSchemas = new() { Id = new() { Any = [request.Id()] } } }, request.Aborted);
            return Answer.OkOrMissing(found.FirstOrDefault(), MissingSchema);
        });
        routes.Get("/block_schemas/checksum/{checksum}", async request => Answer.OkOrMissing(
            await request.Api.FindBlockSchemaAsync(request.Name("checksum"), request.Http.Request.Query["version"].FirstOrDefault(), request.Aborted), MissingSchema));
        routes.Post("/block_schemas/filter", async request => Answer.Ok(await request.Api.ListBlockSchemasAsync(await request.BodyAsync(Json.BlockSchemasQuery), request.Aborted)));
    }

    private static bool IncludesSecrets(ApiRequest request) => request.Http.Request.Query["include_secrets"].FirstOrDefault()?.ToLowerInvariant() is "true" or "1";
}
