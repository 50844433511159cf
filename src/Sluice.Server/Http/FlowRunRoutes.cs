using System.Globalization;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Orchestration.Json;
using Sluice.Server.Store;

namespace Sluice.Server.Http;

/// <summary>The routes of flow runs, their states and logs.</summary>
internal static class FlowRunRoutes
{
    private const string Missing = "Flow run not found";

    private static OrchestrationJson Json => OrchestrationJson.Default;

    public static void Map(ApiRoutes routes, IFlowRunDetails? details)
    {
        routes.Post("/flow_runs/", async request =>
        {
            FlowRun run = await request.Api.CreateFlowRunAsync(await request.BodyAsync(Json.FlowRunCreate), request.Aborted);
            return Answer.CreatedOrOk(run, run.Created >= request.Started);
        });
        routes.Get("/flow_runs/{id:guid}", async request => Answer.OkOrMissing(await request.Api.ReadFlowRunAsync(request.Id(), request.Aborted), Missing));
        routes.Patch("/flow_runs/{id:guid}", async request =>
        {
            await request.Api.UpdateFlowRunAsync(request.Id(), await request.BodyAsync(Json.FlowRunUpdate), request.Aborted);
            return Answer.NoContent;
        });
        routes.Delete("/flow_runs/{id:guid}", async request => Answer.DeletedOrMissing(await request.Api.DeleteFlowRunAsync(request.Id(), request.Aborted), Missing));
        routes.Post("/flow_runs/filter", async request => Answer.Ok(await request.Api.ListFlowRunsAsync(await request.BodyAsync(Json.FlowRunsQuery), request.Aborted)));
        routes.Post("/flow_runs/count", async request => Answer.Ok(await request.Api.CountFlowRunsAsync(await request.BodyAsync(Json.FlowRunsQuery), request.Aborted)));
        routes.Post("/flow_runs/paginate", async request =>
        {
            var (query, page) = await request.BodyWithPageAsync(Json.FlowRunsQuery);
            int limit = query.Limit ?? Paging.MaxLimit;
            var runs = await request.Api.ListFlowRunsAsync(query with { Limit = limit, Offset = Paging.Offset(page, limit) }, request.Aborted);
            return Answer.Page(runs, await request.Api.CountFlowRunsAsync(query, request.Aborted), limit, page);
        });
        MapStates(routes);
        if (details is not null)
        {
            routes.Patch("/flow_runs/{id:guid}/labels", async request =>
            {
                await details.UpdateFlowRunLabelsAsync(request.Id(), await request.BodyAsync(Json.IReadOnlyDictionaryStringJsonElement), request.Aborted);
                return Answer.NoContent;
            });
            routes.Get("/flow_run_states/{id:guid}", async request =>
                Answer.OkOrMissing(await details.ReadFlowRunStateAsync(request.Id(), request.Aborted), "Flow run state not found"));
        }

        routes.Post("/logs/", async request =>
        {
            await request.Api.CreateLogsAsync(await request.BodyAsync(Json.IReadOnlyListLogCreate), request.Aborted);
            return Answer.Null with { Status = 201 };
        });
        routes.Post("/logs/filter", async request => Answer.Ok(await request.Api.ListLogsAsync(await request.BodyAsync(Json.LogsQuery), request.Aborted)));
    }

    private static void MapStates(ApiRoutes routes)
    {
        routes.Post("/flow_runs/{id:guid}/set_state", async request =>
        {
            SetStateBody body = await request.BodyAsync(WireJson.Default.SetStateBody);
            SetStateOptions options = new()
            {
                Force = body.Force,
                Lease = Lease(request),
                Attempt = AttemptHeader.Of(request.Http.Request) is { } attempt && attempt.FlowRunId == request.Id() ? attempt.Id : null,
                CrashRetries = int.TryParse(request.Http.Request.Headers[HttpTransport.CrashRetriesHeader], NumberStyles.None, CultureInfo.InvariantCulture, out int retries) ? retries : null,
                RenewsConcurrencyLease = ClientAgent.RenewsConcurrencyLease(request.Http.Request.Headers.UserAgent),
            };
            OrchestrationResult result;
            try
            {
                result = await request.Api.SetFlowRunStateAsync(request.Id(), body.State, options, request.Aborted);
            }
            catch (OrchestrationException missing) when (missing.Kind == OrchestrationErrorKind.NotFound)
            {
                return Answer.Exception(404, missing.Message); // Prefect's words come from another place here
            }

            return Answer.CreatedOrOk(result, result.Status is SetStateStatus.Accept or SetStateStatus.Reject && result.State?.Timestamp >= request.Started);
        });
        routes.Get("/flow_run_states/", async request => Guid.TryParse(request.Http.Request.Query["flow_run_id"], CultureInfo.InvariantCulture, out Guid id)
            ? Answer.Ok(await request.Api.ListFlowRunStatesAsync(id, request.Aborted))
            : throw new BodyException([new("uuid_parsing", "query.flow_run_id", "Input should be a valid UUID")]));
    }

    private static TimeSpan? Lease(ApiRequest request)
    {
        string? text = request.Http.Request.Headers[HttpTransport.LeaseHeader];
        return text is null ? null : SluiceRoutes.Lease(double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? seconds : double.NaN, "header." + HttpTransport.LeaseHeader);
    }
}
