using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Orchestration.Json;
using Sluice.Server.Store;

namespace Sluice.Server.Http;

/// <summary>The routes of concurrency limits and their slots.</summary>
internal static class ConcurrencyRoutes
{
    private const string Prefix = "/v2/concurrency_limits";
    private const string Missing = "Concurrency Limit not found";
    private const double DefaultLease = 300;

    private static OrchestrationJson Json => OrchestrationJson.Default;

    public static void Map(ApiRoutes routes, EmbeddedStore? store)
    {
        routes.Post(Prefix + "/", async request =>
        {
            ConcurrencyLimitCreate body = await request.BodyAsync(Json.ConcurrencyLimitCreate);
            GlobalConcurrencyLimit limit = await request.Api.CreateConcurrencyLimitAsync(body, request.Aborted);
            return Answer.Created(new CreatedLimit
            {
                Id = limit.Id,
                Created = limit.Created,
                Updated = limit.Updated,
                Active = limit.Active,
                Name = limit.Name,
                Limit = limit.Limit,
                ActiveSlots = limit.ActiveSlots,
                DeniedSlots = body.DeniedSlots ?? 0,
                SlotDecayPerSecond = limit.SlotDecayPerSecond,
                AvgSlotOccupancySeconds = ConcurrencyLimits.FirstOccupancy,
            });
        });
        routes.Post(Prefix + "/filter", async request => Answer.Ok(await request.Api.ListConcurrencyLimitsAsync(await request.BodyAsync(Json.ConcurrencyLimitsQuery), request.Aborted)));
        routes.Get(Prefix + "/{name}", async request => Answer.OkOrMissing(
            Id(request, store) is { } id
                ? await store!.Read(scope => ConcurrencyLimits.Row(scope, id) is { } row ? ConcurrencyLimits.Seen(scope, row) : null, request.Aborted)
                : await request.Api.FindConcurrencyLimitAsync(request.Name(), request.Aborted), Missing));
        routes.Patch(Prefix + "/{name}", async request =>
        {
            ConcurrencyLimitUpdate update = await request.BodyAsync(Json.ConcurrencyLimitUpdate);
            if (Id(request, store) is { } id)
            {
                await store!.Write(scope => ConcurrencyLimits.Update(scope, ConcurrencyLimits.Row(scope, id) ?? throw Refuse.NotFound(Missing), update), request.Aborted);
                return Answer.NoContent;
            }

            await request.Api.UpdateConcurrencyLimitAsync(request.Name(), update, request.Aborted);
            return Answer.NoContent;
        });
        routes.Delete(Prefix + "/{name}", async request => Answer.DeletedOrMissing(
            Id(request, store) is { } id ? await store!.Write(scope => ConcurrencyLimits.Delete(scope, id), request.Aborted) : await request.Api.DeleteConcurrencyLimitAsync(request.Name(), request.Aborted), Missing));
        MapSlots(routes);
    }

    private static void MapSlots(ApiRoutes routes)
    {
        routes.Post(Prefix + "/increment", async request =>
        {
            SlotsAnswer slots = await request.Api.TakeSlotsAsync(await request.BodyAsync(Json.SlotsAcquire), request.Aborted);
            return slots.Acquired ? Answer.Ok(slots.Limits) : Locked(request, slots);
        });
        routes.Post(Prefix + "/increment-with-lease", async request =>
        {
            SlotsAnswer slots = await request.Api.AcquireSlotsAsync(await request.BodyAsync(Json.SlotsAcquire), request.Aborted);
            return slots.Acquired ? Answer.Ok(new LeasedSlots { LeaseId = slots.LeaseId!.Value, Limits = slots.Limits }) : Locked(request, slots);
        });
        routes.Post(Prefix + "/decrement", async request => Answer.Ok(await request.Api.GiveSlotsAsync(await request.BodyAsync(Json.SlotsRelease), request.Aborted)));
        routes.Post(Prefix + "/decrement-with-lease", async request =>
        {
            await request.Api.ReleaseSlotsAsync((await request.BodyAsync(WireJson.Default.SlotsLeaseBody)).LeaseId, request.Aborted);
            return Answer.NoContent;
        });
        routes.Post(Prefix + "/leases/{id:guid}/renew", async request =>
        {
            TimeSpan lease = TimeSpan.FromSeconds(Math.Clamp((await request.BodyAsync(WireJson.Default.SlotsRenewal)).LeaseDuration ?? DefaultLease, 0, TimeSpan.MaxValue.TotalSeconds / 2));
            return await request.Api.RenewSlotsAsync(request.Id(), lease, request.Aborted)
                ? Answer.NoContent
                : Answer.Problem(StatusCodes.Status410Gone, "Lease not found - it may have expired or been revoked");
        });
    }

    /// <summary>What looks like an id is one, as with Prefect.</summary>
    private static Guid? Id(ApiRequest request, EmbeddedStore? store) => store is not null && Guid.TryParse(request.Name(), CultureInfo.InvariantCulture, out Guid id) ? id : null;

    private static Answer Locked(ApiRequest request, SlotsAnswer slots)
    {
        request.Http.Response.Headers.RetryAfter = slots.RetryAfter.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        return Answer.Problem(StatusCodes.Status423Locked, "Locked");
    }
}
