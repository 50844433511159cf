using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Server.Http.Live;
using Sluice.Server.Http.OpenApi;
using Sluice.Server.Store;

namespace Sluice.Server.Http;

/// <summary>Binds paths to calls of the API and turns what they throw into answers.</summary>
internal sealed class ApiRoutes(WebApplication app, IOrchestrationApi api, TimeProvider time, Action<string> report)
{
    public const string Prefix = "/api";

    private readonly HashSet<string> _mapped = [];

    public void Get(string pattern, Func<ApiRequest, Task<Answer>> handle) => Map(HttpMethods.Get, pattern, handle);

    public void Post(string pattern, Func<ApiRequest, Task<Answer>> handle) => Map(HttpMethods.Post, pattern, handle);

    public void Put(string pattern, Func<ApiRequest, Task<Answer>> handle) => Map(HttpMethods.Put, pattern, handle);

    public void Patch(string pattern, Func<ApiRequest, Task<Answer>> handle) => Map(HttpMethods.Patch, pattern, handle);

    public void Delete(string pattern, Func<ApiRequest, Task<Answer>> handle) => Map(HttpMethods.Delete, pattern, handle);

    /// <summary>A WebSocket, which looks after its own errors and who it is from.</summary>
    public void Socket(string pattern, Func<HttpContext, Task> handle) => app.MapGet(Prefix + pattern, (RequestDelegate)(async http =>
    {
        try
        {
            await handle(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // nobody listens any more
        }
        catch (Exception error)
        {
            report(string.Create(CultureInfo.InvariantCulture, $"internal error at {http.Request.Path}: {error}"));
            http.Abort();
        }
    })).WithMetadata(SocketEndpoint.Mark);

    /// <summary>
    /// Answers every path of Prefect 3 that has no route with 501 and a sentence, so that whoever reads a client's error knows what it met. Answers all
    /// of Prefect's paths, in the order of its OpenAPI document, and whether they are implemented.
    /// </summary>
    public IReadOnlyList<PrefectPath> MapTheRest()
    {
        List<PrefectPath> paths = [.. PrefectPath.All.Select(path => path with { Implemented = _mapped.Contains(path.Shape) })];
        foreach (PrefectPath path in paths.Where(path => !path.Implemented))
        {
            Answer answer = Answer.Problem(StatusCodes.Status501NotImplemented, $"Sluice's server does not implement {path.Method} {Prefix}{path.Path}.");
            app.MapMethods(Prefix + path.Pattern, [path.Method], (RequestDelegate)answer.WriteAsync);
        }

        return paths;
    }

    /// <summary>Serves the OpenAPI document, where Prefect's clients and tools look for it.</summary>
    /// <param name="write">Writes it; a server that nobody asks for it starts without.</param>
    public void MapDocument(Func<byte[]> write)
    {
        Lazy<Answer> answer = new(() => new Answer(StatusCodes.Status200OK, write()));
        Serve("/openapi.json", HttpMethods.Get, _ => Task.FromResult(answer.Value), null, null);
        Serve(Prefix + "/openapi.json", HttpMethods.Get, _ => Task.FromResult(answer.Value), null, null);
    }

    private void Map(string method, string pattern, Func<ApiRequest, Task<Answer>> handle)
    {
        string shape = PrefectPath.ShapeOf(method, pattern);
        _mapped.Add(shape);
        Serve(Prefix + pattern, method, handle, RouteBodies.Find(shape), RouteAnswers.Find(shape));
    }

    private void Serve(string path, string method, Func<ApiRequest, Task<Answer>> handle, Type? body, RouteAnswer? declared) => app.MapMethods(path, [method], async (HttpContext http) =>
    {
        Answer answer;
        try
        {
            ApiRequest.Declare(http, body);
            answer = (api is IRunAttempts attempts ? await AttemptHeader.RefuseAsync(http, attempts) : null) ?? await handle(new ApiRequest(http, api, time));
            if (declared?.Fits(answer) == false)
            {
                report($"internal error at {http.Request.Method} {http.Request.Path}: declares {declared} and answers {answer.Status} {answer.Of}");
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return; // nobody listens any more
        }
        catch (Exception error) when (http.Response.HasStarted)
        {
            // Half an answer must not look like a whole one.
            report(string.Create(CultureInfo.InvariantCulture, $"internal error at {http.Request.Method} {http.Request.Path}, in the middle of the answer: {(error is OrchestrationException ? error.Message : error)}"));
            http.Abort();
            return;
        }
        catch (Exception error)
        {
            answer = Failed(http, error);
        }

        if (!http.Response.HasStarted)
        {
            await answer.WriteAsync(http);
        }
    });

    /// <summary>What a caller is told of an error; whoever runs the server is told of those that are the server's own.</summary>
    public Answer Failed(HttpContext http, Exception error)
    {
        switch (error)
        {
            case BodyException body:
                return Answer.Invalid(body.Problems, ApiRequest.SentBody(http));
            case BadHttpRequestException request:
                return Answer.Problem(request.StatusCode, request.StatusCode == StatusCodes.Status413PayloadTooLarge ? "The request is too large." : "The request is malformed.");
            case OrchestrationException { Kind: OrchestrationErrorKind.Invalid, Field: { } field } invalid:
                return Answer.Invalid([new("value_error", field, "Value error, " + invalid.Message, ApiRequest.SentAt(http, field), """{"error":{}}""")], ApiRequest.SentBody(http));
            case OrchestrationException { Kind: OrchestrationErrorKind.Unavailable }:
                http.Response.Headers.RetryAfter = "0.2"; // a busy database is free again soon
                return Answer.Problem(StatusCodes.Status503ServiceUnavailable, "The server is busy; try again.");
            case OrchestrationException { Kind: OrchestrationErrorKind.NotFound } missing:
                return Answer.Problem(StatusCodes.Status404NotFound, WithoutId(missing.Message));
            case OrchestrationException { Kind: OrchestrationErrorKind.Storage } broken:
                // Paths are the owner's business.
                report(broken.Message);
                return Answer.Problem(StatusCodes.Status507InsufficientStorage, "The server cannot use its database or its disk; its own log says why.");
            case OrchestrationException known:
                return Answer.Problem(Status(known.Kind), known.Message);
            default:
                report(string.Create(CultureInfo.InvariantCulture, $"internal error at {http.Request.Method} {http.Request.Path}: {error}"));
                return Answer.Exception(StatusCodes.Status500InternalServerError, "Internal Server Error");
        }
    }

    /// <summary>Prefect's words for what is missing name no id: the path does.</summary>
    private static string WithoutId(string message) => message.LastIndexOf(": ", StringComparison.Ordinal) is > 0 and var at && Guid.TryParse(message.AsSpan(at + 2).TrimEnd('.'), out _)
        ? message[..at] : message;

    private static int Status(OrchestrationErrorKind kind) => kind switch
    {
        OrchestrationErrorKind.NotFound => StatusCodes.Status404NotFound,
        OrchestrationErrorKind.Conflict => StatusCodes.Status409Conflict,
        OrchestrationErrorKind.Invalid => StatusCodes.Status422UnprocessableEntity,
        OrchestrationErrorKind.Unauthorized => StatusCodes.Status401Unauthorized,
        OrchestrationErrorKind.Forbidden => StatusCodes.Status403Forbidden,
        OrchestrationErrorKind.Storage => StatusCodes.Status507InsufficientStorage,
        OrchestrationErrorKind.Unsupported => StatusCodes.Status501NotImplemented,
        _ => StatusCodes.Status503ServiceUnavailable,
    };
}
