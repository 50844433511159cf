using Microsoft.AspNetCore.Http;
using Sluice.Orchestration.Http;
using Sluice.Server.Store;

namespace Sluice.Server.Http;

/// <summary>The header <c>Sluice-Attempt</c>: the flow run for which a program of ours writes, and the claim under which it runs.</summary>
internal static class AttemptHeader
{
    /// <summary>What the request says; null for nothing that can be read.</summary>
    public static (Guid FlowRunId, Guid Id)? Of(HttpRequest request)
    {
        string? text = request.Headers[HttpTransport.AttemptHeader];
        int cut = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        return cut > 0 && Guid.TryParse(text.AsSpan(0, cut), out Guid run) && Guid.TryParse(text.AsSpan(cut + 1), out Guid attempt) ? (run, attempt) : null;
    }

    /// <summary>
    /// Why a writing request is refused: it comes from an attempt that was given up. Proposed states of the run itself are judged by the rules, in
    /// the same transaction.
    /// </summary>
    public static async Task<Answer?> RefuseAsync(HttpContext http, IRunAttempts attempts)
    {
        if (HttpMethods.IsGet(http.Request.Method) || Of(http.Request) is not var (run, attempt)
            || http.Request.Path.Value is { } path && path.EndsWith("/set_state", StringComparison.Ordinal) && path.Contains(run.ToString(), StringComparison.OrdinalIgnoreCase))
            return null;
        return await attempts.HoldsAsync(run, attempt, http.RequestAborted)
            ? null
            : Answer.Problem(StatusCodes.Status409Conflict, $"The server gave this attempt of the flow run {run} up, since it showed no sign of life: nothing more is taken from it.");
    }
}
