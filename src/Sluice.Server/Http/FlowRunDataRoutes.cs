using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Server.Store;

namespace Sluice.Server.Http;

/// <summary>What Prefect's clients ask about flow runs beside the runs themselves: inputs, history, graphs, logs as a file.</summary>
internal static class FlowRunDataRoutes
{
    private const string MissingInput = "Flow run input not found";

    public static void Map(ApiRoutes routes, EmbeddedStore store)
    {
        routes.Post("/flow_runs/history", async request =>
        {
            HistoryQuery query = await request.BodyAsync(ServerJson.Default.HistoryQuery);
            return Answer.Ok<IReadOnlyList<HistoryInterval>>(await store.Read(scope => RunHistory.OfFlowRuns(scope, query), request.Aborted));
        });
        routes.Post("/flow_runs/lateness", async request =>
        {
            FlowRunsQuery query = await request.BodyAsync(OrchestrationJson.Default.FlowRunsQuery);
            return await store.Read(scope => RunHistory.AverageLateness(scope, query), request.Aborted) is { } seconds ? Answer.Ok(seconds) : Answer.Null;
        });
        routes.Get("/flow_runs/{id:guid}/graph-v2", async request =>
        {
            string? since = request.Http.Request.Query["since"];
            if (since is not null && !UtcTimeConverter.TryParse(since, out _))
            {
                throw new BodyException([new("datetime_parsing", "query.since", "Input should be a valid datetime")]);
            }

            DateTimeOffset after = since is not null && UtcTimeConverter.TryParse(since, out DateTimeOffset time) ? time : DateTimeOffset.MinValue;
            return Answer.Ok(await store.Read(scope => RunGraph.Of(scope, request.Id(), after), request.Aborted));
        });
        routes.Post("/flow_runs/{id:guid}/resume", async request =>
        {
            ResumeBody body = await request.BodyAsync(ServerJson.Default.ResumeBody);
            OrchestrationResult result = await store.Write(scope => RunResume.Resume(scope, request.Id(), body), request.Aborted);
            return Answer.CreatedOrOk(result, result.State?.Timestamp >= request.Started);
        });
        routes.Get("/flow_runs/{id:guid}/logs/download", request => DownloadLogsAsync(request, store));
        MapInputs(routes, store);
    }

    private static void MapInputs(ApiRoutes routes, EmbeddedStore store)
    {
        routes.Post("/flow_runs/{id:guid}/input", async request =>
        {
            FlowRunInputCreate input = await request.BodyAsync(ServerJson.Default.FlowRunInputCreate);
            await store.Write(scope => FlowRunInputs.Create(scope, request.Id(), input), request.Aborted);
            return Answer.Null with { Status = StatusCodes.Status201Created };
        });
        routes.Post("/flow_runs/{id:guid}/input/filter", async request =>
        {
            FlowRunInputsQuery query = await request.BodyAsync(ServerJson.Default.FlowRunInputsQuery);
            return Answer.Ok<IReadOnlyList<FlowRunInput>>(await store.Read(scope => FlowRunInputs.List(scope, request.Id(), query), request.Aborted));
        });
        routes.Get("/flow_runs/{id:guid}/input/{key}", async request =>
        {
            if (await store.Read(scope => FlowRunInputs.Find(scope, request.Id(), request.Name("key")), request.Aborted) is not { } input)
            {
                return Answer.Problem(StatusCodes.Status404NotFound, MissingInput);
            }

            request.Http.Response.ContentType = "text/plain; charset=utf-8";
            await request.Http.Response.StartAsync(request.Aborted);
            await request.Http.Response.WriteAsync(input.Value, request.Aborted);
            return Answer.NoContent; // the answer has begun
        });
        routes.Delete("/flow_runs/{id:guid}/input/{key}", async request => Answer.DeletedOrMissing(
            await store.Write(scope => FlowRunInputs.Delete(scope, request.Id(), request.Name("key")), request.Aborted), MissingInput));
    }

    /// <summary>All logs of a run as CSV, page by page, so that a run of any length is answered from little memory.</summary>
    private static async Task<Answer> DownloadLogsAsync(ApiRequest request, EmbeddedStore store)
    {
        if (await request.Api.ReadFlowRunAsync(request.Id(), request.Aborted) is not { } run)
        {
            return Answer.Problem(StatusCodes.Status404NotFound, "Flow run not found");
        }

        HttpResponse response = request.Http.Response;
        response.ContentType = "text/csv; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"flow-run-logs.csv\"; filename*=UTF-8''{Uri.EscapeDataString(run.Name + "-logs.csv")}";
        StringBuilder page = new("timestamp,level,flow_run_id,task_run_id,message\r\n");
        DateTimeOffset time = DateTimeOffset.MinValue;
        long seq = 0;
        while (true)
        {
            // From place to place: with an offset, a log that comes late would shift what follows.
            List<(long Seq, Log Log)> logs = await store.Read(scope => Logs.OfRun(scope, run.Id, time, seq, Paging.MaxLimit), request.Aborted);
            foreach ((long at, Log log) in logs)
            {
                (time, seq) = (log.Timestamp, at);
                page.Append(CultureInfo.InvariantCulture, $"{log.Timestamp.UtcDateTime:yyyy-MM-dd HH:mm:ss.ffffff}+00:00,{log.Level},{log.FlowRunId},{log.TaskRunId},{Cell(log.Message)}\r\n");
            }

            await response.WriteAsync(page.ToString(), request.Aborted);
            page.Clear();
            if (logs.Count < Paging.MaxLimit)
            {
                return Answer.NoContent; // the answer has begun
            }
        }
    }

    private static string Cell(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
