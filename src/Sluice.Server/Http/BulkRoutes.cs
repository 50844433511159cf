using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;

namespace Sluice.Server.Http;

/// <summary>Prefect's routes that do one thing to many objects.</summary>
internal static class BulkRoutes
{
    /// <summary>Prefect's bounds.</summary>
    private const int MostChanged = 50;
    private const int MostCreated = 100;

    private static ServerJson Json => ServerJson.Default;

    public static void Map(ApiRoutes routes)
    {
        MapDeletes(routes);
        routes.Post("/flow_runs/bulk_set_state", async request =>
        {
            BulkSetState body = await request.BodyAsync(Json.BulkSetState);
            List<BulkStateSet> results = [];
            foreach (FlowRun run in await request.Api.ListFlowRunsAsync(new() { FlowRuns = body.FlowRuns, Limit = Limit(body.Limit) }, request.Aborted))
            {
                try
                {
                    OrchestrationResult result = await request.Api.SetFlowRunStateAsync(run.Id, body.State, new() { Force = body.Force ?? false }, request.Aborted);
                    results.Add(new() { FlowRunId = run.Id, Status = result.Status, State = result.State, Details = result.Details });
                }
                catch (OrchestrationException gone) when (gone.Kind == OrchestrationErrorKind.NotFound)
                {
                    // Deleted since it was listed.
                }
            }

            return Answer.Ok(new BulkStatesSet { Results = results });
        });
        routes.Post("/deployments/{id:guid}/create_flow_run/bulk", CreateRunsAsync);
    }

    private static void MapDeletes(ApiRoutes routes)
    {
        routes.Post("/flows/bulk_delete", async request =>
        {
            BulkDelete body = await request.BodyAsync(Json.BulkDelete);
            var found = await request.Api.ListFlowsAsync(new() { Flows = body.Flows, Limit = Limit(body.Limit) }, request.Aborted);
            return await DeleteAsync(found.Select(flow => flow.Id), id => request.Api.DeleteFlowAsync(id, request.Aborted));
        });
        routes.Post("/deployments/bulk_delete", async request =>
        {
            BulkDelete body = await request.BodyAsync(Json.BulkDelete);
            var found = await request.Api.ListDeploymentsAsync(new() { Deployments = body.Deployments, Limit = Limit(body.Limit) }, request.Aborted);
            return await DeleteAsync(found.Select(deployment => deployment.Id), id => request.Api.DeleteDeploymentAsync(id, request.Aborted));
        });
        routes.Post("/flow_runs/bulk_delete", async request =>
        {
            BulkDelete body = await request.BodyAsync(Json.BulkDelete);
            var found = await request.Api.ListFlowRunsAsync(new() { FlowRuns = body.FlowRuns, Limit = Limit(body.Limit) }, request.Aborted);
            return await DeleteAsync(found.Select(run => run.Id), id => request.Api.DeleteFlowRunAsync(id, request.Aborted));
        });
    }

    private static async Task<Answer> DeleteAsync(IEnumerable<Guid> ids, Func<Guid, Task<bool>> delete)
    {
        List<Guid> deleted = [];
        foreach (Guid id in ids)
        {
            if (await delete(id))
            {
                deleted.Add(id);
            }
        }

        return Answer.Ok(new BulkDeleted { Deleted = deleted });
    }

    /// <summary>One bad run fails by itself.</summary>
    private static async Task<Answer> CreateRunsAsync(ApiRequest request)
    {
        IReadOnlyList<DeploymentRunCreate> bodies = await request.BodyAsync(Json.IReadOnlyListDeploymentRunCreate);
        if (bodies.Count > MostCreated)
        {
            throw new BodyException([new("too_long", "body", $"List should have at most {MostCreated} items after validation, not {bodies.Count}")]);
        }

        if (await request.Api.ReadDeploymentAsync(request.Id(), request.Aborted) is null)
        {
            return Answer.Problem(StatusCodes.Status404NotFound, "Deployment not found");
        }

        List<BulkRunCreated> results = [];
        string? broken = null;
        foreach (DeploymentRunCreate body in bodies)
        {
            if (broken is not null)
            {
                results.Add(new() { Status = "FAILED", Error = broken });
                continue;
            }

            try
            {
                results.Add(new() { FlowRunId = (await request.Api.CreateDeploymentRunAsync(request.Id(), body, request.Aborted)).Id, Status = "CREATED" });
            }
            // Once runs are made, an error of the whole request would hide them, and a client that repeats it would make them twice.
            catch (OrchestrationException refused) when (results.Exists(made => made.FlowRunId is not null) || refused.Kind is OrchestrationErrorKind.Invalid or OrchestrationErrorKind.Conflict)
            {
                // A busy or full database refuses the rest, too; where it lies is the owner's business.
                broken = refused.Kind is OrchestrationErrorKind.Unavailable or OrchestrationErrorKind.Storage ? "The server cannot use its database now; try again." : null;
                results.Add(new() { Status = "FAILED", Error = broken ?? refused.Message });
            }
        }

        return Answer.Ok(new BulkRunsCreated { Results = results });
    }

    private static int Limit(int? limit) => limit switch
    {
        null => MostChanged,
        < 1 => throw new BodyException([new("greater_than_equal", "body.limit", "Input should be greater than or equal to 1", Context: """{"ge":1}""")]),
        > MostChanged => throw new BodyException([new("less_than_equal", "body.limit", $"Input should be less than or equal to {MostChanged}", Context: $$"""{"le":{{MostChanged}}}""")]),
        _ => limit.Value,
    };
}
