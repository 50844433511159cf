using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Orchestration.Json;

namespace Sluice.Server.Http;

/// <summary>The probes that Prefect's clients send, and Sluice's own extensions.</summary>
internal static class SluiceRoutes
{
    /// <summary>The Prefect whose API this is: Prefect's Python client refuses a server of another major version.</summary>
    public const string PrefectVersion = "3.8.3";

    private const double LongestLeaseSeconds = 24 * 60 * 60;

    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(60);

    public static void MapProbes(ApiRoutes routes)
    {
        routes.Get("/health", _ => Task.FromResult(Answer.Ok(true)));
        routes.Get("/ready", _ => Task.FromResult(new Answer(StatusCodes.Status200OK, """{"message":"OK"}"""u8.ToArray())));
        routes.Get("/hello", _ => Task.FromResult(Answer.Ok("👋")));
        routes.Get("/version", _ => Task.FromResult(Answer.Ok(HttpTransport.ApiVersion)));
        routes.Get("/admin/version", _ => Task.FromResult(Answer.Ok(PrefectVersion)));
        routes.Get("/admin/storage", _ => Task.FromResult(new Answer(StatusCodes.Status200OK, """{"default_result_storage_block_id":null}"""u8.ToArray())));
    }

    public static void MapExtensions(ApiRoutes routes, ResultStore? results, CancellationToken stopping)
    {
        routes.Get("/sluice/info", async request => Answer.Ok(await request.Api.GetInfoAsync(request.Aborted)));
        routes.Post("/sluice/apply", ApplyAsync);
        routes.Get("/sluice/changes", request => WaitAsync(request, stopping));
        routes.Post("/sluice/leases/renew", async request =>
        {
            LeaseRenewal renewal = await request.BodyAsync(WireJson.Default.LeaseRenewal);
            List<RunLease> runs = [.. renewal.FlowRunIds.Select(id => new RunLease(id, renewal.Attempts?.TryGetValue(id, out Guid attempt) == true ? attempt : null))];
            await request.Api.RenewLeasesAsync(runs, Lease(renewal.LeaseSeconds, "body.lease_seconds"), request.Aborted);
            return Answer.NoContent;
        });
        if (results is not null)
        {
            routes.Put("/sluice/results/{id:guid}", results.PutAsync);
            routes.Get("/sluice/results/{id:guid}", results.GetAsync);
        }
    }

    /// <summary>A lease of that many seconds.</summary>
    /// <exception cref="BodyException">That is no length for a lease.</exception>
    public static TimeSpan Lease(double seconds, string place) => seconds is > 0 and <= LongestLeaseSeconds
        ? TimeSpan.FromSeconds(seconds)
        : throw new BodyException([new("value_error", place, "Value error, a lease takes more than 0 and at most 86400 seconds")]);

    private static async Task<Answer> ApplyAsync(ApiRequest request)
    {
        // Before it is read: a program of another version may mean something else by the same words, or say what is not known here.
        if (int.TryParse(request.Http.Request.Headers[HttpTransport.ApplyHeader], NumberStyles.None, CultureInfo.InvariantCulture, out int format) && format != HttpTransport.ApplyFormat)
            throw OfFormat(format);
        try
        {
            return Answer.Ok(await request.Api.ApplyAsync(await request.BodyAsync(OrchestrationJson.Default.DeploymentChanges), request.Aborted));
        }
        catch (BodyException) when (ApiRequest.SentBody(request.Http).StartsWith('['))
        {
            throw OfFormat(1);
        }
    }

    private static OrchestrationException OfFormat(int format) => new(OrchestrationErrorKind.Invalid, string.Create(
        CultureInfo.InvariantCulture,
        $"This server is {(format > HttpTransport.ApplyFormat ? "older" : "newer")} than the program that asks: it applies changes of format {HttpTransport.ApplyFormat}, and the program sent format {format}. Update the {(format > HttpTransport.ApplyFormat ? "server" : "program's Sluice")}; nothing was changed."))
    {
        Field = "body",
    };

    private static async Task<Answer> WaitAsync(ApiRequest request, CancellationToken stopping)
    {
        long after = request.Query<long>("after");
        TimeSpan timeout = TimeSpan.FromSeconds(Math.Clamp(request.Query<double>("timeout"), 0, LongestPoll.TotalSeconds));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping);
        try
        {
            return Answer.Ok(new ChangeAnswer { Change = await request.Api.WaitForChangeAsync(after, timeout, ended.Token) });
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return Answer.Problem(StatusCodes.Status503ServiceUnavailable, "The server is stopping.");
        }
    }
}
