using Microsoft.AspNetCore.Http;
using Sluice.Server.Store;

namespace Sluice.Server.Http;

/// <summary>
/// Prefect's protection of writes against pages of other sites: what changes something needs a token that only a client which reads answers can have.
/// Off unless <see cref="ApiHostOptions.CsrfProtection"/> says otherwise; then the token route tells so in Prefect's words, which its clients know.
/// </summary>
internal sealed class CsrfGate(EmbeddedStore store, ApiRoutes routes)
{
    public const string TokenHeader = "Prefect-Csrf-Token";
    public const string ClientHeader = "Prefect-Csrf-Client";
    private const int LongestClient = 255;

    /// <summary>The route that gives tokens; without protection it says that there is none.</summary>
    public static void Map(ApiRoutes routes, EmbeddedStore? store) => routes.Get("/csrf-token", async request =>
    {
        if (store is null)
        {
            return Answer.Problem(StatusCodes.Status422UnprocessableEntity, "CSRF protection is disabled.");
        }

        string? client = request.Http.Request.Query["client"];
        if (client is null)
        {
            throw new BodyException([new("missing", "query.client", "Field required")]);
        }

        return client.Length is > 0 and <= LongestClient
            ? Answer.Ok(await store.Write(scope => CsrfTokens.Create(scope, client), request.Aborted))
            : throw new BodyException([new("string_too_long", "query.client", $"String should have 1 to {LongestClient} characters")]);
    });

    public async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        Answer? refusal = null;
        try
        {
            refusal = IsWrite(http.Request.Method) ? await RefusalAsync(http) : null;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return; // nobody listens any more
        }
        catch (Exception error)
        {
            refusal = routes.Failed(http, error);
        }

        await (refusal is { } answer ? answer.WriteAsync(http) : next(http));
    }

    private async Task<Answer?> RefusalAsync(HttpContext http)
    {
        string? token = http.Request.Headers[TokenHeader], client = http.Request.Headers[ClientHeader];
        string? refusal = token is null ? "Missing CSRF token."
            : client is null ? "Missing client identifier."
            : await store.Read(scope => CsrfTokens.IsValid(scope, client, token), http.RequestAborted) ? null : "Invalid CSRF token or client identifier.";
        return refusal is null ? null : Answer.Problem(StatusCodes.Status403Forbidden, refusal);
    }

    private static bool IsWrite(string method) => HttpMethods.IsPost(method) || HttpMethods.IsPut(method) || HttpMethods.IsPatch(method) || HttpMethods.IsDelete(method);
}
