using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Server.Store;

namespace Sluice.Server.Http;

/// <summary>Prefect's older routes of concurrency limits, by tag.</summary>
internal static class TagLimitRoutes
{
    private const string Prefix = "/concurrency_limits";
    private const string Missing = "Concurrency limit not found";

    /// <summary>Prefect's <c>tag_concurrency_slot_wait_seconds</c>.</summary>
    private const string RetryAfter = "30";

    public static void Map(ApiRoutes routes, EmbeddedStore store)
    {
        routes.Post(Prefix + "/", async request =>
        {
            TagLimitCreate body = await request.BodyAsync(ServerJson.Default.TagLimitCreate);
            TagLimit limit = await store.Write(scope => TagLimits.Set(scope, body), request.Aborted);
            return Answer.CreatedOrOk(limit, limit.Created >= request.Started);
        });
        routes.Post(Prefix + "/filter", async request =>
        {
            ConcurrencyLimitsQuery query = await request.BodyAsync(OrchestrationJson.Default.ConcurrencyLimitsQuery);
            return Answer.Ok<IReadOnlyList<TagLimit>>(await store.Read(scope => TagLimits.List(scope, query), request.Aborted));
        });
        routes.Get(Prefix + "/{id:guid}", async request => Answer.OkOrMissing(
            await store.Read(scope => TagLimits.Find(scope, request.Id()) is { } row ? TagLimits.Seen(scope, row) : null, request.Aborted), Missing));
        routes.Get(Prefix + "/tag/{name}", async request => Answer.OkOrMissing(
            await store.Read(scope => TagLimits.Find(scope, request.Name()) is { } row ? TagLimits.Seen(scope, row) : null, request.Aborted), Missing));
        routes.Delete(Prefix + "/{id:guid}", async request => Done(
            await store.Write(scope => TagLimits.Find(scope, request.Id()) is { } row && ConcurrencyLimits.Delete(scope, row.Id), request.Aborted)));
        routes.Delete(Prefix + "/tag/{name}", async request => Done(
            await store.Write(scope => TagLimits.Find(scope, request.Name()) is { } row && ConcurrencyLimits.Delete(scope, row.Id), request.Aborted)));
        routes.Post(Prefix + "/tag/{name}/reset", async request =>
        {
            TagLimitReset body = await request.BodyAsync(ServerJson.Default.TagLimitReset);
            return Done(await store.Write(scope => TagLimits.Reset(scope, request.Name(), body.SlotOverride ?? []), request.Aborted));
        });
        routes.Post(Prefix + "/increment", async request =>
        {
            TagSlots body = await request.BodyAsync(ServerJson.Default.TagSlots);
            var (taken, refusal) = await store.Write(scope => TagLimits.Take(scope, body), request.Aborted);
            if (refusal is null)
            {
                return Answer.Ok(taken);
            }

            request.Http.Response.Headers.RetryAfter = RetryAfter;
            return Answer.Problem(StatusCodes.Status423Locked, refusal);
        });
        routes.Post(Prefix + "/decrement", async request =>
        {
            TagSlots body = await request.BodyAsync(ServerJson.Default.TagSlots);
            return Answer.Ok(await store.Write(scope => TagLimits.Give(scope, body), request.Aborted));
        });
    }

    private static Answer Done(bool done) => done ? Answer.Null : Answer.Problem(StatusCodes.Status404NotFound, Missing);
}
