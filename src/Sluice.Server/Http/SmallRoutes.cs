using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Http;

/// <summary>Small families that Prefect's CLI and user interface ask for.</summary>
internal static class SmallRoutes
{
    /// <summary>Stored without being executed an automation would be a promise that nobody keeps.</summary>
    private const string NoAutomations = "Sluice's server does not execute automations, so it takes none. Run the flow by a schedule, or use a Prefect server.";

    private static readonly byte[] EmptyList = "[]"u8.ToArray();

    public static void Map(ApiRoutes routes, EmbeddedStore store)
    {
        MapAutomations(routes);
        MapSavedSearches(routes, store);
        routes.Get("/collections/views/{view}", request => Task.FromResult(CollectionViews.Find(request.Name("view")) is { } view
            ? new Answer(StatusCodes.Status200OK, view)
            : Answer.Problem(StatusCodes.Status404NotFound, $"View {request.Name("view")} not found in registry")));
        routes.Get("/block_capabilities/", async request => Answer.Ok<IReadOnlyList<string>>(await store.Read(
            scope => scope.Db.Query($"SELECT DISTINCT value FROM block_schema, json_each(capabilities) ORDER BY value", row => row.Text()), request.Aborted)));
        routes.Post("/ui/flow_runs/count-task-runs", async request =>
        {
            RunIds body = await request.BodyAsync(ServerJson.Default.RunIds);
            if (body.FlowRunIds.Count > Paging.MaxLimit)
            {
                throw new OrchestrationException(OrchestrationErrorKind.Invalid, string.Create(CultureInfo.InvariantCulture, $"At most {Paging.MaxLimit} flow runs are counted at once."));
            }

            var counts = await store.Read(scope => scope.Db.Query($"""
                SELECT t.flow_run_id, COUNT(*) FROM task_run t WHERE t.flow_run_id IN ({Sql.List(body.FlowRunIds)}) GROUP BY t.flow_run_id
                """, row => (Id: row.Id(), Count: row.Int())), request.Aborted);
            IReadOnlyDictionary<string, int> known = counts.ToDictionary(count => count.Id.ToString(), count => count.Count);
            return Answer.Ok<IReadOnlyDictionary<string, int>>(body.FlowRunIds.Distinct().ToDictionary(id => id.ToString(), id => known.GetValueOrDefault(id.ToString())));
        });
    }

    private static void MapAutomations(ApiRoutes routes)
    {
        Task<Answer> None(ApiRequest request) => Task.FromResult(new Answer(StatusCodes.Status200OK, EmptyList));
        Task<Answer> Missing(ApiRequest request) => Task.FromResult(Answer.Problem(StatusCodes.Status404NotFound, "Automation not found"));
        Task<Answer> Refused(ApiRequest request) => Task.FromResult(Answer.Problem(StatusCodes.Status501NotImplemented, NoAutomations));
        routes.Post("/automations/", Refused);
        routes.Post("/automations/filter", async request =>
        {
            await request.BodyAsync(ServerJson.Default.AutomationsQuery);
            return await None(request);
        });
        routes.Post("/automations/count", _ => Task.FromResult(Answer.Ok(0)));
        routes.Get("/automations/related-to/{resource}", None);
        routes.Delete("/automations/owned-by/{resource}", _ => Task.FromResult(Answer.Null with { Status = StatusCodes.Status202Accepted }));
        routes.Get("/automations/{id:guid}", Missing);
        routes.Put("/automations/{id:guid}", Missing);
        routes.Patch("/automations/{id:guid}", Missing);
        routes.Delete("/automations/{id:guid}", Missing);
    }

    private static void MapSavedSearches(ApiRoutes routes, EmbeddedStore store)
    {
        const string missing = "Saved search not found";
        routes.Put("/saved_searches/", async request =>
        {
            SavedSearchCreate body = await request.BodyAsync(ServerJson.Default.SavedSearchCreate);
            SavedSearch search = await store.Write(scope => SavedSearches.Put(scope, body), request.Aborted);
            return Answer.CreatedOrOk(search, search.Created >= request.Started);
        });
        routes.Get("/saved_searches/{id:guid}", async request => Answer.OkOrMissing(await store.Read(scope => SavedSearches.Read(scope, request.Id()), request.Aborted), missing));
        routes.Delete("/saved_searches/{id:guid}", async request => Answer.DeletedOrMissing(await store.Write(scope => SavedSearches.Delete(scope, request.Id()), request.Aborted), missing));
        routes.Post("/saved_searches/filter", async request =>
        {
            Everything page = await request.BodyAsync(ServerJson.Default.Everything);
            return Answer.Ok<IReadOnlyList<SavedSearch>>(await store.Read(scope => SavedSearches.List(scope, page), request.Aborted));
        });
    }
}

/// <summary>The body of <c>/ui/flow_runs/count-task-runs</c>.</summary>
internal sealed record RunIds
{
    public required IReadOnlyList<Guid> FlowRunIds { get; init; }
}

/// <summary>The body of <c>/automations/filter</c>.</summary>
internal sealed record AutomationsQuery
{
    public string? Sort { get; init; }

    public JsonElement? Automations { get; init; }

    public int? Limit { get; init; }

    public int? Offset { get; init; }
}
